"""Trains one classifier: `python -m localcloud.comprehend.training_process FOLDER`, started by Training only.

The folder holds request.json, train/ and, where a test set is given, test/. The process leaves model.joblib,
archive/output/confusion_matrix.json and result.json: {"error": sentence} or {"metadata": ClassifierMetadata,
"warnings": [sentence]}.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from localcloud.comprehend.evaluation import confusion_matrix, metrics
from localcloud.comprehend.examples import BadData, Example, read_csv, read_manifest
from localcloud.comprehend.text_model import TextModel
from localcloud.comprehend.training_sets import check_test, check_training, split


def main(folder: Path) -> None:
    request = json.loads((folder / "request.json").read_text())
    try:
        result = _train(folder, request)
    except BadData as error:
        result = {"error": str(error)}
    (folder / "result.json").write_text(json.dumps(result))


def _train(folder: Path, request: dict[str, Any]) -> dict[str, Any]:
    training = _read(folder / "train", request)
    check_training(training, request["mode"])
    if request["test_given"]:
        test = _read(folder / "test", request)
        warnings = check_test(training, test)
    else:
        training, test, warnings = split(training)
    multi_label = request["mode"] == "MULTI_LABEL"
    model = TextModel.train(training, multi_label=multi_label)
    model.save(folder / "model.joblib")
    actual = [example.labels for example in test]
    predicted = [model.predicted(scores) for scores in model.scores([example.text for example in test])]
    output = folder / "archive" / "output"
    output.mkdir(parents=True)
    matrix = confusion_matrix(model.labels, actual, predicted, multi_label=multi_label)
    (output / "confusion_matrix.json").write_text(json.dumps(matrix))
    return {
        "warnings": warnings,
        "metadata": {
            "NumberOfLabels": len(model.labels),
            "NumberOfTrainedDocuments": len(training),
            "NumberOfTestDocuments": len(test),
            "EvaluationMetrics": metrics(actual, predicted),
        },
    }


def _read(folder: Path, request: dict[str, Any]) -> list[Example]:
    multi_label = request["mode"] == "MULTI_LABEL"
    if request["format"] == "COMPREHEND_CSV":
        files = sorted(file for file in folder.rglob("*") if file.is_file())
        return read_csv(files, request["delimiter"] if multi_label else None)
    examples: list[Example] = []
    # One folder a manifest: each has attributes of its own.
    for manifest in sorted(folder.iterdir()):
        files = sorted(file for file in manifest.rglob("*") if file.is_file())
        examples += read_manifest(files, request["attributes"][manifest.name], multi_label=multi_label)
    return examples


if __name__ == "__main__":
    main(Path(sys.argv[1]))
