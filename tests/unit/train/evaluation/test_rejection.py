import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trieur_train.evaluation.rejection import choose_rejection, rejection_report


def two_labels(confidence: list[float], right: list[bool]) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities whose likeliest label is the first, and targets that it hits or misses."""
    chances = np.array([[value, 1 - value] for value in confidence])
    return chances, np.where(right, 0, 1)


def test_the_lowest_threshold_that_is_precise_enough_is_taken() -> None:
    # 18 right above a wrong one, then 2 right and a wrong one: 18/19, 20/21 and 20/22 are right from there upwards.
    confidence = [0.99] * 18 + [0.9, 0.8, 0.8, 0.7]
    right = [True] * 18 + [False, True, True, False]
    assert choose_rejection(*two_labels(confidence, right), 0.95) == 0.8
    assert choose_rejection(*two_labels(confidence, right), 0.9) == 0.7


def test_no_threshold_reaches_what_cannot_be_reached() -> None:
    assert choose_rejection(*two_labels([0.9] * 40, [True, False] * 20), 0.95) is None


@pytest.mark.parametrize(
    ("precision", "fewest"), [(0.5, 10), (0.9, 10), (0.95, 20), (0.99, 100), (1.0, 10)], ids=lambda value: f"{value}"
)
def test_a_few_lucky_answers_decide_nothing(precision: float, fewest: int) -> None:
    enough = two_labels([0.9] * fewest, [True] * fewest)
    assert choose_rejection(*enough, precision) == 0.9
    assert choose_rejection(enough[0][1:], enough[1][1:], precision) is None


def test_several_labels_are_answers_of_their_own_from_one_half_upwards() -> None:
    chances = np.tile([[0.9, 0.6, 0.4]], (20, 1))
    targets = np.tile(np.array([[1, 0, 1]], dtype=np.float32), (20, 1))
    found = rejection_report(chances, targets, chances[:2], targets[:2], 0.95)
    assert found == {
        "asked_precision": 0.95,
        "threshold": 0.9,
        "validation": {"answered": 0.5, "precision": 1.0},
        "test": {"answered": 0.5, "precision": 1.0},
    }
    assert choose_rejection(chances, targets, 0.5) == 0.6


def test_without_a_threshold_everything_is_answered() -> None:
    chances, targets = two_labels([0.9, 0.8], [True, False])
    found = rejection_report(chances, targets, chances, targets, 0.95)
    assert found["threshold"] is None
    assert found["test"] == {"answered": 1.0, "precision": 0.5}


def test_nothing_answered_has_no_precision() -> None:
    validation = two_labels([0.9] * 20, [True] * 20)
    assert rejection_report(*validation, *two_labels([0.6], [True]), 0.95)["test"] == {
        "answered": 0.0,
        "precision": None,
    }
    no_label = np.full((3, 2), 0.1), np.zeros((3, 2), dtype=np.float32)
    assert rejection_report(*no_label, *no_label, 0.95)["test"] == {"answered": 0.0, "precision": None}


@settings(deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([0.5, 0.8, 0.9, 0.95, 1.0]), st.sampled_from([1, 2]))
def test_the_threshold_reaches_the_precision_with_what_serving_compares(seed: int, asked: float, mode: int) -> None:
    random = np.random.default_rng(seed)
    chances = random.dirichlet([0.2] * 4, 60)
    if mode == 1:
        likely, wrong = chances.argmax(axis=1), random.random(60) > chances.max(axis=1)
        targets = np.where(wrong, (likely + 1) % 4, likely)
        confidence, right = chances.max(axis=1), ~wrong
    else:
        targets = (random.random(chances.shape) < chances).astype(np.float32)
        confidence, right = chances[chances >= 0.5], targets[chances >= 0.5] == 1
    fewest = 20 if asked == 0.95 else 10

    def precise(threshold: float) -> bool:
        kept = confidence >= threshold
        return bool(kept.sum() >= fewest and right[kept].mean() >= asked)

    threshold = choose_rejection(chances, targets, asked)

    lower = [value for value in confidence if threshold is None or value < threshold]
    assert not any(precise(value) for value in lower)
    if threshold is not None:
        assert precise(json.loads(json.dumps(threshold)))
        assert threshold == round(threshold, 6)
