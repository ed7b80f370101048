"""What a training leaves: a model folder for serving; metrics, report and confusion matrix for people."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from trieur_train.folders import Folders
from trieur_train.report.page import render_report

MODEL_FORMAT = 1
MODEL_FILES = ("model.onnx", "tokenizer.json", "model.json")
REPORT_FILES = ("metrics.json", "confusion_matrix.json", "report.html")


def write_report(folders: Folders, metrics: dict[str, Any], confusion: dict[str, Any]) -> None:
    """Write what people and programs read about the training to output/data."""
    folders.report.mkdir(parents=True, exist_ok=True)
    page = render_report(metrics, confusion)
    contents = (_json(metrics), _json(confusion), page)
    for name, text in zip(REPORT_FILES, contents, strict=True):
        (folders.report / name).write_text(text, encoding="utf-8")


def write_model(
    folders: Folders,
    *,
    graph: Path,
    tokenizer: Tokenizer,
    metrics: dict[str, Any],
    max_length: int,
    pad_token_id: int,
    training_job: str,
) -> None:
    """Write what serving reads to model/; whoever catches an error here calls `remove_artefacts`."""
    folders.model.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(graph, folders.model / "model.onnx")
    tokenizer.save(str(folders.model / "tokenizer.json"))
    description = {
        "format": MODEL_FORMAT,
        "mode": metrics["mode"],
        "labels": metrics["labels"],
        "max_length": max_length,
        "pad_token_id": pad_token_id,
        # Neither calibrated nor with a threshold below which an answer is "none of these".
        "temperature": 1.0,
        "threshold": None,
        "base_model": metrics["base_model"],
        "training_job": training_job,
    }
    (folders.model / "model.json").write_text(_json(description), encoding="utf-8")


def remove_artefacts(folders: Folders) -> None:
    """Leave nothing of an earlier or half-finished training."""
    _remove(folders.model, MODEL_FILES)
    _remove(folders.report, REPORT_FILES)


def _remove(folder: Path, names: Sequence[str]) -> None:
    for name in names:
        (folder / name).unlink(missing_ok=True)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
