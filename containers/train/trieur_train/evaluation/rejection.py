"""The probability below which an answer is "none of these", chosen so that what is still answered is precise enough.

An answer is what the model would say without a threshold: the likeliest label (multi-class), or each label of at least
0.5 (multi-label). So a threshold only ever takes answers away, and in multi-label mode is at least 0.5: below it, it
would give labels that none of the metrics counts as predicted.
"""

import math
from typing import Any

import numpy as np

from trieur_train.evaluation.calibration import Probabilities
from trieur_train.evaluation.metrics import Flags, Targets

# Thresholds have the decimals of the probabilities that an endpoint shows.
STEPS = 10**6
FEWEST_ANSWERS = 10


def choose_rejection(chances: Probabilities, targets: Targets, asked_precision: float) -> float | None:
    """The lowest threshold at which the precision of the answers of a validation split is at least `asked_precision`.

    `chances` are probabilities [examples, labels] with the temperature that serving uses, which keeps answers of
    probability >= threshold. Thresholds between two probabilities keep the same answers; the highest of them, rounded
    down to six decimals, is taken. None when no threshold reaches the precision with at least 10 answers, and at least
    1 / (1 - `asked_precision`) below 1: with fewer, only a faultless record could show it.
    """
    confidence, right = _answers(chances, targets)
    steps = np.floor(confidence * STEPS).astype(np.int64)
    # The product may have been rounded up to a step that the probability itself does not reach.
    steps -= steps / STEPS > confidence
    thresholds, position = np.unique(steps, return_inverse=True)
    kept, kept_right = (
        np.bincount(position, weights=weights, minlength=len(thresholds))[::-1].cumsum()[::-1]
        for weights in (None, right)
    )
    precise = (kept >= _fewest(asked_precision)) & (kept_right / kept >= asked_precision)
    return float(thresholds[precise][0] / STEPS) if precise.any() else None


def rejection_report(
    validation_chances: Probabilities,
    validation_targets: Targets,
    test_chances: Probabilities,
    test_targets: Targets,
    asked_precision: float,
) -> dict[str, Any]:
    """The "rejection" of metrics.json: the threshold chosen on the validation split, and what it does on both splits.

    `answered` is the share of the answers that stay, `precision` the share of those that are right, None where none
    stays. Without a threshold all of them stay.
    """
    threshold = choose_rejection(validation_chances, validation_targets, asked_precision)
    return {
        "asked_precision": asked_precision,
        "threshold": threshold,
        "validation": _kept(validation_chances, validation_targets, threshold),
        "test": _kept(test_chances, test_targets, threshold),
    }


def _fewest(asked_precision: float) -> int:
    if asked_precision >= 1:
        return FEWEST_ANSWERS
    # 1 / (1 - 0.9) is a hair above 10.
    return max(FEWEST_ANSWERS, math.ceil(round(1 / (1 - asked_precision), 6)))


def _kept(chances: Probabilities, targets: Targets, threshold: float | None) -> dict[str, float | None]:
    confidence, right = _answers(chances, targets)
    stay = confidence >= (threshold or 0.0)
    return {
        "answered": float(stay.sum() / max(len(stay), 1)),
        "precision": float(right[stay].mean()) if stay.any() else None,
    }


def _answers(chances: Probabilities, targets: Targets) -> tuple[Probabilities, Flags]:
    """The probability of each answer and whether it is right, both [answers]."""
    if targets.ndim == 1:
        return chances.max(axis=1), chances.argmax(axis=1) == targets
    given = chances >= 0.5
    return chances[given], targets[given] > 0.5
