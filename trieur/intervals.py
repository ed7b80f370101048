"""95 % confidence intervals of the metrics of one split, without numpy; those of containers/train's evaluation."""

import math
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Final

Interval = tuple[float, float]
"""The lower and the upper bound."""
Outcome = tuple[frozenset[str], frozenset[str]]
"""What an example has and what it was said to have."""

# The 97.5 % quantile of the standard normal distribution.
Z: Final = 1.959963984540054

RESAMPLES: Final = 1_000
FEWEST_RESAMPLES: Final = 200
SEED: Final = 13
# Of all resamples together: about a second.
MOST_DRAWS: Final = 2_000_000


def wilson(part: float, whole: float) -> Interval:
    """The bounds of the share part / whole; (0, 1) for a share of none.

    Wilson's score interval (E. B. Wilson, Journal of the American Statistical Association 22, 1927).
    """
    if whole <= 0:
        return 0.0, 1.0
    centre = part + Z**2 / 2
    margin = Z * math.sqrt(part * (whole - part) / whole + Z**2 / 4)
    share, most = part / whole, whole + Z**2
    # Rounding may leave a bound a hair beyond what a share can be, or beyond the share itself.
    return min(max((centre - margin) / most, 0.0), share), max(min((centre + margin) / most, 1.0), share)


def f1_interval(right: int, predicted: int, actual: int) -> Interval:
    """The bounds of a label's F1, from how often it was rightly predicted, predicted and there.

    F1 is 2 s / (1 + s), which rises with the share s of the right among the examples that have the label or were said
    to: Wilson's bounds of s, put through that (K. F. Y. Lam, V. Gopal and J. Qian, arXiv:2309.14621, 2023).
    """
    low, high = wilson(right, predicted + actual - right)
    return 2 * low / (1 + low), 2 * high / (1 + high)


def macro_f1_interval(outcomes: Mapping[Outcome, int]) -> Interval:
    """The bounds of the mean F1 over the labels that occur or were predicted; (0, 1) where there are none.

    The percentile bootstrap over examples (B. Efron and R. Tibshirani, An Introduction to the Bootstrap, 1993, chapter
    13), widened to the bounds that the labels' own intervals give: without these, a small split without an error would
    count as certain. Always the same for the same outcomes.
    """
    counts = _counts(outcomes)
    if not counts:
        return 0.0, 1.0
    resampled = sorted(_resampled(outcomes))
    lowest, highest = _quantile(resampled, 0.025), _quantile(resampled, 0.975)
    from_labels, to_labels = of_mean_f1(list(counts.values()))
    return min(lowest, from_labels), max(highest, to_labels)


def of_mean_f1(counts: Sequence[tuple[int, int, int]]) -> Interval:
    """The bounds of the mean F1 of labels with these counts (as f1_interval takes them), as if they were independent.

    MOVER, the method of variance estimates recovery (G. Y. Zou and A. Donner, Statistics in Medicine 27, 2008).
    """
    if not counts:
        return 0.0, 1.0
    values = [_f1(*count) for count in counts]
    bounds = [f1_interval(*count) for count in counts]
    mean = sum(values) / len(values)
    below = math.dist(values, [low for low, _ in bounds]) / len(values)
    above = math.dist(values, [high for _, high in bounds]) / len(values)
    return max(mean - below, 0.0), min(mean + above, 1.0)


def macro_f1(outcomes: Mapping[Outcome, int]) -> float:
    """The mean F1 over the labels that occur or were predicted; 0 where there are none."""
    counts = _counts(outcomes)
    return sum(_f1(*count) for count in counts.values()) / max(len(counts), 1)


def _resampled(outcomes: Mapping[Outcome, int]) -> Iterator[float]:
    """Macro-F1 of splits of the same size, drawn from this one with replacement."""
    chance = random.Random(SEED)
    # In an order of their own: a set's is another in every process.
    kinds = sorted(outcomes, key=lambda outcome: (sorted(outcome[0]), sorted(outcome[1])))
    places = {
        label: place for place, label in enumerate(sorted({label for pair in kinds for part in pair for label in part}))
    }
    # Of each kind: the labels that are right, and all that are there or predicted, some of them twice.
    right = [[places[label] for label in has & said] for has, said in kinds]
    mentioned = [[places[label] for part in pair for label in part] for pair in kinds]
    numbers, upto = range(len(kinds)), list(accumulate(outcomes[kind] for kind in kinds))
    examples = upto[-1]
    for _ in range(max(FEWEST_RESAMPLES, min(RESAMPLES, MOST_DRAWS // examples))):
        hits, mentions = [0] * len(places), [0] * len(places)
        for kind, times in Counter(chance.choices(numbers, cum_weights=upto, k=examples)).items():
            for place in right[kind]:
                hits[place] += times
            for place in mentioned[kind]:
                mentions[place] += times
        counted = [2 * hit / mention for hit, mention in zip(hits, mentions, strict=True) if mention]
        yield sum(counted) / max(len(counted), 1)


def _counts(outcomes: Mapping[Outcome, int]) -> dict[str, tuple[int, int, int]]:
    """Of each label that occurs or was predicted: how often rightly predicted, predicted, there."""
    right, predicted, actual = Counter[str](), Counter[str](), Counter[str]()
    for (has, said), number in outcomes.items():
        for label in has & said:
            right[label] += number
        for label in said:
            predicted[label] += number
        for label in has:
            actual[label] += number
    return {label: (right[label], predicted[label], actual[label]) for label in sorted(predicted | actual)}


def _f1(right: int, predicted: int, actual: int) -> float:
    return 2 * right / max(predicted + actual, 1)


def _quantile(ascending: Sequence[float], share: float) -> float:
    """As numpy takes it: on the line between the two values around it."""
    place = share * (len(ascending) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ascending) - 1)
    return ascending[below] + (place - below) * (ascending[above] - ascending[below])
