"""Texts to be asked about, line by line out of files of any size."""

import csv
import gzip
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, cast

from trieur.dataset.wording import quoted

KINDS: Final = (".txt", ".jsonl", ".csv")
# A request to an endpoint has 6 MB; a text longer than that is one nobody could answer.
LONGEST_LINE_BYTES: Final = 6_000_000
_DELIMITERS: Final = ",;\t"


class TextsUnreadable(Exception):
    """The file is not what its name says; one sentence for people."""


@dataclass(frozen=True)
class Line:
    """A line of a file, counted from 1, with its text or with what is wrong with it."""

    number: int
    text: str = ""
    problem: str | None = None


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The file's bytes, unpacked where it is named .gz. Raises OSError."""
    if path.name.lower().endswith(".gz"):
        with gzip.open(path) as unpacked:
            yield cast(BinaryIO, unpacked)
    else:
        with path.open("rb") as file:
            yield file


def kind_of(name: str) -> str:
    """`.txt`, `.jsonl` or `.csv`. Raises TextsUnreadable for a file named otherwise."""
    suffix = Path(name.lower().removesuffix(".gz")).suffix
    if suffix not in KINDS:
        raise TextsUnreadable(
            f"{name!r} is not named as a file of texts: use {', '.join(KINDS[:-1])} or {KINDS[-1]}, optionally with"
            " .gz."
        )
    return suffix


def read_lines(file: BinaryIO, kind: str, column: str = "text") -> Iterator[Line]:
    """Every line that is not blank, in order, holding one at a time.

    A line of a `.txt` is a text; of a `.jsonl` an object with the text under the key `column`, or a JSON string; of a
    `.csv`, whose first line names its columns, a row with the text in `column`: `number` is the line the row ends on.
    Raises TextsUnreadable, before any line, where a `.csv` has no such column.
    """
    if kind == ".csv":
        yield from _csv_rows(file, column)
        return
    for number, line in enumerate(_bounded(file), start=1):
        if len(line) > LONGEST_LINE_BYTES:
            yield Line(number, problem=f"The line has more than {LONGEST_LINE_BYTES:,} bytes: shorten its text.")
            continue
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8").removesuffix("\n").removesuffix("\r")
        except UnicodeDecodeError as error:
            yield Line(number, problem=f"The line is not UTF-8 at byte {error.start + 1:,}: save the file in UTF-8.")
            continue
        if text.strip():
            yield _json_line(number, text, column) if kind == ".jsonl" else Line(number, text)


def _bounded(file: BinaryIO) -> Iterator[bytes]:
    """The lines; of one too long only its beginning."""
    while line := file.readline(LONGEST_LINE_BYTES + 1):
        yield line
        rest = line
        while len(rest) > LONGEST_LINE_BYTES and not rest.endswith(b"\n"):
            rest = file.readline(LONGEST_LINE_BYTES + 1)


def _json_line(number: int, line: str, key: str) -> Line:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return Line(number, problem="The line is not valid JSON: name the file .txt if every line is a text.")
    if isinstance(value, dict):
        if key not in value:
            return Line(number, problem=f"The line has no key {quoted(key)}.")
        value = value[key]
    if not isinstance(value, str):
        return Line(number, problem=f"The line has {quoted(value)} for a text.")
    return Line(number, value)


def _csv_rows(file: BinaryIO, column: str) -> Iterator[Line]:
    # What is not UTF-8 becomes halves of surrogate pairs, which no endpoint is asked about.
    text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")
    header = text.readline()
    for delimiter in _DELIMITERS:
        names = next(csv.reader([header], delimiter=delimiter), [])
        if column in names:
            break
    else:
        raise TextsUnreadable(
            f"The first line names no column {quoted(column)}: it is {quoted(header.strip())}. Name the column of the"
            " texts with --column."
        )
    place, rows = names.index(column), csv.reader(text, delimiter=delimiter)
    while True:
        try:
            row = next(rows, None)
        except csv.Error as error:
            yield Line(rows.line_num + 1, problem=f"The row cannot be read: {error}.")
            continue
        if row is None:
            return
        number = rows.line_num + 1
        if not any(row):
            continue
        yield Line(number, row[place]) if place < len(row) else Line(number, problem="The row has too few columns.")
