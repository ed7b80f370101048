"""The judgement of a trained model: what metrics.json, the report and the confusion matrix say of its answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from trieur_train.evaluation import baseline
from trieur_train.evaluation.calibration import Probabilities, calibration_report, probabilities
from trieur_train.evaluation.comparison import compare
from trieur_train.evaluation.metrics import Logits, Targets, confusion_matrix, evaluate, predictions
from trieur_train.evaluation.rejection import rejection_report
from trieur_train.examples import Splits

MOST_ERRORS = 100


@dataclass(frozen=True)
class Judgement:
    """metrics: the keys `test`, `validation`, `baseline`, `calibration` and `rejection` of metrics.json. errors: the
    wrong answers on the test split, most confident first."""

    metrics: dict[str, Any]
    confusion: dict[str, Any]
    errors: list[dict[str, Any]]


def judge(
    splits: Splits, targets: Mapping[str, Targets], logits: Mapping[str, Logits], *, rejection_precision: float
) -> Judgement:
    """Judge `logits` of the texts of the `validation` and `test` splits, and the linear baseline beside them.

    `targets` are those of all three splits, by their names.
    """
    calibration = calibration_report(logits["validation"], targets["validation"], logits["test"], targets["test"])
    chances = {
        name: probabilities(logits[name], targets[name].ndim, calibration["temperature"])
        for name in ("validation", "test")
    }
    linear = baseline.train_baseline(
        splits.train.texts,
        targets["train"],
        splits.validation.texts,
        targets["validation"],
        splits.test.texts,
        labels=len(splits.labels),
    )
    return Judgement(
        metrics={
            "test": evaluate(logits["test"], targets["test"], splits.labels),
            "validation": evaluate(logits["validation"], targets["validation"], splits.labels),
            "baseline": {
                "name": baseline.NAME,
                "seconds": linear.seconds,
                "test": evaluate(linear.test_logits, targets["test"], splits.labels),
                "validation": evaluate(linear.validation_logits, targets["validation"], splits.labels),
                "comparison": compare(logits["test"], linear.test_logits, targets["test"]),
            },
            "calibration": calibration,
            "rejection": rejection_report(
                chances["validation"], targets["validation"], chances["test"], targets["test"], rejection_precision
            ),
        },
        confusion=confusion_matrix(logits["test"], targets["test"], splits.labels),
        errors=_errors(splits, logits["test"], chances["test"], targets["test"].ndim),
    )


def _errors(splits: Splits, logits: Logits, chances: Probabilities, dimensions: int) -> list[dict[str, Any]]:
    predicted = predictions(logits, dimensions)
    errors = []
    for row, (text, names) in enumerate(zip(splits.test.texts, splits.test.labels, strict=True)):
        found = [label for label, given in zip(splits.labels, predicted[row], strict=True) if given]
        wrong = [position for position, label in enumerate(splits.labels) if (label in names) != (label in found)]
        if wrong:
            error = {"text": text, "actual": list(names), "predicted": found}
            errors.append(error | {"probability": _certainty(chances[row], predicted[row], wrong)})
    return sorted(errors, key=lambda error: -float(error["probability"]))[:MOST_ERRORS]


def _certainty(chances: Probabilities, predicted: Any, wrong: Sequence[int]) -> float:
    """How sure the model was of the most wrong of its answers: that a label is there, or that it is not."""
    sure = np.where(predicted, chances, 1 - chances)
    given = [position for position in wrong if predicted[position]]
    return float(max(sure[position] for position in given or wrong))
