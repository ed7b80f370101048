import numpy as np
import pytest
import torch
from trieur_train.learning.objective import objective

LOGITS = torch.tensor([[2.0, -1.0, 0.5], [0.0, 1.0, 0.0], [1.0, 1.0, -3.0], [0.3, 0.2, 0.1]])
TARGETS = np.array([0, 1, 0, 2])
SEVERAL = np.array([[1, 0, 1], [0, 0, 0], [1, 1, 0], [1, 0, 0]], dtype=np.float32)
ROWS = np.arange(4)
ALONE = np.arange(4)


def mean(logits: torch.Tensor, targets: np.ndarray, text_of: np.ndarray = ALONE, **settings: object) -> float:
    aim = objective(targets, text_of, **{"class_weights": "none", "label_smoothing": 0.0} | settings)  # type: ignore[arg-type]
    rows = np.arange(len(logits))
    return float(aim.loss(logits, rows) / aim.weight(rows))


def test_it_is_cross_entropy() -> None:
    expected = torch.nn.functional.cross_entropy(LOGITS, torch.from_numpy(TARGETS))
    assert mean(LOGITS, TARGETS) == pytest.approx(float(expected))


def test_with_several_labels_it_is_binary_cross_entropy() -> None:
    expected = torch.nn.functional.binary_cross_entropy_with_logits(LOGITS, torch.from_numpy(SEVERAL))
    assert mean(LOGITS, SEVERAL) == pytest.approx(float(expected))


def test_smoothing_is_torchs_own_and_takes_both_sides_of_several_labels() -> None:
    expected = torch.nn.functional.cross_entropy(LOGITS, torch.from_numpy(TARGETS), label_smoothing=0.2)
    assert mean(LOGITS, TARGETS, label_smoothing=0.2) == pytest.approx(float(expected))
    softened = torch.from_numpy(np.where(SEVERAL > 0.5, 0.9, 0.1).astype(np.float32))
    both = torch.nn.functional.binary_cross_entropy_with_logits(LOGITS, softened)
    assert mean(LOGITS, SEVERAL, label_smoothing=0.2) == pytest.approx(float(both))


def test_balanced_labels_weigh_the_same() -> None:
    # Label 0 twice, the others once: 4 / (3 labels * its count).
    weights = torch.tensor([4 / 6, 4 / 3, 4 / 3])
    expected = torch.nn.functional.cross_entropy(LOGITS, torch.from_numpy(TARGETS), weight=weights)
    assert mean(LOGITS, TARGETS, class_weights="balanced") == pytest.approx(float(expected))


def test_balanced_presence_weighs_as_much_as_absence() -> None:
    aim = objective(SEVERAL, ALONE, class_weights="balanced", label_smoothing=0.0)
    weights = aim.weights.numpy()
    assert (weights * SEVERAL).sum(axis=0) == pytest.approx((weights * (1 - SEVERAL)).sum(axis=0))


def test_the_windows_of_a_text_share_its_weight() -> None:
    text_of = np.array([0, 1, 1, 1])
    losses = torch.nn.functional.cross_entropy(LOGITS, torch.tensor([0, 1, 1, 1]), reduction="none")
    expected = (losses[0] + losses[1:].mean()) / 2
    assert mean(LOGITS, np.array([0, 1]), text_of) == pytest.approx(float(expected))
