"""What a training left: Comprehend's figures and confusion matrix, in the form of CamemBERT's metrics."""

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from trieur import metrics
from trieur.backends import output_archive
from trieur.backends.base import TrainedModel
from trieur.backends.comprehend import split_files
from trieur.backends.comprehend.report import render_report
from trieur.dataset.wording import first_listed, quoted, sentence
from trieur.objects import ObjectStore
from trieur.runs import Run

MATRIX_FILE: Final = "confusion_matrix.json"
# Comprehend reports four decimals, and as single-precision numbers.
ROUNDING: Final = 0.0006

OWN_TEST: Final = "Comprehend's own test of the pipeline's test split"
OWN_TEST_OF_SEVERAL: Final = f"{OWN_TEST}; the accuracy as it reports it, which per-label matrices do not tell"

# What Comprehend reports, by the name that it has in our metrics of the matrix.
_MACRO: Final = {"Precision": "macro_precision", "Recall": "macro_recall", "F1Score": "macro_f1"}
_MICRO: Final = {"MicroPrecision": "precision", "MicroRecall": "recall", "MicroF1Score": "f1"}


class ResultsUnusable(Exception):
    """Comprehend's own figures are missing or make no sense; one sentence for people."""


def trained_model(artifacts: ObjectStore, run: Run) -> TrainedModel:
    """The metrics and report of a TRAINED run, from its record and Comprehend's output.tar.gz.

    Raises ResultsUnusable and output_archive.ArchiveRefused.
    """
    confusion = read_confusion_matrix(artifacts, run)
    reported: dict[str, Any] = run.training.get("reported", {})
    figures: dict[str, float] = reported.get("EvaluationMetrics", {})
    tested = [labels for _, labels in split_files.examples(artifacts, run, split_files.TESTED_ON)]
    test = _test_metrics(confusion, figures) | {"majority_share": metrics.majority_share(tested)}
    results = {
        "mode": run.dataset.mode,
        "labels": sorted(confusion["all_labels"]),
        "test": test,
        "test_source": OWN_TEST if confusion["type"] == "multi_class" else OWN_TEST_OF_SEVERAL,
        "validation": None,
        "history": [],
        "base_model": {
            "name": "Amazon Comprehend",
            "source": "comprehend",
            "parameters": None,
            "note": run.training.get("message") or None,
        },
        "seconds": _seconds(run.training),
        "comprehend": {
            "arn": run.training["arn"],
            "reported": reported,
            "test": test,
            "disagreements": list(_disagreements(confusion, test, figures, run.dataset.label_counts, len(tested))),
        },
        "evaluation": None,
    }
    return TrainedModel(metrics=results, report=report_files(run, results, confusion))


def read_confusion_matrix(artifacts: ObjectStore, run: Run) -> dict[str, Any]:
    """The confusion_matrix.json of the run's output.tar.gz. Raises ResultsUnusable and ArchiveRefused."""
    where = run.training.get("output", "")
    bucket, _, key = where.removeprefix("s3://").partition("/")
    if not where.endswith(".tar.gz"):
        raise ResultsUnusable(f"Comprehend names no output.tar.gz of the training but {where or 'nothing'}.")
    files = output_archive.read_files(artifacts.s3, bucket, key)
    try:
        return _checked(json.loads(files[MATRIX_FILE]))
    except (KeyError, TypeError, ValueError) as error:
        raise ResultsUnusable(f"{where} holds no {MATRIX_FILE} as Comprehend documents it: {error!r}.") from error


def report_files(run: Run, results: Mapping[str, Any], confusion: Mapping[str, Any]) -> dict[str, bytes]:
    """The files of the run's report; `confusion` belongs to the metrics under `test`."""
    return {
        "metrics.json": _json(results),
        MATRIX_FILE: _json(confusion),
        "report.html": render_report(run, results, confusion).encode(),
    }


def _checked(confusion: dict[str, Any]) -> dict[str, Any]:
    """The matrix, if it has the form that `trieur.metrics` describes; raises KeyError, TypeError or ValueError."""
    names, matrix = confusion["labels"], confusion["confusion_matrix"]
    shapes = {"multi_class": (len(names),), "multi_label": (2, 2)}
    shape = shapes[confusion["type"]]
    rows = matrix if len(shape) == 1 else [row for label in matrix for row in label]
    if len(matrix) != len(names) or any(len(row) != shape[-1] for row in rows):
        raise ValueError("the matrix does not fit its labels")
    if len(shape) == 2 and any(len(label) != 2 for label in matrix):
        raise ValueError("a label's matrix is not 2 by 2")
    if any(type(count) is not int or count < 0 for row in rows for count in row):
        raise ValueError("a count is no whole number")
    return {**confusion, "all_labels": confusion.get("all_labels", names)}


def _test_metrics(confusion: Mapping[str, Any], figures: Mapping[str, float]) -> dict[str, Any]:
    if confusion["type"] == "multi_class":
        return metrics.of_confusion_matrix(confusion)
    # The matrices of several labels do not tell how many examples have every label right.
    if "Accuracy" not in figures:
        raise ResultsUnusable("Comprehend reports no accuracy of the trained model.")
    return metrics.of_confusion_matrix(confusion, accuracy=figures["Accuracy"])


def _disagreements(
    confusion: Mapping[str, Any],
    test: Mapping[str, Any],
    figures: Mapping[str, float],
    labels: Collection[str],
    examples: int,
) -> Iterator[str]:
    """One sentence for each thing in which Comprehend's figures, its matrix and the run's test split differ."""
    micro = metrics.micro_averages(confusion)
    expected = {name: test[ours] for name, ours in _MACRO.items()} | {name: micro[o] for name, o in _MICRO.items()}
    if confusion["type"] == "multi_class":
        expected["Accuracy"] = test["accuracy"]
    else:
        expected["HammingLoss"] = micro["hamming_loss"]
    for name, value in sorted(expected.items()):
        if name in figures and abs(figures[name] - value) > ROUNDING:
            yield f"Comprehend reports {name} {figures[name]:.4f}, and its confusion matrix gives {value:.4f}."
    if test["examples"] != examples:
        yield f"Comprehend tested {test['examples']:,} examples, and the test split has {examples:,}."
    different = set(confusion["all_labels"]) ^ set(labels)
    if different:
        names = first_listed(map(quoted, sorted(different)), len(different))
        yield sentence(f"only one of Comprehend's confusion matrix and the dataset has the label {names}")


def _seconds(training: Mapping[str, Any]) -> dict[str, float | None]:
    return {
        "train": _between(training.get("started_at"), training.get("ended_at")),
        "total": _between(training.get("submitted_at"), training.get("completed_at")),
    }


def _between(start: str | None, end: str | None) -> float | None:
    if not start or not end:
        return None
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()
