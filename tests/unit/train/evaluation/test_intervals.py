import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from trieur_train.evaluation.intervals import f1_intervals, macro_f1_interval, wilson
from trieur_train.evaluation.metrics import evaluate

shares = st.integers(0, 10_000).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole)))


@pytest.mark.parametrize(("part", "whole"), [(0, 1), (1, 1), (7, 10), (59, 59), (0, 300), (950, 1000)])
def test_wilson_is_scipys(part: int, whole: int) -> None:
    expected = binomtest(part, whole).proportion_ci(method="wilson")
    low, high = wilson(part, whole)
    assert (low, high) == pytest.approx((expected.low, expected.high))


def test_nothing_is_known_of_a_share_of_nothing() -> None:
    assert wilson(0, 0) == (0, 1)


@settings(deadline=None)
@given(shares)
def test_wilson_holds_the_share_and_stays_within_0_and_1(case: tuple[int, int]) -> None:
    part, whole = case
    low, high = wilson(part, whole)
    assert 0 <= low <= part / max(whole, 1) <= high <= 1
    assert low < high


def test_f1_has_the_bounds_of_the_share_it_rises_with() -> None:
    # 6 right of 8 predicted and 10 there: 12 examples in all, F1 = 12 / 18, and 2 s / (1 + s) of s = 6 / 12 is that.
    low, high = f1_intervals(np.array([6]), np.array([8]), np.array([10]))
    expected = binomtest(6, 12).proportion_ci(method="wilson")
    assert low == pytest.approx([2 * expected.low / (1 + expected.low)])
    assert high == pytest.approx([2 * expected.high / (1 + expected.high)])
    assert low < 12 / 18 < high


def flags(numbers: np.ndarray, labels: int) -> np.ndarray:
    return numbers[:, None] == np.arange(labels)


def test_the_bootstrap_agrees_with_the_normal_approximation() -> None:
    # Two labels of which each error is shared: macro-F1 is about the accuracy, whose error is known.
    numbers = np.arange(2000) % 2
    wrong = np.arange(2000) % 10 < 2
    low, high = macro_f1_interval(flags(numbers, 2), flags(np.where(wrong, 1 - numbers, numbers), 2))
    margin = 1.96 * np.sqrt(0.8 * 0.2 / 2000)
    assert low == pytest.approx(0.8 - margin, abs=0.003)
    assert high == pytest.approx(0.8 + margin, abs=0.003)


def test_a_small_split_without_an_error_is_not_certain() -> None:
    actual = flags(np.arange(30) % 3, 3)
    low, high = macro_f1_interval(actual, actual)
    assert 0.8 < low < 0.97
    assert high == 1


def test_the_interval_is_the_same_every_time_and_narrower_with_more_examples() -> None:
    numbers = np.arange(60) % 3
    guesses = np.where(np.arange(60) % 7 == 0, 0, numbers)
    found = macro_f1_interval(flags(numbers, 3), flags(guesses, 3))
    assert found == macro_f1_interval(flags(numbers, 3), flags(guesses, 3))
    more = macro_f1_interval(flags(np.tile(numbers, 9), 3), flags(np.tile(guesses, 9), 3))
    assert more[1] - more[0] < (found[1] - found[0]) / 2


def test_nothing_there_and_nothing_predicted_tells_nothing() -> None:
    nothing = np.zeros((4, 3), dtype=bool)
    assert macro_f1_interval(nothing, nothing) == (0, 1)


@pytest.mark.parametrize("dimensions", [1, 2])
@pytest.mark.parametrize("seed", range(8))
def test_the_metrics_lie_in_their_intervals(seed: int, dimensions: int) -> None:
    random = np.random.default_rng(seed)
    labels = [f"label {number}" for number in range(6)]
    targets = random.integers(0, 5, 90) if dimensions == 1 else (random.random((90, 6)) < 0.3).astype(np.float32)
    likely = np.eye(6)[targets] if dimensions == 1 else targets
    found = evaluate((random.normal(size=(90, 6)) + 2 * likely - 1).astype(np.float32), targets, labels)

    parts = [(found, "accuracy"), (found, "macro_f1")]
    parts += [(found["per_label"][label], name) for label in labels for name in ("precision", "recall", "f1")]
    for scores, name in parts:
        low, high = scores[f"{name}_interval"]
        assert type(low) is float
        assert 0 <= low <= scores[name] <= high <= 1
