"""How rows, labels and texts are named in sentences for people."""

import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

EXCERPT_CHARACTERS: Final = 60
ROWS_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows as people find them: `unit` is "example" (counted from 1 in a list) or "line" (of the file)."""

    unit: str

    def one(self, number: int) -> str:
        return f"{self.unit} {number}"

    def some(self, numbers: Sequence[int], total: int | None = None) -> str:
        """The first few of `numbers`; `total` is how many there are when `numbers` does not hold them all."""
        total = len(numbers) if total is None else total
        shown = [str(number) for number in numbers[:ROWS_NAMED]]
        return f"{self.unit}{'' if total == 1 else 's'} {listed(shown, total)}"


def listed(shown: Iterable[str], total: int) -> str:
    """`a, b and c`, or `a, b, c and 4 more` when there are more than are shown."""
    names = list(shown)
    more = total - len(names)
    if more > 0:
        return f"{', '.join(names)} and {more:,} more"
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def first_listed(names: Iterable[str], total: int, shown: int = 10) -> str:
    return listed(islice(names, shown), total)


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def sentence(words: str) -> str:
    """`words` with a capital and a full stop."""
    return f"{words[:1].upper()}{words[1:]}{'' if words.endswith('.') else '.'}"


def quoted(value: object) -> str:
    """A JSON value as it was written, shortened, with nothing in it that a terminal would obey."""
    if isinstance(value, str):
        short = value if len(value) <= EXCERPT_CHARACTERS else f"{value[:EXCERPT_CHARACTERS]}…"
        return "".join(map(_visible, json.dumps(short, ensure_ascii=False)))
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    written = json.dumps(value)
    return written if len(written) <= EXCERPT_CHARACTERS else f"{written[:EXCERPT_CHARACTERS]}…"


def code_point(character: str) -> str:
    return f"U+{ord(character):04X}"


def _visible(character: str) -> str:
    shows = character.isprintable() or unicodedata.category(character) == "Zs"
    return character if shows else json.dumps(character)[1:-1]
