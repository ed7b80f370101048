"""What training minimises: the loss of a batch, with weights for rare labels and softened targets."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from trieur_train.evaluation.metrics import Targets

BALANCED = "balanced"


@dataclass(frozen=True)
class Objective:
    """The loss over rows, each of which is a text or a part (a window) of one.

    `targets` are those of each row, `weights` float32 of the shape of `targets`.
    """

    targets: torch.Tensor
    weights: torch.Tensor
    label_smoothing: float

    def loss(self, logits: torch.Tensor, rows: npt.NDArray[np.int64]) -> torch.Tensor:
        """The weighted sum of the losses of `rows`; divided by `weight` of a batch, it is that batch's mean."""
        targets, weights = self.targets[rows].to(logits.device), self.weights[rows].to(logits.device)
        if targets.ndim == 1:
            losses = nn.functional.cross_entropy(
                logits, targets, reduction="none", label_smoothing=self.label_smoothing
            )
        else:
            softened = targets * (1 - self.label_smoothing) + self.label_smoothing / 2
            losses = nn.functional.binary_cross_entropy_with_logits(logits, softened, reduction="none")
        return (losses * weights).sum()

    def weight(self, rows: npt.NDArray[np.int64]) -> float:
        return float(self.weights[rows].sum())


def objective(
    targets: Targets, text_of: npt.NDArray[np.int64], *, class_weights: str, label_smoothing: float
) -> Objective:
    """The objective for texts with `targets`, whose rows belong to the texts `text_of`; the windows of a text share
    its weight. `class_weights` is the hyperparameter."""
    weights = _balanced(targets) if class_weights == BALANCED else np.ones(targets.shape, dtype=np.float64)
    share = 1.0 / np.bincount(text_of, minlength=len(targets))[text_of]
    of_rows = weights[text_of] * (share if targets.ndim == 1 else share[:, None])
    return Objective(torch.from_numpy(targets[text_of]), torch.from_numpy(of_rows.astype(np.float32)), label_smoothing)


def _balanced(targets: Targets) -> npt.NDArray[np.float64]:
    """Each label (and with several labels its absence) weighs as much as every other, as scikit-learn's `balanced`."""
    if targets.ndim == 1:
        counts = np.bincount(targets.astype(int))
        present = (counts > 0).sum()
        of_label: npt.NDArray[np.float64] = len(targets) / (present * np.maximum(counts, 1))
        return of_label[targets.astype(int)]
    having = targets.sum(axis=0, dtype=np.float64)
    lacking = len(targets) - having
    weights: npt.NDArray[np.float64] = np.where(
        targets > 0.5, len(targets) / (2 * np.maximum(having, 1)), len(targets) / (2 * np.maximum(lacking, 1))
    )
    return weights
