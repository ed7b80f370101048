import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import expit, softmax
from trieur_train.evaluation.calibration import (
    HIGHEST,
    LOWEST,
    calibration_report,
    expected_calibration_error,
    fit_temperature,
    probabilities,
    reliability_bins,
)
from trieur_train.evaluation.metrics import Logits, Targets, mean_loss, predictions


def calibrated(examples: int, dimensions: int, seed: int = 0) -> tuple[Logits, Targets]:
    """Targets drawn with the very probabilities that the logits give."""
    random = np.random.default_rng(seed)
    logits = random.normal(scale=2, size=(examples, 4)).astype(np.float32)
    if dimensions == 2:
        return logits, (random.random(logits.shape) < expit(logits)).astype(np.float32)
    passed = softmax(logits, axis=1).cumsum(axis=1) < random.random((examples, 1))
    return logits, np.minimum(passed.sum(axis=1), 3)


def test_probabilities_are_scipys() -> None:
    logits = np.array([[1.5, -2, 0], [1e30, -1e30, 3]], dtype=np.float32)
    assert probabilities(logits, 1, 2.0) == pytest.approx(softmax(logits.astype(float) / 2, axis=1))
    assert probabilities(logits, 2, 2.0) == pytest.approx(expit(logits.astype(float) / 2))


@pytest.mark.parametrize("dimensions", [1, 2])
@pytest.mark.parametrize("stretched", [0.25, 1.0, 6.0])
def test_the_temperature_undoes_what_stretched_the_logits(stretched: float, dimensions: int) -> None:
    logits, targets = calibrated(5000, dimensions)
    assert fit_temperature(logits * np.float32(stretched), targets) == pytest.approx(stretched, rel=0.1)


@pytest.mark.parametrize("dimensions", [1, 2])
def test_with_many_examples_it_minimises_the_loss(dimensions: int) -> None:
    logits, targets = calibrated(4000, dimensions, seed=3)
    logits = logits * np.float32(2)
    expected = minimize_scalar(lambda value: mean_loss(logits / value, targets), bounds=(0.05, 20), method="bounded")
    assert fit_temperature(logits, targets) == pytest.approx(expected.x, rel=0.01)


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 12), st.sampled_from([1, 2]), st.sampled_from([0.01, 1.0, 100.0]))
def test_whatever_the_split_it_is_bounded_and_worsens_nothing(
    seed: int, examples: int, dimensions: int, scale: float
) -> None:
    random = np.random.default_rng(seed)
    logits = random.normal(scale=scale, size=(examples, 3)).astype(np.float32)
    targets = random.integers(0, 3, examples) if dimensions == 1 else random.integers(0, 2, logits.shape).astype("f4")
    temperature = fit_temperature(logits, targets)
    assert LOWEST <= temperature <= HIGHEST
    assert mean_loss(logits / temperature, targets) <= mean_loss(logits, targets) * (1 + 1e-4) + 1e-9
    assert (predictions(logits, dimensions) == predictions(logits / np.float32(temperature), dimensions)).all()


def test_a_small_split_without_an_error_sharpens_a_little_and_a_large_one_more() -> None:
    logits = np.tile(np.array([[2, 0, 0], [0, 2, 0]], dtype=np.float32), (500, 1))
    targets = np.tile([0, 1], 500)
    few, many = (fit_temperature(logits[:count], targets[:count]) for count in (2, 1000))
    assert 0.5 < few < 1
    assert many < few / 2


def test_logits_that_say_nothing_are_left_alone() -> None:
    assert fit_temperature(np.zeros((5, 3), dtype=np.float32), np.array([0, 1, 2, 0, 1])) == pytest.approx(1)


def test_the_bins_hold_the_likeliest_labels_probability() -> None:
    chances = np.array([[0.55, 0.45], [0.41, 0.59], [0.2, 0.8], [1.0, 0.0]])
    assert reliability_bins(chances, np.array([0, 0, 1, 0])) == [
        {"from": 0.5, "to": 0.6, "examples": 2, "confidence": pytest.approx(0.57), "accuracy": 0.5},
        {"from": 0.8, "to": 0.9, "examples": 1, "confidence": pytest.approx(0.8), "accuracy": 1},
        {"from": 0.9, "to": 1.0, "examples": 1, "confidence": 1, "accuracy": 1},
    ]
    assert expected_calibration_error(chances, np.array([0, 0, 1, 0])) == pytest.approx((2 * 0.07 + 0.2) / 4)


def test_the_bins_of_several_labels_hold_every_probability() -> None:
    chances = np.array([[0.95, 0.05], [0.95, 0.15]])
    assert reliability_bins(chances, np.array([[1, 0], [0, 0]], dtype=np.float32)) == [
        {"from": 0.0, "to": 0.1, "examples": 1, "confidence": pytest.approx(0.05), "accuracy": 0},
        {"from": 0.1, "to": 0.2, "examples": 1, "confidence": pytest.approx(0.15), "accuracy": 0},
        {"from": 0.9, "to": 1.0, "examples": 2, "confidence": pytest.approx(0.95), "accuracy": 0.5},
    ]


@pytest.mark.parametrize("dimensions", [1, 2])
def test_the_report_shows_overconfidence_mended(dimensions: int) -> None:
    logits, targets = calibrated(4000, dimensions)
    validation, test = slice(0, 2000), slice(2000, None)
    sharp = logits * np.float32(4)
    found = calibration_report(sharp[validation], targets[validation], sharp[test], targets[test])
    assert found["temperature"] == pytest.approx(4, rel=0.1)
    assert found["validation_loss_after"] < found["validation_loss_before"]
    assert found["test_error_after"] < 0.03 < found["test_error_before"]
    assert sum(one["examples"] for one in found["bins"]) == (2000 if dimensions == 1 else 8000)
