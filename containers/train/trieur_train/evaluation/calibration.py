"""How far a model's probabilities can be believed, and the one temperature that makes them more so.

Logits and targets are as in metrics.py. A temperature divides the logits, so it changes no prediction.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq

from trieur_train.evaluation.metrics import Flags, Logits, Targets, mean_loss

BINS = 10
LOWEST, HIGHEST = 0.05, 20.0

Probabilities = npt.NDArray[np.float64]


def probabilities(logits: Logits, dimensions: int, temperature: float) -> Probabilities:
    """Each label's probability [examples, labels], as serving computes it; `dimensions` are those of the targets.

    Multi-class: softmax, rows sum to 1. Multi-label: sigmoid, each label stands for itself.
    """
    scaled = logits.astype(np.float64) / temperature
    if dimensions == 1:
        powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))
    small = np.exp(-np.abs(scaled))
    return np.asarray(np.where(scaled >= 0, 1.0, small) / (1.0 + small))


def fit_temperature(logits: Logits, targets: Targets) -> float:
    """The temperature that minimises the (binary) cross entropy of a validation split (C. Guo et al., On Calibration of
    Modern Neural Networks, 2017), from 0.05 to 20; never with a higher loss than temperature 1 has.

    On a split without an error that loss only falls as the probabilities go to 1, however small the split. So the
    inverse temperature is also held near 1, by a normal prior of standard deviation 1: half a nat in all for making
    the logits twice as large. It decides where there are few or faultless examples and vanishes beside many.
    """

    # The summed loss and the prior are convex in the inverse temperature, so their slope crosses 0 once.
    def slope(inverse: float) -> float:
        expected = probabilities(logits, targets.ndim, 1 / inverse)
        if targets.ndim == 1:
            surplus = np.vdot(expected, logits) - logits[np.arange(len(logits)), targets.astype(int)].sum(dtype=float)
        else:
            surplus = np.vdot(expected - targets, logits)
        return float(surplus) + inverse - 1

    softest, sharpest = 1 / HIGHEST, 1 / LOWEST
    if slope(softest) >= 0:
        return HIGHEST
    if slope(sharpest) <= 0:
        return LOWEST
    return float(1 / brentq(slope, softest, sharpest, xtol=1e-6, rtol=1e-6))


def expected_calibration_error(chances: Probabilities, targets: Targets) -> float:
    """The mean distance between probability and frequency over the bins, weighted by what is in them, from 0 to 1.

    M. P. Naeini et al., Obtaining Well Calibrated Probabilities Using Bayesian Binning, 2015.
    """
    bins = reliability_bins(chances, targets)
    examples = sum(one["examples"] for one in bins)
    return float(sum(one["examples"] * abs(one["confidence"] - one["accuracy"]) for one in bins) / max(examples, 1))


def reliability_bins(chances: Probabilities, targets: Targets) -> list[dict[str, Any]]:
    """Mean probability and frequency in ten bins of equal width, without the empty ones.

    Multi-class: the likeliest label's probability against whether it is the right one. Multi-label: each label's
    probability against whether the example has it; `examples` then counts examples times labels.
    """
    confidence, right = _confidence(chances, targets)
    # A probability on an edge belongs to the bin above it, 1 to the last.
    number = np.minimum((confidence * BINS).astype(int), BINS - 1)
    counts = np.bincount(number, minlength=BINS)
    confident = np.bincount(number, weights=confidence, minlength=BINS)
    correct = np.bincount(number, weights=right, minlength=BINS)
    return [
        {
            "from": bin_number / BINS,
            "to": (bin_number + 1) / BINS,
            "examples": int(counts[bin_number]),
            "confidence": float(confident[bin_number] / counts[bin_number]),
            "accuracy": float(correct[bin_number] / counts[bin_number]),
        }
        for bin_number in np.flatnonzero(counts).tolist()
    ]


def calibration_report(
    validation_logits: Logits, validation_targets: Targets, test_logits: Logits, test_targets: Targets
) -> dict[str, Any]:
    """The "calibration" of metrics.json: the temperature fitted on the validation split, and what it does on test."""
    temperature = fit_temperature(validation_logits, validation_targets)
    before, after = (probabilities(test_logits, test_targets.ndim, value) for value in (1.0, temperature))
    return {
        "temperature": temperature,
        "validation_loss_before": mean_loss(validation_logits, validation_targets),
        "validation_loss_after": mean_loss(validation_logits / temperature, validation_targets),
        "test_error_before": expected_calibration_error(before, test_targets),
        "test_error_after": expected_calibration_error(after, test_targets),
        "bins": reliability_bins(after, test_targets),
    }


def _confidence(chances: Probabilities, targets: Targets) -> tuple[Probabilities, Flags]:
    """The probabilities that are judged, and whether what each of them speaks of is so."""
    if targets.ndim == 1:
        return chances.max(axis=1), chances.argmax(axis=1) == targets
    return chances.ravel(), targets.ravel() > 0.5
