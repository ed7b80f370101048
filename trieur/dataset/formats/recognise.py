"""Which format a file is in, by its content."""

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any

from trieur.dataset.formats.base import Format
from trieur.dataset.formats.csv_table import CsvTable
from trieur.dataset.formats.doccano import Doccano
from trieur.dataset.formats.ground_truth import GroundTruth
from trieur.dataset.formats.keys import TEXT_KEYS, candidates
from trieur.dataset.formats.label_studio import LabelStudio, LabelStudioMin
from trieur.dataset.formats.plain import Plain
from trieur.dataset.formats.prodigy import Prodigy
from trieur.dataset.model import DatasetRefused
from trieur.dataset.records import RASA_KEY, HeldRecords, Record, lined_records, listed_records
from trieur.dataset.strict_json import PARSE_ERRORS, parse
from trieur.dataset.window import Window
from trieur.dataset.wording import Rows

_IN_LIST = Rows("example")
_IN_LINES = Rows("line")
_JSON_SUFFIXES = (".json", ".jsonl", ".ndjson", ".manifest")


def recognise(window: Window, name: str, *, split_labels: bool) -> Format:
    """The format of what the window shows, ready to give its examples.

    `name` is the file's. `split_labels`: several labels are asked for, so a CSV cell may hold them. Raises
    DatasetRefused when the content starts like none of the formats, or its first rows show no text and label.
    """
    opening = window.ahead(0, "run of blanks")
    if not opening:
        raise DatasetRefused("The file is empty: it holds nothing but blanks.")
    if opening == "[":
        window.skip_blanks()
        return _format_of("json-list", _IN_LIST, listed_records(window))
    if opening == "{":
        window.skip_blanks()
        if _one_record_a_line(window):
            return _format_of("jsonl", _IN_LINES, lined_records(window))
        held = HeldRecords(window)
        return _format_of("json-object", _IN_LIST, held, held)
    return CsvTable(window, named_json=_named_json(name), split_labels=split_labels)


def _named_json(name: str) -> bool:
    return name.casefold().removesuffix(".gz").endswith(_JSON_SUFFIXES)


def _one_record_a_line(window: Window) -> bool:
    """Whether the object at `window.at` is the first of several lines rather than one that holds a list."""
    line = window.first_line()
    if line is None:
        return False
    follows = window.ahead(len(line), "run of blanks")
    try:
        value, _ = parse(line)
    except PARSE_ERRORS:
        # Broken, or the start of an object over several lines: how the next one starts tells which was meant.
        return follows == "{" and line.rstrip().endswith("}")
    return follows == "{" or not _holds_list(value) or _is_record(value)


def _is_record(value: dict[str, Any]) -> bool:
    return "source" in value or "source-ref" in value or bool(candidates(value, TEXT_KEYS))


def _holds_list(value: dict[str, Any]) -> bool:
    return RASA_KEY in value or any(isinstance(member, list) for member in value.values())


def _format_of(container: str, rows: Rows, records: Iterable[Record], held: HeldRecords | None = None) -> Format:
    ahead: Iterator[Record] = iter(records)
    start = list(islice(ahead, 2))
    if not start:
        raise DatasetRefused("The file holds no example.")
    everything = chain(start, ahead)
    first = start[0][1]
    if held and held.inside_rasa:
        return Plain("rasa", rows, everything, start)
    if LabelStudio.recognises(first):
        return LabelStudio(rows, everything, start[0])
    if LabelStudioMin.recognises(first):
        return LabelStudioMin(rows, everything)
    if GroundTruth.recognises(first):
        return GroundTruth(rows, everything)
    if Prodigy.recognises(first):
        return Prodigy(rows, everything, first)
    if Doccano.recognises(first):
        return Doccano(rows, everything, start[0])
    return Plain(container, rows, everything, start)
