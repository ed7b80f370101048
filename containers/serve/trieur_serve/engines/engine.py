"""What every engine does."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Engine(Protocol):
    """One model in memory."""

    @property
    def name(self) -> str:
        """For the log."""

    @property
    def padded(self) -> bool:
        """Whether rows that run together cost as much as so many of the longest."""

    @property
    def at_once(self) -> int:
        """How many threads may ask at once: one for each core, or only one, which has them all."""

    def logits(self, rows: Sequence[Sequence[int]], number: int = 0, together: bool = True) -> NDArray[np.float32]:
        """[rows, labels] of rows of token numbers, special tokens included, none of them empty.

        On all cores `together`, while nobody else asks; or on the caller's alone, `number` being the caller's own from
        0 to `at_once`.
        """


def brief(error: Exception) -> str:
    """What went wrong, in a line."""
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__)[:300]
