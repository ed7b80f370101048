"""A share with its interval, as the report shows and draws it."""

from collections.abc import Sequence
from dataclasses import dataclass

from trieur_train.report.language import Words


@dataclass(frozen=True)
class Score:
    """A share with its 95 % interval, in words and, for drawing, in percents of the full width."""

    value: str
    interval: str
    width: float
    low: float
    high: float


def score(words: Words, share: float, interval: Sequence[float]) -> Score:
    low, high = (round(100 * bound, 1) for bound in interval)
    return Score(words.percent(share), words.interval(interval), round(100 * share, 1), low, high)
