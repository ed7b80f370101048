"""What a training leaves: a model folder for serving; metrics, report and model card for people."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from trieur_train.folders import ENCODER_FILE, MODEL_FILES, REPORT_FILES, Folders
from trieur_train.report.model_card import render_model_card
from trieur_train.report.page import render_report

MODEL_FORMAT = 2


def write_report(
    folders: Folders, metrics: dict[str, Any], confusion: dict[str, Any], errors: Sequence[dict[str, Any]]
) -> None:
    """Write what people and programs read about the training to output/data. Raises OSError."""
    folders.report.mkdir(parents=True, exist_ok=True)
    contents = (
        _json(metrics),
        _json(confusion),
        "".join(json.dumps(error, ensure_ascii=False) + "\n" for error in errors),
        render_report(metrics, confusion, errors),
        render_model_card(metrics),
    )
    for name, text in zip(REPORT_FILES, contents, strict=True):
        (folders.report / name).write_text(text, encoding="utf-8")


def write_model(
    folders: Folders,
    *,
    graph: Path,
    encoder: dict[str, Any] | None,
    tokenizer: Tokenizer,
    metrics: dict[str, Any],
    pad_token_id: int,
    training_job: str,
) -> None:
    """Write what serving reads to model/; `encoder` is the content of encoder.json, if there is one.

    Raises OSError; whoever catches it removes what was written.
    """
    folders.model.mkdir(parents=True, exist_ok=True)
    graph_file, tokenizer_file, description_file = (folders.model / name for name in MODEL_FILES)
    shutil.copyfile(graph, graph_file)
    tokenizer.save(str(tokenizer_file))
    description = {
        "format": MODEL_FORMAT,
        "mode": metrics["mode"],
        "labels": metrics["labels"],
        "max_length": metrics["long_texts"]["max_length"],
        "long_texts": metrics["long_texts"]["policy"],
        "pad_token_id": pad_token_id,
        "temperature": metrics["calibration"]["temperature"],
        "threshold": metrics["rejection"]["threshold"],
        "base_model": metrics["base_model"],
        "training_job": training_job,
    }
    description_file.write_text(_json(description), encoding="utf-8")
    if encoder:
        # In a line: it is long, and for machines.
        (folders.model / ENCODER_FILE).write_text(json.dumps(encoder), encoding="utf-8")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
