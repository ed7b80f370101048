"""Sentences and numbers in the two languages that pages have."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Language = Literal["en", "fr"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "fr")

# Groups of digits, and the mark before decimals. French groups with a narrow space that does not break.
_MARKS: Final[Mapping[Language, tuple[str, str]]] = {"en": (",", "."), "fr": ("\u202f", ",")}
_SIGNIFICANT: Final = 3


@dataclass(frozen=True)
class Text:
    """One wording in each language."""

    en: str
    fr: str

    def of(self, language: Language) -> str:
        return self.en if language == "en" else self.fr


def both(en: str, fr: str, **numbers: float | str) -> Text:
    """The templates (`str.format`) with `numbers` written as each language does; what is text already stays."""

    def written(language: Language) -> dict[str, str]:
        return {name: value if isinstance(value, str) else number(value, language) for name, value in numbers.items()}

    return Text(en.format(**written("en")), fr.format(**written("fr")))


def number(value: float, language: Language = "en") -> str:
    """The number with three significant digits, or as many as it has before its decimals."""
    if value == round(value):
        return _marked(f"{value:,.0f}", language)
    decimals = max(0, _SIGNIFICANT - 1 - math.floor(math.log10(abs(value))))
    return _marked(f"{value:,.{decimals}f}".rstrip("0").rstrip(".") if decimals else f"{value:,.0f}", language)


def money(value: float, language: Language = "en") -> str:
    """The amount with two decimals; below a cent, what little it is."""
    if 0 < value < 0.005:
        return Text("< 0.01", "< 0,01").of(language)
    return _marked(f"{value:,.2f}", language)


def duration(seconds: float) -> Text:
    """The time in seconds, minutes or hours, whichever reads best."""
    if seconds < 60:
        return both("{n} s", "{n} s", n=seconds)
    if seconds < 7200:
        return both("{n} min", "{n} min", n=seconds / 60)
    return both("{n} h", "{n} h", n=seconds / 3600)


def _marked(written: str, language: Language) -> str:
    groups, decimals = _MARKS[language]
    return written.translate({ord(","): groups, ord("."): decimals})
