"""Classifies the documents of one job: `python -m localcloud.comprehend.classification_process FOLDER`.

The folder holds request.json and input/. The process leaves archive/predictions.jsonl and result.json:
{"error": sentence} or {}.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from localcloud.comprehend.text_model import TextModel

_MOST_DOCUMENTS = 1_000_000
_FILE_BYTES = 10 << 20
_AT_ONCE = 1_000


class BadInput(Exception):
    """Why the documents cannot be classified: the file, the line, and what is wrong there."""


def main(folder: Path) -> None:
    request = json.loads((folder / "request.json").read_text())
    result = {}
    try:
        _classify(folder, request["model"], request["format"] == "ONE_DOC_PER_LINE")
    except BadInput as error:
        result = {"error": str(error)}
    (folder / "result.json").write_text(json.dumps(result))


def _classify(folder: Path, model_file: str, one_a_line: bool) -> None:
    files = sorted(file for file in (folder / "input").rglob("*") if file.is_file())
    _count(files, one_a_line)
    model = TextModel.load(Path(model_file))
    documents = _lines(files) if one_a_line else _whole(files)
    archive = folder / "archive"
    archive.mkdir()
    with (archive / "predictions.jsonl").open("w", encoding="utf-8") as out:
        while batch := list(islice(documents, _AT_ONCE)):
            _write(out, model, batch)


def _write(out: TextIO, model: TextModel, batch: list[tuple[str, int, str]]) -> None:
    member = "Labels" if model.multi_label else "Classes"
    for (file, line, _), scores in zip(batch, model.scores([text for *_, text in batch]), strict=True):
        named = [{"Name": label, "Score": score} for label, score in scores]
        entry: dict[str, Any] = {"File": file, "Line": str(line), member: named}
        out.write(json.dumps(entry, ensure_ascii=False) + "\n")


def _count(files: list[Path], one_a_line: bool) -> None:
    if len(files) > _MOST_DOCUMENTS:
        raise BadInput(f"The input has {len(files)} files, a job takes at most {_MOST_DOCUMENTS}.")
    lines = 0
    for file in files:
        if not one_a_line:
            if file.stat().st_size > _FILE_BYTES:
                raise BadInput(f"The file {file.name} is larger than {_FILE_BYTES >> 20} MB.")
            continue
        with file.open("rb") as stream:
            lines += sum(1 for _ in stream)
    if lines > _MOST_DOCUMENTS:
        raise BadInput(f"The input has {lines} lines, a job takes at most {_MOST_DOCUMENTS}.")


def _lines(files: list[Path]) -> Iterator[tuple[str, int, str]]:
    """File, line and text; a line without text is no document."""
    for file in files:
        with file.open("rb") as stream:
            for number, line in enumerate(stream):
                text = _decoded(line, f"Line {number + 1} of {file.name}").rstrip("\r\n")
                if text.strip():
                    yield file.name, number, text


def _whole(files: list[Path]) -> Iterator[tuple[str, int, str]]:
    for file in files:
        text = _decoded(file.read_bytes(), f"The file {file.name}")
        if text.strip():
            yield file.name, 0, text


def _decoded(content: bytes, where: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise BadInput(f"{where} is not valid UTF-8.") from None


if __name__ == "__main__":
    main(Path(sys.argv[1]))
