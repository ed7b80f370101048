"""Carries out the training of one classifier, from the data in S3 to the archive there."""

from __future__ import annotations

import json
import logging
import shutil
from pathlib import Path
from typing import Any

from localcloud.comprehend.classifier import Classifier
from localcloud.comprehend.data_access import DataAccess, DataRefused
from localcloud.comprehend.workers import Workers
from localcloud.protocol import Parameters
from localcloud.roles import Roles

_logger = logging.getLogger("localcloud")
_PROCESS = "localcloud.comprehend.training_process"
# Whoever shows a figure of this classifier is to show this with it.
STAND_IN = (
    "Trained by the local stand-in for Amazon Comprehend (TF-IDF and logistic regression by scikit-learn): its "
    "accuracy is not Amazon's."
)


def carry_out(classifier: Classifier, roles: Roles, workers: Workers) -> None:
    """Trains the classifier to its end, which is always a final status and never an exception."""
    work = classifier.folder / "training"
    try:
        _train(classifier, roles, workers, work)
    except DataRefused as error:
        classifier.end("IN_ERROR", str(error))
    except Exception:
        if classifier.stop_requested.is_set():
            classifier.end("STOPPED")
        else:
            _logger.exception("The classifier %s met an error of the local AWS itself", classifier.arn)
            classifier.end("IN_ERROR", "INTERNAL_SERVER_ERROR: The training met an error of the local AWS itself.")
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _train(classifier: Classifier, roles: Roles, workers: Workers, work: Path) -> None:
    if classifier.stop_requested.is_set():
        classifier.end("STOPPED")
        return
    classifier.begin_training()
    access = DataAccess(roles, classifier.request, classifier.place, classifier.arn)
    inputs, request = _plan(classifier, work)
    access.fetch(inputs)
    (work / "request.json").write_text(json.dumps(request))
    if not workers.work(_PROCESS, work, classifier.log_name, classifier.stop_requested):
        classifier.end("STOPPED")
        return
    result: dict[str, Any] = json.loads((work / "result.json").read_text())
    if "error" in result:
        raise DataRefused(f"INVALID_INPUT: {result['error']}")
    if classifier.output_uri is not None:
        kms_key = classifier.request["OutputDataConfig"].get("KmsKeyId")
        access.leave(work / "archive", classifier.output_uri, kms_key)
    (work / "model.joblib").replace(classifier.model_file)
    warnings = result["warnings"]
    status = "TRAINED_WITH_WARNING" if warnings else "TRAINED"
    classifier.end(status, " ".join([STAND_IN, *warnings]), result["metadata"])


def _plan(classifier: Classifier, work: Path) -> tuple[list[tuple[str, Path]], Parameters]:
    """What to fetch where, and the training process's request."""
    config = classifier.request["InputDataConfig"]
    plan = {
        "mode": classifier.mode,
        "format": config.get("DataFormat", "COMPREHEND_CSV"),
        "delimiter": config.get("LabelDelimiter", "|"),
    }
    if plan["format"] == "COMPREHEND_CSV":
        inputs = [(config["S3Uri"], work / "train")]
        if config.get("TestS3Uri"):
            inputs.append((config["TestS3Uri"], work / "test"))
        return inputs, {**plan, "test_given": len(inputs) > 1}
    inputs, attributes = [], {}
    for number, manifest in enumerate(config["AugmentedManifests"]):
        side = manifest.get("Split", "TRAIN").lower()
        inputs.append((manifest["S3Uri"], work / side / str(number)))
        attributes[str(number)] = manifest["AttributeNames"]
    test_given = any(manifest.get("Split") == "TEST" for manifest in config["AugmentedManifests"])
    return inputs, {**plan, "test_given": test_given, "attributes": attributes}
