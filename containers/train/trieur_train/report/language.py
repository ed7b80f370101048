"""Words and numbers as one language writes them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from trieur_train.report.texts import MONTHS, NOUNS, TEXTS

ENGLISH, FRENCH = "en", "fr"
LANGUAGES = (ENGLISH, FRENCH)

NO_BREAK = "\u00a0"
NARROW_NO_BREAK = "\u202f"
MOST_NAMES = 6
"""In one sentence."""
LONGEST_LABEL = 100
"""In characters; what is longer is cut wherever it is shown."""
# What is quoted may run from right to left; the sentence around it must not follow.
ISOLATE, END_ISOLATE = "\u2068", "\u2069"


@dataclass(frozen=True)
class Words:
    """What the report says, in `language`."""

    language: str

    @property
    def french(self) -> bool:
        return self.language == FRENCH

    def text(self, key: str, **values: object) -> str:
        """The text `key` of the catalogue with `values` filled in. Raises KeyError when there is none."""
        text: str = getattr(TEXTS[key], self.language)
        return (_french_spaces(text) if self.french else text).format(**values)

    def count(self, noun: str, number: int) -> str:
        """A number of things: `1 example`, `2 500 exemples`."""
        one, several = getattr(NOUNS[noun], self.language)
        single = number < 2 if self.french else number == 1
        return f"{self.number(number)}{NO_BREAK}{one if single else several}"

    def number(self, value: int) -> str:
        return f"{value:,}".replace(",", NARROW_NO_BREAK if self.french else ",")

    def decimal(self, value: float, digits: int = 1) -> str:
        text = f"{value:,.{digits}f}"
        return text.replace(",", NARROW_NO_BREAK).replace(".", ",") if self.french else text

    def percent(self, share: float, digits: int = 1) -> str:
        return self.decimal(100 * share, digits) + self._percent_sign

    def interval(self, bounds: Sequence[float]) -> str:
        """Two shares as one range of percents."""
        low, high = (self.decimal(100 * bound) for bound in bounds)
        return f"{low}–{high}{self._percent_sign}"

    def points(self, share: float) -> str:
        """A share, or a difference of two, in percentage points."""
        value = round(100 * share, 1)
        single = value < 2 if self.french else value == 1
        return f"{self.decimal(value)} {'point' if single else 'points'}"

    def difference(self, share: float) -> str:
        """A difference of two shares in percentage points, with its sign."""
        sign = "±" if round(share, 3) == 0 else "+" if share > 0 else "−"
        return f"{sign}{self.points(abs(share))}"

    def p_value(self, value: float) -> str:
        least = 0.001
        if value < least:
            return f"p{NO_BREAK}<{NO_BREAK}{self.decimal(least, 3)}"
        return f"p{NO_BREAK}={NO_BREAK}{self.decimal(value, 3 if value < 0.1 else 2)}"

    def duration(self, seconds: float) -> str:
        """Seconds as a person would say them, to two units."""
        if seconds < 10:
            return f"{self.decimal(seconds)}{NO_BREAK}s"
        whole = round(seconds)
        if whole < 60:
            return f"{whole}{NO_BREAK}s"
        if whole < 3600:
            return f"{whole // 60}{NO_BREAK}min {whole % 60:02}{NO_BREAK}s"
        return f"{self.number(whole // 3600)}{NO_BREAK}h {whole // 60 % 60:02}{NO_BREAK}min"

    def megabytes(self, size: int) -> str:
        return f"{self.decimal(size / 1e6)}{NO_BREAK}{'Mo' if self.french else 'MB'}"

    def dollars(self, amount: float) -> str:
        """US dollars: to the cent, or to two digits that count where that would be nothing."""
        digits = 2 if amount >= 0.1 or amount == 0 else 1 - math.floor(math.log10(amount))
        return self._dollars(amount, digits)

    def dollars_an_hour(self, price: float) -> str:
        """US dollars with as many digits as the price has, from two to four."""
        return self._dollars(price, next((digits for digits in (2, 3) if round(price, digits) == price), 4))

    def month(self, year_and_month: str) -> str:
        """`2026-11` in words."""
        year, month = year_and_month.split("-")
        return f"{getattr(MONTHS[int(month) - 1], self.language)} {year}"

    def quoted(self, text: str) -> str:
        """Somebody else's words inside a sentence."""
        isolated = f"{ISOLATE}{shortened(text, LONGEST_LABEL)}{END_ISOLATE}"
        return f"«{NO_BREAK}{isolated}{NO_BREAK}»" if self.french else f"“{isolated}”"

    def names(self, names: Sequence[str], of: int) -> str:
        """Quoted names after each other, at most MOST_NAMES; `of` is how many there are in all."""
        listed = ", ".join(self.quoted(name) for name in names[:MOST_NAMES])
        more = of - min(len(names), MOST_NAMES)
        return self.text("list.more", names=listed, more=self.number(more)) if more else listed

    def _dollars(self, amount: float, digits: int) -> str:
        text = self.decimal(amount, digits)
        return f"{text}{NO_BREAK}$US" if self.french else f"${text}"

    @property
    def _percent_sign(self) -> str:
        return f"{NO_BREAK}%" if self.french else "%"


def first_language(asked: str) -> str:
    """The language shown first for a classifier of the language `asked`."""
    return FRENCH if asked.partition("-")[0] == FRENCH else ENGLISH


def shortened(text: str, most: int) -> str:
    """`text`, of at most `most` characters and an ellipsis."""
    return text if len(text) <= most else f"{text[:most].rstrip()}…"


def _french_spaces(text: str) -> str:
    """French puts a space before double punctuation, at which no line may break."""
    for mark in ":;?!%»":
        text = text.replace(f" {mark}", f"{NO_BREAK}{mark}")
    return text.replace("« ", f"«{NO_BREAK}")
