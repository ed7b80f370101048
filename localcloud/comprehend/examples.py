"""Labelled documents as Comprehend takes them: two-column CSV and Ground Truth's augmented manifests."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_LABEL_CHARACTERS = 5_000
_MANIFEST_LINE_BYTES = 5 << 20


class BadData(Exception):
    """Why the data cannot be trained on, for people: the file, the row or line, and what is wrong there."""


@dataclass(frozen=True)
class Example:
    """A document with its class, or its labels in multi-label mode."""

    text: str
    labels: tuple[str, ...]


def read_csv(files: Sequence[Path], delimiter: str | None) -> list[Example]:
    """The rows `label,document` of the files. delimiter separates the labels of a row, None in multi-class mode.

    Raises BadData.
    """
    csv.field_size_limit(1 << 30)
    return [example for file in files for example in _rows(file, delimiter)]


def read_manifest(files: Sequence[Path], attributes: Sequence[str], *, multi_label: bool) -> list[Example]:
    """The JSON Lines of the files, each labelled by the first of the attributes it has. Raises BadData."""
    return [example for file in files for example in _lines(file, attributes, multi_label)]


def _rows(file: Path, delimiter: str | None) -> Iterator[Example]:
    # Only \n and \r\n end a row: Unicode's other ends of lines belong to the document.
    rows = csv.reader(io.StringIO(_text(file), newline="\n"), strict=True)
    number = 0
    while True:
        number += 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            raise BadData(f"Row {number} of {file.name} is not valid CSV: {error}.") from None
        if not row:
            continue
        if len(row) != 2:
            raise BadData(
                f"Row {number} of {file.name} has {len(row)} column{'s' if len(row) > 1 else ''}: it must have two, "
                "the label and the document. A document that contains a comma must be quoted."
            )
        where = f"row {number} of {file.name}"
        labels = [row[0]] if delimiter is None else row[0].split(delimiter)
        yield _example(row[1], labels, where)


def _lines(file: Path, attributes: Sequence[str], multi_label: bool) -> Iterator[Example]:
    for number, line in enumerate(_text(file).split("\n"), start=1):
        if not line.strip():
            continue
        where = f"line {number} of {file.name}"
        if len(line) > _MANIFEST_LINE_BYTES:
            raise BadData(f"The {where} is longer than {_MANIFEST_LINE_BYTES >> 20} MB.")
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise BadData(f"The {where} is not valid JSON: {error}.") from None
        if not isinstance(entry, dict) or not isinstance(entry.get("source"), str):
            raise BadData(f'The {where} is no JSON object with the document\'s text as its "source".')
        yield _example(entry["source"], _manifest_labels(entry, attributes, multi_label, where), where)


def _manifest_labels(
    entry: Mapping[str, Any], attributes: Sequence[str], multi_label: bool, where: str
) -> Sequence[str]:
    attribute = next((name for name in attributes if name in entry), None)
    if attribute is None:
        raise BadData(f"The {where} has none of the attributes {', '.join(attributes)}.")
    metadata = entry.get(f"{attribute}-metadata")
    member = "class-map" if multi_label else "class-name"
    found = metadata.get(member) if isinstance(metadata, dict) else None
    if multi_label and isinstance(found, dict) and all(isinstance(name, str) for name in found.values()):
        return list(found.values())
    if not multi_label and isinstance(found, str):
        return [found]
    raise BadData(
        f'The {where} has no "{member}" in "{attribute}-metadata", where the {"labels" if multi_label else "label"} '
        f"of a {'multi-label' if multi_label else 'multi-class'} classifier must be."
    )


def _example(text: str, labels: Sequence[str], where: str) -> Example:
    if not text.strip():
        raise BadData(f"The document in {where} is empty.")
    if not labels or not all(label.strip() for label in labels):
        raise BadData(f"A label in {where} is empty.")
    for label in labels:
        if len(label) > _LABEL_CHARACTERS:
            raise BadData(f"A label in {where} is longer than {_LABEL_CHARACTERS} characters.")
        if any(unicodedata.category(character).startswith("C") for character in label):
            raise BadData(f"The label {label!r} in {where} contains a control character.")
    return Example(text, tuple(dict.fromkeys(labels)))


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise BadData(f"Line {line} of {file.name} is not valid UTF-8 (byte {error.start + 1} of the file).") from None
