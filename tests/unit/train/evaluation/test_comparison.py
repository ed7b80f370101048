import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from trieur_train.evaluation.comparison import compare
from trieur_train.evaluation.metrics import Logits


def logits_right_at(right: np.ndarray) -> Logits:
    """Of examples that all have label 1 of 2."""
    return np.stack([~right, right], axis=1).astype(np.float32)


def compared(only_model: int, only_baseline: int, both: int = 3) -> dict[str, float]:
    model = np.array([True] * only_model + [False] * only_baseline + [True] * both + [False])
    baseline = np.array([False] * only_model + [True] * only_baseline + [True] * both + [False])
    return compare(logits_right_at(model), logits_right_at(baseline), np.ones(len(model), dtype=np.int64))


def test_it_is_the_chance_of_so_uneven_coins() -> None:
    # Of 6 coins at most one falls otherwise: (1 + 6) / 64, in both directions.
    assert compared(5, 1) == {"only_model_right": 5, "only_baseline_right": 1, "p_value": pytest.approx(14 / 64)}


@pytest.mark.parametrize("both", [0, 40])
def test_where_they_agree_there_is_nothing_to_tell(both: int) -> None:
    assert compared(0, 0, both)["p_value"] == 1


@settings(deadline=None)
@given(st.integers(0, 300), st.integers(0, 300))
def test_it_is_scipys_binomial_test_and_symmetrical(only_model: int, only_baseline: int) -> None:
    p_value = compared(only_model, only_baseline)["p_value"]
    total = only_model + only_baseline
    assert p_value == pytest.approx(binomtest(only_model, total).pvalue if total else 1)
    assert p_value == compared(only_baseline, only_model)["p_value"]


def test_an_example_with_several_labels_is_right_when_all_are() -> None:
    targets = np.array([[1, 1], [1, 0]], dtype=np.float32)
    model = np.array([[1, 1], [1, 1]], dtype=np.float32)
    baseline = np.array([[1, -1], [1, -1]], dtype=np.float32)
    assert compare(model, baseline, targets) == {"only_model_right": 1, "only_baseline_right": 1, "p_value": 1.0}
