"""CSV with a header: a text column and a label column, whatever stands beside them."""

import csv
import json
from collections.abc import Iterator
from typing import Final

from trieur.dataset.formats.base import RawExample, refusal
from trieur.dataset.formats.keys import LABEL_KEYS, TEXT_KEYS, candidates, choose, ignored, is_plural
from trieur.dataset.labels import LABEL_SEPARATOR
from trieur.dataset.model import DatasetRefused
from trieur.dataset.window import Window
from trieur.dataset.wording import EXCERPT_CHARACTERS, Rows, counted, first_listed, quoted, sentence

# A comma, and what spreadsheets write where the comma is the decimal mark, or tabs.
_DELIMITERS: Final = (",", ";", "\t")
_BLANKS: Final = frozenset({" ", "\t"})
# What people put between labels, and names of labels hold too.
_OTHER_SEPARATORS: Final = frozenset({",", ";"})


class CsvTable:
    """Rows are numbered by the line they start on. A cell is kept as it is, with `=`, `+`, `-` or `@` at its start."""

    name = "csv"
    rows = Rows("line")

    def __init__(self, window: Window, *, named_json: bool, split_labels: bool) -> None:
        """`named_json`: the file's name promises JSON, which matters when it is no CSV either.

        `split_labels`: a cell of the label column may hold several, as it always may in a column `labels`."""
        _pass_blank_lines(window)
        # Lines of the file before those that the reader counts.
        self._before = window.line - 1
        self._delimiter, header = _header(window, named_json)
        self._header = header
        self._text_column, text_warnings = _column(header, TEXT_KEYS)
        self._label_column, label_warnings = _column(header, LABEL_KEYS)
        self.several = split_labels or is_plural(header[self._label_column])
        self._warnings = text_warnings + label_warnings
        self._window = window
        self._last = 0
        # Cells that look like several labels joined by something else: each with the first line that has it.
        self._joined: dict[str, int] = {}

    def warnings(self) -> list[str]:
        warnings = list(self._warnings)
        if self._joined:
            cells = (f"{quoted(cell)} ({self.rows.one(number)})" for cell, number in self._joined.items())
            warnings.append(
                f"One label each is read in {first_listed(cells, len(self._joined))}: write several as A|B."
            )
        if self._window.open_ended:
            warnings.append(
                f"{self.rows.one(self._last).capitalize()}, the last, has no line end: look whether the file is"
                " truncated there."
            )
        return warnings

    def examples(self) -> Iterator[RawExample]:
        reader = csv.reader(self._window.universal_lines(), delimiter=self._delimiter, strict=True)
        text_column, label_column, width = self._text_column, self._label_column, len(self._header)
        number = start = self._before + 1
        try:
            next(reader)
            start = self._before + reader.line_num + 1
            for cells in reader:
                number, start = start, self._before + reader.line_num + 1
                if len(cells) != width:
                    if not cells:
                        continue
                    raise self._wrong_width(number, cells)
                text, label = cells[text_column], cells[label_column]
                if text[:1] in _BLANKS or label[:1] in _BLANKS:
                    self._require_no_late_quote(number, text, label)
                yield number, text, self._labels(number, label)
            self._last = number
        except csv.Error as error:
            raise _broken(self.rows, start, error) from error

    def _labels(self, number: int, label: str) -> object:
        if not self.several:
            return label
        if label.lstrip().startswith("["):
            try:
                listed = json.loads(label)
            except (ValueError, RecursionError):
                listed = None
            if not isinstance(listed, list):
                raise refusal(self.rows, number, f"has the labels {quoted(label)}: write them as A|B")
            return listed
        names = label.split(LABEL_SEPARATOR)
        if len(names) == 1 and not _OTHER_SEPARATORS.isdisjoint(label):
            self._joined.setdefault(label, number)
        return names

    def _wrong_width(self, number: int, cells: list[str]) -> DatasetRefused:
        words = (
            f"has {counted(len(cells), 'cell')} where the header has {len(self._header)}: put a text that holds"
            f" {quoted(self._delimiter)} in double quotes, and look whether the file is truncated there"
        )
        return refusal(self.rows, number, words)

    def _require_no_late_quote(self, number: int, text: str, label: str) -> None:
        for cell in (text, label):
            if cell[:1] in _BLANKS and cell.lstrip(" \t").startswith('"'):
                raise refusal(self.rows, number, f"has a blank before a double quote, in {quoted(cell)}: remove it")


def _pass_blank_lines(window: Window) -> None:
    while (line := window.first_line()) is not None and not line.strip(" \r"):
        window.at += len(line) + 1


def _header(window: Window, named_json: bool) -> tuple[str, list[str]]:
    """The delimiter, and the names of the columns on the first line."""
    line = window.first_line()
    if line is not None:
        first = line.split("\r")[0]
        for delimiter in _DELIMITERS:
            try:
                header = next(csv.reader([first], delimiter=delimiter, strict=True), [])
            except csv.Error:
                continue
            if candidates(header, TEXT_KEYS) and candidates(header, LABEL_KEYS):
                return delimiter, header
    excerpt = quoted(window.text[window.at : window.at + EXCERPT_CHARACTERS].split("\n")[0])
    if named_json:
        raise DatasetRefused(
            f"The file is not JSON, in spite of its name: it starts with {excerpt} instead of [ or {{."
        )
    raise DatasetRefused(
        f"The file starts with {excerpt}, which is neither JSON nor the header of a CSV with a text column"
        f" ({', '.join(TEXT_KEYS)}) and a label column ({', '.join(LABEL_KEYS)})."
    )


def _column(header: list[str], names: tuple[str, ...]) -> tuple[int, list[str]]:
    found = candidates(header, names)
    if len(set(found)) != len(found):
        columns = first_listed(map(quoted, found), len(found))
        raise DatasetRefused(f"The header names a column twice, {columns}: rename or remove one.")
    chosen = choose(found, names, "The header")
    return header.index(chosen), ignored(found, chosen)


def _broken(rows: Rows, number: int, error: csv.Error) -> DatasetRefused:
    if "unexpected end of data" in str(error):
        return refusal(
            rows,
            number,
            "starts a cell in double quotes that is never closed: the file is truncated, or a quote is not doubled",
        )
    if "field larger than" in str(error):
        return refusal(
            rows,
            number,
            f"has a cell of more than {csv.field_size_limit():,} characters: a double quote is never"
            " closed, or the text is too long",
        )
    words = f"is not valid CSV, {error}: close every quoted cell and double the quotes inside it"
    return DatasetRefused(sentence(f"{rows.one(number)} {words}"))
