"""Words, numbers and dates as one language writes them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from trieur.console.texts import TEXTS

Language = Literal["en", "fr"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "fr")

NO_BREAK: Final = "\u00a0"
NARROW_NO_BREAK: Final = "\u202f"


@dataclass(frozen=True)
class Words:
    """What the console says, in `language`."""

    language: Language

    def text(self, key: str, **values: object) -> str:
        """The text `key` of the catalogue with `values` filled in. Raises KeyError when there is none."""
        text = TEXTS[self.language][key]
        return (_french_spaces(text) if self.language == "fr" else text).format(**values)

    def count(self, noun: str, number: int) -> str:
        """A number of things: `1 example`, `2 500 exemples`."""
        single = number < 2 if self.language == "fr" else number == 1
        name = self.text(f"{noun}.one" if single else f"{noun}.several")
        return f"{self.number(number)}{NO_BREAK}{name}"

    def number(self, value: int) -> str:
        return f"{value:,}".replace(",", NARROW_NO_BREAK if self.language == "fr" else ",")

    def decimal(self, value: float, digits: int = 1) -> str:
        text = f"{value:,.{digits}f}"
        return text.replace(",", NARROW_NO_BREAK).replace(".", ",") if self.language == "fr" else text

    def percent(self, share: float, digits: int = 1) -> str:
        return self.decimal(100 * share, digits) + (f"{NO_BREAK}%" if self.language == "fr" else "%")

    def milliseconds(self, seconds: float) -> str:
        return f"{self.number(round(1000 * seconds))}{NO_BREAK}ms"

    def duration(self, seconds: float) -> str:
        """Seconds as a person would say them, to two units."""
        whole = max(0, round(seconds))
        if whole < 60:
            return f"{whole}{NO_BREAK}s"
        if whole < 3600:
            return f"{whole // 60}{NO_BREAK}min {whole % 60:02}{NO_BREAK}s"
        return f"{self.number(whole // 3600)}{NO_BREAK}h {whole // 60 % 60:02}{NO_BREAK}min"

    def size(self, count: int) -> str:
        """A number of bytes."""
        units = ("o", "ko", "Mo", "Go") if self.language == "fr" else ("B", "kB", "MB", "GB")
        if count < 1000:
            return f"{count}{NO_BREAK}{units[0]}"
        power = min((len(str(count)) - 1) // 3, len(units) - 1)
        return f"{self.decimal(count / 1000**power)}{NO_BREAK}{units[power]}"

    def dollars(self, amount: float, digits: int = 2) -> str:
        """US dollars."""
        text = self.decimal(amount, digits)
        return f"{text}{NO_BREAK}$US" if self.language == "fr" else f"${text}"

    def moment(self, when: datetime) -> str:
        """Day and time on this machine's clock."""
        local = when.astimezone()
        month = self.text(f"month.{local.month}")
        day = f"{local.day} {month}" if self.language == "fr" else f"{month} {local.day}"
        return f"{day}, {local:%H:%M}".replace(" ", NO_BREAK, 1)


def negotiated(accept_language: str) -> Language:
    """The language that a browser's Accept-Language likes best of those there are; English where it likes none."""
    best: tuple[float, Language] = (0.0, "en")
    for part in accept_language.split(","):
        tag, _, quality = part.strip().partition(";q=")
        language = tag.split("-")[0].lower()
        try:
            weight = float(quality or 1)
        except ValueError:
            continue
        for known in LANGUAGES:
            if language == known and weight > best[0]:
                best = (weight, known)
    return best[1]


def _french_spaces(text: str) -> str:
    """French puts a space before double punctuation, at which no line may break."""
    for mark in ":;?!%»":
        text = text.replace(f" {mark}", f"{NO_BREAK}{mark}")
    return text.replace("« ", f"«{NO_BREAK}")
