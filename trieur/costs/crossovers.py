"""For which load another way becomes the cheapest."""

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from trieur.costs.tariff import Way

LEAST: Final = 1.0
MOST: Final = 1e9


@dataclass(frozen=True)
class Crossover:
    """From `questions` a month on, `after` is the cheapest way; up to there `before` was. Keys of ways."""

    questions: float
    before: str
    after: str


def cheapest(ways: Sequence[Way], questions: float) -> Way | None:
    """The way that costs least, the first of equals; None where none can answer so many."""
    best = min(ways, key=lambda way: way.usd(questions), default=None)
    return best if best is not None and math.isfinite(best.usd(questions)) else None


def crossovers(ways: Sequence[Way], least: float = LEAST, most: float = MOST) -> Iterator[Crossover]:
    """Where the cheapest way changes, from the smallest load to the largest.

    Between two bends every cost is a straight line, so where two of them meet is solved, not searched.
    """
    previous: Way | None = None
    bends = sorted({least, most, *(bend for way in ways for bend in way.bends(most) if bend > least)})
    for start, end in itertools.pairwise(bends):
        for questions, way in _envelope(ways, start, end):
            if previous is not None and way.key != previous.key:
                yield Crossover(questions, previous.key, way.key)
            previous = way


def _envelope(ways: Sequence[Way], start: float, end: float) -> Iterator[tuple[float, Way]]:
    """The cheapest ways of an interval without bends, each with where it begins to be."""
    lines = [line for way in ways if (line := _line(way, start, end)) is not None]
    if not lines:
        return
    at = start
    current = min(lines, key=lambda line: (line.at(start), line.slope))
    yield at, current.way
    while True:
        meetings = [
            ((line.base - current.base) / (current.slope - line.slope), line)
            for line in lines
            if line.slope < current.slope
        ]
        ahead = [(where, line) for where, line in meetings if at <= where < end]
        if not ahead:
            return
        at, current = min(ahead, key=lambda meeting: (meeting[0], meeting[1].slope))
        yield at, current.way


@dataclass(frozen=True)
class _Line:
    way: Way
    base: float
    slope: float

    def at(self, questions: float) -> float:
        return self.base + self.slope * questions


def _line(way: Way, start: float, end: float) -> _Line | None:
    """The cost within the interval; None where the way cannot answer so many."""
    middle = (start + end) / 2
    if not math.isfinite(way.usd(middle)):
        return None
    slope = sum(part.per_question for part in way.parts)
    return _Line(way, way.usd(middle) - slope * middle, slope)
