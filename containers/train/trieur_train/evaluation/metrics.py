"""How good predictions are: losses, accuracy, precision, recall, F1 and the confusion matrix, from logits.

Logits are float32 [examples, labels]. Targets are label numbers int64 [examples] when each example has one label
(multi-class), or 0/1 float32 [examples, labels] when it may have several (multi-label); which of the two it is decides
between softmax and sigmoid everywhere below.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from trieur_train.evaluation.intervals import Interval, f1_intervals, macro_f1_interval, wilson

Logits = npt.NDArray[np.float32]
Targets = npt.NDArray[np.int64] | npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]


def evaluate(logits: Logits, targets: Targets, labels: Sequence[str]) -> dict[str, Any]:
    """The metrics of one split, as metrics.json holds them.

    Macro averages are means over the labels that occur in the split or were predicted there, as scikit-learn takes
    them; a share of nothing is 0. Accuracy of several labels is the share of examples with all of them right.
    Intervals are [low, high] at 95 %.
    """
    actual, predicted = _actual(targets, logits), predictions(logits, targets.ndim)
    right, guessed, support = (actual & predicted).sum(axis=0), predicted.sum(axis=0), actual.sum(axis=0)
    precision, recall, f1 = _ratio(right, guessed), _ratio(right, support), _ratio(2 * right, support + guessed)
    counted = (support + guessed) > 0
    exact = (actual == predicted).all(axis=1)
    intervals = {
        "precision_interval": _listed(wilson(right, guessed)),
        "recall_interval": _listed(wilson(right, support)),
        "f1_interval": _listed(f1_intervals(right, guessed, support)),
    }
    return {
        "examples": len(targets),
        "accuracy": float(exact.mean()),
        "macro_precision": _mean(precision[counted]),
        "macro_recall": _mean(recall[counted]),
        "macro_f1": _mean(f1[counted]),
        "loss": mean_loss(logits, targets),
        "majority_share": float(support.max() / len(targets)),
        "accuracy_interval": _listed(wilson(exact.sum(), len(targets))),
        "macro_f1_interval": list(macro_f1_interval(actual, predicted)),
        "per_label": {
            label: {
                "precision": float(precision[number]),
                "recall": float(recall[number]),
                "f1": float(f1[number]),
                "support": int(support[number]),
                **{name: bounds[number] for name, bounds in intervals.items()},
            }
            for number, label in enumerate(labels)
        },
    }


def confusion_matrix(logits: Logits, targets: Targets, labels: Sequence[str]) -> dict[str, Any]:
    """The confusion matrix in the form of Amazon Comprehend's confusion_matrix.json.

    Multi-class: rows are actual, columns predicted labels. Multi-label: per label [[no/no, no/yes], [yes/no, yes/yes]],
    actual/predicted.
    """
    if targets.ndim == 1:
        matrix = np.zeros((len(labels), len(labels)), dtype=int)
        np.add.at(matrix, (targets.astype(int), logits.argmax(axis=1)), 1)
        kind = "multi_class"
    else:
        actual, predicted = _actual(targets, logits), predictions(logits, targets.ndim)
        pairs = [[(a & p).sum(axis=0) for p in (~predicted, predicted)] for a in (~actual, actual)]
        matrix = np.array(pairs).transpose(2, 0, 1)
        kind = "multi_label"
    return {"type": kind, "confusion_matrix": matrix.tolist(), "labels": list(labels), "all_labels": list(labels)}


def accuracy(logits: Logits, targets: Targets) -> float:
    """The share of examples whose label, or whose every label, is predicted right."""
    return float(all_right(logits, targets).mean())


def all_right(logits: Logits, targets: Targets) -> Flags:
    """Whether each example's label, or its every label, is predicted right, bool [examples]."""
    right: Flags = (predictions(logits, targets.ndim) == _actual(targets, logits)).all(axis=1)
    return right


def macro_f1(logits: Logits, targets: Targets) -> float:
    """The mean F1 over the labels that occur or were predicted."""
    actual, predicted = _actual(targets, logits), predictions(logits, targets.ndim)
    right, mentions = (actual & predicted).sum(axis=0), actual.sum(axis=0) + predicted.sum(axis=0)
    return _mean(_ratio(2 * right, mentions)[mentions > 0])


def agreement(logits: Logits, others: Logits, dimensions: int) -> float:
    """The share of examples for which both logits give the same prediction; `dimensions` are those of the targets."""
    return float((predictions(logits, dimensions) == predictions(others, dimensions)).all(axis=1).mean())


def mean_loss(logits: Logits, targets: Targets) -> float:
    """Cross entropy per example in nats; for multi-label, binary cross entropy per example and label."""
    values = logits.astype(np.float64)
    if targets.ndim == 1:
        largest = values.max(axis=1, keepdims=True)
        normaliser = largest[:, 0] + np.log(np.exp(values - largest).sum(axis=1))
        return float((normaliser - values[np.arange(len(values)), targets.astype(int)]).mean())
    return float((np.logaddexp(0.0, values) - values * targets).mean())


def guessing_loss(targets: Targets) -> float:
    """The loss of always answering the labels' shares: what a network that has learnt nothing from the texts gets."""
    if targets.ndim == 1:
        shares = np.unique(targets, return_counts=True)[1] / len(targets)
        return float(-(shares * np.log(shares)).sum())
    shares = targets.mean(axis=0, dtype=np.float64)
    both = np.stack([shares, 1 - shares])
    return float(-(both * np.log(np.where(both > 0, both, 1))).sum(axis=0).mean())


def predictions(logits: Logits, dimensions: int) -> Flags:
    """Whether each label is predicted, bool [examples, labels]: the likeliest one, or all of at least 0.5."""
    if dimensions == 1:
        return _one_hot(logits.argmax(axis=1), logits.shape[1])
    return logits >= 0


def _actual(targets: Targets, logits: Logits) -> Flags:
    if targets.ndim == 1:
        return _one_hot(targets, logits.shape[1])
    named: Flags = targets > 0.5
    return named


def _one_hot(numbers: npt.NDArray[Any], labels: int) -> Flags:
    flags: Flags = np.asarray(numbers)[:, None] == np.arange(labels)
    return flags


def _ratio(part: npt.NDArray[np.int64], whole: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    return part / np.maximum(whole, 1)


def _listed(bounds: Interval) -> list[Any]:
    """[low, high], or one such list a label."""
    listed: list[Any] = np.stack(bounds, axis=-1).tolist()
    return listed


def _mean(values: npt.NDArray[np.float64]) -> float:
    return float(values.mean()) if len(values) else 0.0
