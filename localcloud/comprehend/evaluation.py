"""How well a classifier does on its test documents, in the figures and the matrices Comprehend reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Labels = tuple[str, ...]


@dataclass(frozen=True)
class _Counts:
    """How often a label was given rightly, wrongly, and not given where it should have been."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return _ratio(self.right, self.right + self.wrong)

    @property
    def recall(self) -> float:
        return _ratio(self.right, self.right + self.missed)

    @property
    def f1(self) -> float:
        return _ratio(2 * self.right, 2 * self.right + self.wrong + self.missed)


def metrics(actual: Sequence[Labels], predicted: Sequence[Labels]) -> dict[str, float]:
    """EvaluationMetrics: averages over the labels that occur, over all decisions (Micro), and the share of wrong ones.

    Accuracy is the share of documents that were given exactly their labels.
    """
    counts = list(_counts(actual, predicted).values())
    overall = _Counts(sum(c.right for c in counts), sum(c.wrong for c in counts), sum(c.missed for c in counts))
    exact = sum(set(one) == set(other) for one, other in zip(actual, predicted, strict=True))
    return {
        "Accuracy": _ratio(exact, len(actual)),
        "Precision": _mean([count.precision for count in counts]),
        "Recall": _mean([count.recall for count in counts]),
        "F1Score": _mean([count.f1 for count in counts]),
        "MicroPrecision": overall.precision,
        "MicroRecall": overall.recall,
        "MicroF1Score": overall.f1,
        "HammingLoss": _ratio(overall.wrong + overall.missed, len(actual) * len(counts)),
    }


def confusion_matrix(
    trained: Sequence[str], actual: Sequence[Labels], predicted: Sequence[Labels], *, multi_label: bool
) -> dict[str, Any]:
    """The content of confusion_matrix.json.

    multi_class: rows are actual classes, columns predicted ones. multi_label: one 2x2 matrix a label,
    [[neither, predicted only], [actual only, both]].
    """
    counts = _counts(actual, predicted)
    labels = sorted({*counts, *trained})
    matrix: list[Any]
    if multi_label:
        matrix = [_two_by_two(counts.get(label, _Counts(0, 0, 0)), len(actual)) for label in labels]
    else:
        position = {label: index for index, label in enumerate(labels)}
        matrix = [[0] * len(labels) for _ in labels]
        for (one,), (other,) in zip(actual, predicted, strict=True):
            matrix[position[one]][position[other]] += 1
    return {
        "type": "multi_label" if multi_label else "multi_class",
        "confusion_matrix": matrix,
        "labels": labels,
        "all_labels": labels,
    }


def _two_by_two(count: _Counts, documents: int) -> list[list[int]]:
    neither = documents - count.right - count.wrong - count.missed
    return [[neither, count.wrong], [count.missed, count.right]]


def _counts(actual: Sequence[Labels], predicted: Sequence[Labels]) -> dict[str, _Counts]:
    """The counts of every label that occurs."""
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for one, other in zip(actual, predicted, strict=True):
        right.update(set(one) & set(other))
        wrong.update(set(other) - set(one))
        missed.update(set(one) - set(other))
    return {label: _Counts(right[label], wrong[label], missed[label]) for label in sorted({*right, *wrong, *missed})}


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
