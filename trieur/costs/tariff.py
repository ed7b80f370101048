"""What a month costs as a function of how many questions are asked: straight lines with steps."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from trieur.costs.wording import Text

# Rounding must not start another instance for the last question that the others can answer.
_SLACK = 1e-9


@dataclass(frozen=True)
class Part:
    """What is paid for one reason: `fixed`, `per_question`, and `per_step` for every `capacity` questions begun, at
    least once. US dollars a month; `detail` is the sum for the load it was made for."""

    name: Text
    detail: Text
    fixed: float = 0.0
    per_question: float = 0.0
    per_step: float = 0.0
    capacity: float = math.inf
    is_shared: bool = False
    """Whether every way of the backend has it."""

    def usd(self, questions: float) -> float:
        stepped = self.per_step * steps(questions, self.capacity) if self.per_step else 0.0
        return self.fixed + self.per_question * questions + stepped


@dataclass(frozen=True)
class Way:
    """One way to serve a classifier. `most` is the number of questions a month beyond which it cannot."""

    key: str
    title: Text
    backend: str
    at_once: bool
    """Whether a question is answered when it is asked, rather than in bulk."""
    parts: tuple[Part, ...]
    most: float = math.inf
    notes: tuple[Text, ...] = ()

    def usd(self, questions: float) -> float:
        """US dollars a month; infinite where it cannot answer so many."""
        if questions > self.most * (1 + _SLACK):
            return math.inf
        return sum(part.usd(questions) for part in self.parts)

    def bends(self, up_to: float) -> Iterator[float]:
        """The numbers of questions after which the cost jumps, and that where the way ends, below `up_to`."""
        for part in self.parts:
            if part.per_step and part.capacity < up_to:
                last = math.floor(min(up_to, self.most) / part.capacity)
                yield from (number * part.capacity for number in range(1, last + 1))
        if self.most < up_to:
            yield self.most


def steps(questions: float, capacity: float) -> int:
    """How many instances or units are needed."""
    return max(1, math.ceil(questions / capacity - _SLACK))
