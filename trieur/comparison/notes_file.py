"""Notes somebody gives by hand: a JSON or CSV file.

JSON: `{"criteria": [{"name": "speed", "coefficient": 5, "comprehend": 5, "camembert": 4}, ...]}`, or the list alone.
CSV: the header `name,coefficient,comprehend,camembert`, its columns in any order, and a row a criterion.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from trieur.comparison.matrix import COLUMNS, HIGHEST_NOTE, LOWEST_NOTE, NAMES, Criterion, Matrix
from trieur.costs.wording import Text
from trieur.dataset.strict_json import PARSE_ERRORS, parse, why_not
from trieur.settings import Backend

MAX_BYTES: Final = 1_000_000
MAX_CRITERIA: Final = 100
MAX_NAME: Final = 100
MAX_COEFFICIENT: Final = 1_000
FIELDS: Final = ("name", "coefficient", *COLUMNS)


class NotesRefused(ValueError):
    """The file is not as it has to be; one sentence that names the line or key."""


def read_notes(file: Path) -> Matrix:
    """The matrix of the file's notes. Raises NotesRefused, and OSError where it cannot be read."""
    with file.open("rb") as opened:
        data = opened.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise NotesRefused(f"{file.name} has more than {MAX_BYTES:,} bytes, the most that is read.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotesRefused(f"{file.name} is not UTF-8 at byte {error.start:,}: save it in UTF-8.") from error
    rows = list(_json_rows(text, file.name) if text.lstrip()[:1] in ("{", "[") else _csv_rows(text, file.name))
    if not rows:
        raise NotesRefused(f"{file.name} has no criterion.")
    if len(rows) > MAX_CRITERIA:
        raise NotesRefused(f"{file.name} has {len(rows):,} criteria; at most {MAX_CRITERIA} are weighed.")
    criteria = tuple(_criterion(row, where) for where, row in rows)
    seen: dict[str, str] = {}
    for criterion, (where, _) in zip(criteria, rows, strict=True):
        if criterion.key in seen:
            raise NotesRefused(f"{where}: {criterion.key!r} was already at {seen[criterion.key]}.")
        seen[criterion.key] = where
    return Matrix(criteria, Text(f"Notes from {file.name}.", f"Notes de {file.name}."))


def _json_rows(text: str, name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        document, end = parse(text.strip())
    except PARSE_ERRORS as error:
        place = f" at line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise NotesRefused(f"{name} is not valid JSON{place}: {why_not(error)}.") from error
    if end < len(text.strip()):
        raise NotesRefused(f"{name} goes on after its JSON.")
    if isinstance(document, dict):
        unknown = sorted(set(document) - {"criteria"})
        if unknown:
            raise NotesRefused(f"{name}: there is no key {unknown[0]!r}; it is an object with the key 'criteria'.")
        document = document.get("criteria")
    if not isinstance(document, list):
        raise NotesRefused(f"{name}: criteria is no list.")
    for number, row in enumerate(document):
        where = f"{name}: criteria[{number}]"
        if not isinstance(row, dict):
            raise NotesRefused(f"{where} is no object with the keys {', '.join(FIELDS)}.")
        yield where, row


def _csv_rows(text: str, name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        if sorted(header) != sorted(FIELDS):
            raise NotesRefused(
                f"{name}, line 1: the header is {','.join(header)!r}; it has to be {','.join(FIELDS)!r}."
            )
        for cells in reader:
            where = f"{name}, line {reader.line_num}"
            if not cells:
                continue
            if len(cells) != len(header):
                raise NotesRefused(f"{where} has {len(cells)} cells instead of {len(header)}.")
            row: dict[str, Any] = dict(zip(header, map(str.strip, cells), strict=True))
            yield where, row | {field: _number(row[field]) for field in FIELDS[1:]}
    except csv.Error as error:
        raise NotesRefused(f"{name}, line {reader.line_num}: {error}.") from error


def _number(cell: str) -> float | str:
    try:
        return float(cell)
    except ValueError:
        return cell


def _criterion(row: Mapping[str, Any], where: str) -> Criterion:
    for field in FIELDS:
        if field not in row:
            raise NotesRefused(f"{where} has no {field!r}.")
    unknown = sorted(map(str, set(row) - set(FIELDS)))
    if unknown:
        raise NotesRefused(f"{where}: there is no key {unknown[0]!r}; the keys are {', '.join(FIELDS)}.")
    name = row["name"]
    if not isinstance(name, str) or not 0 < len(name.strip()) <= MAX_NAME or not name.strip().isprintable():
        raise NotesRefused(f"{where}: name is {name!r:.50}; a criterion has a name of 1 to {MAX_NAME} characters.")
    coefficient = _within(row, "coefficient", 0, MAX_COEFFICIENT, where)
    if coefficient == 0:
        raise NotesRefused(f"{where}: coefficient is 0; it has to be more.")
    notes: dict[Backend, float] = {
        backend: _within(row, backend, LOWEST_NOTE, HIGHEST_NOTE, where) for backend in COLUMNS
    }
    key = name.strip()
    return Criterion(key, NAMES.get(key, Text(key, key)), coefficient, notes, {})


def _within(row: Mapping[str, Any], field: str, low: float, high: float, where: str) -> float:
    value = row[field]
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise NotesRefused(f"{where}: {field} is {value!r:.50}; it has to be a number from {low} to {high:,}.")
    return float(value)
