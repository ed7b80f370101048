"""How good predictions are, in the form of metrics.json, without numpy: a Lambda has none.

The definitions are those of containers/train's evaluation. Macro averages are means over the labels that occur in the
split or were predicted there, as scikit-learn takes them; a share of nothing is 0. Accuracy of several labels is the
share of examples with all of them right. Intervals are [low, high] at 95 %. A confusion matrix has the form of Amazon
Comprehend's confusion_matrix.json: multi-class rows are actual, columns predicted labels; multi-label has, per label,
[[no/no, no/yes], [yes/no, yes/yes]], actual/predicted.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trieur.dataset import Mode
from trieur.intervals import Interval, Outcome, f1_interval, macro_f1_interval, of_mean_f1, wilson

Labels = Sequence[str]
"""What one example has, or is said to have: one name in mode multi-class, any number in mode multi-label."""


@dataclass(frozen=True)
class _Counts:
    """Of one label: examples that have it and were said to, that were said to have it, that have it."""

    right: int
    predicted: int
    actual: int

    @property
    def precision(self) -> float:
        return self.right / max(self.predicted, 1)

    @property
    def recall(self) -> float:
        return self.right / max(self.actual, 1)

    @property
    def f1(self) -> float:
        return 2 * self.right / max(self.predicted + self.actual, 1)

    def as_json(self) -> dict[str, Any]:
        return {
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
            "support": self.actual,
            "precision_interval": list(wilson(self.right, self.predicted)),
            "recall_interval": list(wilson(self.right, self.actual)),
            "f1_interval": list(f1_interval(self.right, self.predicted, self.actual)),
        }

    @property
    def counts_in_averages(self) -> bool:
        return self.predicted + self.actual > 0


def of_predictions(actual: Sequence[Labels], predicted: Sequence[Labels], labels: Sequence[str]) -> dict[str, Any]:
    """The metrics of one split from what its examples have and were said to have; `labels` names all there are."""
    right, said, had = Counter[str](), Counter[str](), Counter[str]()
    outcomes = Counter[Outcome]()
    for true, found in zip(actual, predicted, strict=True):
        names, guesses = set(true), set(found)
        had.update(names)
        said.update(guesses)
        right.update(names & guesses)
        outcomes[frozenset(names), frozenset(guesses)] += 1
    exact = sum(number for (names, guesses), number in outcomes.items() if names == guesses)
    counts = {label: _Counts(right[label], said[label], had[label]) for label in labels}
    return _split_metrics(len(actual), exact / max(len(actual), 1), counts, macro_f1_interval(outcomes))


def of_confusion_matrix(confusion: Mapping[str, Any], *, accuracy: float | None = None) -> dict[str, Any]:
    """The metrics of the split that the matrix counts.

    `accuracy` is for mode multi-label, whose matrices do not tell how many examples have every label right. Nor do
    they tell which labels go together: the interval of the macro-F1 is then that of labels that know nothing of each
    other.
    """
    matrix, names = confusion["confusion_matrix"], confusion["labels"]
    if confusion["type"] == "multi_class":
        columns = [sum(row[number] for row in matrix) for number in range(len(names))]
        counts = {
            name: _Counts(matrix[number][number], columns[number], sum(matrix[number]))
            for number, name in enumerate(names)
        }
        examples = sum(columns)
        accuracy = sum(count.right for count in counts.values()) / max(examples, 1)
        cells = {
            (frozenset({names[row]}), frozenset({names[column]})): number
            for row, numbers in enumerate(matrix)
            for column, number in enumerate(numbers)
            if number
        }
        bounds = macro_f1_interval(cells)
    else:
        if accuracy is None:
            raise ValueError("the matrices of several labels do not tell the accuracy")
        counts = {
            name: _Counts(yes_yes, no_yes + yes_yes, yes_no + yes_yes)
            for name, ((_, no_yes), (yes_no, yes_yes)) in zip(names, matrix, strict=True)
        }
        examples = sum(map(sum, matrix[0])) if matrix else 0
        bounds = of_mean_f1([(c.right, c.predicted, c.actual) for c in counts.values() if c.counts_in_averages])
    absent = {name: _Counts(0, 0, 0) for name in confusion["all_labels"] if name not in counts}
    return _split_metrics(examples, accuracy, dict(sorted((counts | absent).items())), bounds)


def confusion_matrix(
    actual: Sequence[Labels], predicted: Sequence[Labels], labels: Sequence[str], mode: Mode
) -> dict[str, Any]:
    """The confusion matrix of the predictions.

    In mode multi-class an example that nothing was predicted for is in no column: its row says one less.
    """
    matrix: list[Any]
    if mode == "multi-class":
        numbers = {label: number for number, label in enumerate(labels)}
        matrix = [[0] * len(labels) for _ in labels]
        for true, found in zip(actual, predicted, strict=True):
            for guess in found:
                matrix[numbers[true[0]]][numbers[guess]] += 1
    else:
        cells = {label: [[0, 0], [0, 0]] for label in labels}
        for true, found in zip(actual, predicted, strict=True):
            names, guesses = set(true), set(found)
            for label, cell in cells.items():
                cell[label in names][label in guesses] += 1
        matrix = list(cells.values())
    return {
        "type": mode.replace("-", "_"),
        "confusion_matrix": matrix,
        "labels": list(labels),
        "all_labels": list(labels),
    }


def majority_share(actual: Sequence[Labels]) -> float:
    """The share of examples that have the most frequent label."""
    counts = Counter(name for names in actual for name in set(names))
    return max(counts.values(), default=0) / max(len(actual), 1)


def micro_averages(confusion: Mapping[str, Any]) -> dict[str, float]:
    """`precision`, `recall` and `f1` over all decisions of all labels together, and `hamming_loss`: the wrong share."""
    matrix = confusion["confusion_matrix"]
    if confusion["type"] == "multi_class":
        total, right = sum(map(sum, matrix)), sum(row[number] for number, row in enumerate(matrix))
        counts, decisions = _Counts(right, total, total), total
        wrong = total - right
    else:
        sums = [[sum(label[row][column] for label in matrix) for column in (0, 1)] for row in (0, 1)]
        (_, no_yes), (yes_no, yes_yes) = sums
        counts = _Counts(yes_yes, no_yes + yes_yes, yes_no + yes_yes)
        decisions, wrong = sum(map(sum, sums)), no_yes + yes_no
    return {
        "precision": counts.precision,
        "recall": counts.recall,
        "f1": counts.f1,
        "hamming_loss": wrong / max(decisions, 1),
    }


def _split_metrics(
    examples: int, accuracy: float, counts: Mapping[str, _Counts], macro_f1_bounds: Interval
) -> dict[str, Any]:
    averaged = [count for count in counts.values() if count.counts_in_averages]
    return {
        "examples": examples,
        "accuracy": accuracy,
        "macro_precision": _mean([count.precision for count in averaged]),
        "macro_recall": _mean([count.recall for count in averaged]),
        "macro_f1": _mean([count.f1 for count in averaged]),
        "loss": None,
        "majority_share": max((count.actual for count in counts.values()), default=0) / max(examples, 1),
        "accuracy_interval": list(wilson(round(accuracy * examples), examples)),
        "macro_f1_interval": list(macro_f1_bounds),
        "per_label": {label: count.as_json() for label, count in counts.items()},
    }


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
