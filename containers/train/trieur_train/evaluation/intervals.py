"""95 % confidence intervals of the metrics of one split.

What was predicted and what is there are flags, bool [examples, labels].
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

# The 97.5 % quantile of the standard normal distribution.
Z = 1.959963984540054

RESAMPLES = 1000
SEED = 13
# Draws held in memory at a time: 16 MB.
DRAWN_AT_ONCE = 2_000_000

Values = npt.NDArray[np.float64]
Counts = npt.NDArray[np.integer[Any]]
Flags = npt.NDArray[np.bool_]
Interval = tuple[Values, Values]


def wilson(part: Counts | int, whole: Counts | int) -> Interval:
    """The lower and upper bounds of the shares part / whole, both shaped as the arguments; [0, 1] for a share of none.

    Wilson's score interval (E. B. Wilson, Journal of the American Statistical Association 22, 1927).
    """
    part, whole = np.asarray(part, dtype=np.float64), np.asarray(whole, dtype=np.float64)
    # The formula multiplied out by `whole`, so that it holds for a whole of 0 too.
    centre = part + Z**2 / 2
    margin = Z * np.sqrt(part * (whole - part) / np.maximum(whole, 1) + Z**2 / 4)
    # Rounding may leave a bound a hair beyond what a share can be, or beyond the share itself.
    share = part / np.maximum(whole, 1)
    low = np.clip((centre - margin) / (whole + Z**2), 0, np.where(whole > 0, share, 0))
    high = np.clip((centre + margin) / (whole + Z**2), np.where(whole > 0, share, 1), 1)
    return low, high


def f1_intervals(right: Counts, predicted: Counts, actual: Counts) -> Interval:
    """The bounds of each label's F1, from how often it was rightly predicted, predicted and there; each [labels].

    F1 is 2 s / (1 + s), which rises with the share s of the right among the examples that have the label or were said
    to: Wilson's bounds of s, put through that (the indirect Wilson method of K. F. Y. Lam, V. Gopal and J. Qian,
    arXiv:2309.14621, 2023).
    """
    low, high = wilson(right, predicted + actual - right)
    return 2 * low / (1 + low), 2 * high / (1 + high)


def macro_f1_interval(actual: Flags, predicted: Flags) -> tuple[float, float]:
    """The bounds of the mean F1 over the labels that occur or were predicted; (0, 1) where there are none.

    The percentile bootstrap over examples, which knows how the labels' errors hang together, widened to the bounds
    that the labels' own intervals give. Without the latter, a small split without an error would count as certain.
    """
    right, said, there = (actual & predicted).sum(axis=0), predicted.sum(axis=0), actual.sum(axis=0)
    counted = (said + there) > 0
    if not counted.any():
        return 0.0, 1.0
    low, high = f1_intervals(right[counted], said[counted], there[counted])
    f1 = 2 * right[counted] / (said + there)[counted]
    resampled = np.concatenate(list(_resampled_macro_f1(actual, predicted)))
    (lowest, highest), (from_labels, to_labels) = np.quantile(resampled, [0.025, 0.975]), _of_mean(f1, low, high)
    return min(float(lowest), from_labels), max(float(highest), to_labels)


def _of_mean(values: Values, low: Values, high: Values) -> tuple[float, float]:
    """The bounds of the mean of `values` whose own bounds are `low` and `high`, as if they were independent.

    MOVER, the method of variance estimates recovery (G. Y. Zou and A. Donner, Statistics in Medicine 27, 2008).
    """
    mean, count = values.mean(), len(values)
    below, above = np.linalg.norm(values - low) / count, np.linalg.norm(high - values) / count
    return float(max(mean - below, 0)), float(min(mean + above, 1))


def _resampled_macro_f1(actual: Flags, predicted: Flags) -> Iterator[Values]:
    """Macro-F1 of splits of the same size, drawn from this one with replacement (B. Efron and R. Tibshirani, An
    Introduction to the Bootstrap, 1993, chapter 13)."""
    random = np.random.default_rng(SEED)
    examples = len(actual)
    # Few labels are there or predicted of the many there may be.
    right, named = (
        csr_array(matrix.T.astype(np.float32)) for matrix in (actual & predicted, actual.astype(np.int8) + predicted)
    )
    at_once = max(1, min(RESAMPLES, DRAWN_AT_ONCE // examples))
    for start in range(0, RESAMPLES, at_once):
        resamples = min(at_once, RESAMPLES - start)
        drawn = random.integers(examples, size=(resamples, examples)) * resamples + np.arange(resamples)[:, None]
        weights = np.bincount(drawn.ravel(), minlength=examples * resamples).reshape(examples, resamples)
        weights = weights.astype(np.float32)
        hits, mentions = right @ weights, named @ weights
        counted = (mentions > 0).sum(axis=0)
        yield (2 * hits / np.maximum(mentions, 1)).sum(axis=0, dtype=np.float64) / np.maximum(counted, 1)
