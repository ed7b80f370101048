"""What every format answers with."""

from collections.abc import Iterator
from typing import Protocol

from trieur.dataset.model import DatasetRefused
from trieur.dataset.wording import ROWS_NAMED, Rows, counted, sentence

RawExample = tuple[int, object, object]
"""Row number, text and label as they were found: a list where the format can give a text several labels."""


class Format(Protocol):
    """Examples in one of the formats a dataset can come in."""

    @property
    def name(self) -> str: ...

    @property
    def rows(self) -> Rows: ...

    @property
    def several(self) -> bool:
        """Whether the format itself says that its texts may have several labels; known with the first example."""

    def examples(self) -> Iterator[RawExample]:
        """Every example, in the order of the file. Raises DatasetRefused."""

    def warnings(self) -> list[str]:
        """Sentences for people, complete once the examples are read."""


class LeftOut:
    """Rows that hold no example, by reason: counted, the first ones named."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._counts: dict[str, int] = {}
        self._first: dict[str, list[int]] = {}

    def add(self, reason: str, number: int) -> None:
        self._counts[reason] = self._counts.get(reason, 0) + 1
        first = self._first.setdefault(reason, [])
        if len(first) < ROWS_NAMED:
            first.append(number)

    def warnings(self) -> list[str]:
        return [
            f"{counted(count, 'row')} left out ({reason}): {self._rows.some(self._first[reason], count)}."
            for reason, count in self._counts.items()
        ]


def refusal(rows: Rows, number: int, words: str) -> DatasetRefused:
    """The refusal of one row: `words` follow its name."""
    return DatasetRefused(sentence(f"{rows.one(number)} {words}"))
