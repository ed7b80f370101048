"""Whether one backend is better than the other on the same examples, or was only luckier."""

import math
from dataclasses import dataclass
from typing import Final

SIGNIFICANT: Final = 0.05


@dataclass(frozen=True)
class Paired:
    """How many examples only one of the two has right, and how likely chance alone is that uneven."""

    only_comprehend: int
    only_camembert: int

    @property
    def p_value(self) -> float:
        return mcnemar(self.only_comprehend, self.only_camembert)

    @property
    def is_significant(self) -> bool:
        return self.p_value < SIGNIFICANT


def mcnemar(only_one: int, only_other: int) -> float:
    """The p-value of McNemar's exact test, two-sided (Q. McNemar, Psychometrika 12, 1947): how often a fair coin thrown
    for each example that only one has right would fall at least as unevenly. 1 where there is none."""
    thrown = only_one + only_other
    # Whole numbers to the end: powers of two of a thousand throws are beyond what a float holds.
    tail = sum(math.comb(thrown, heads) for heads in range(min(only_one, only_other) + 1))
    # Each tail counts the outcome in the middle, where there is one.
    return min(1.0, float(2 * tail / (1 << thrown)))
