"""The texts to be classified in bulk, out of a dropped file: one a line, plain or as JSON."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from trieur.dataset import DatasetRefused
from trieur.dataset.content import text_pieces
from trieur.dataset.limits import MAX_RECORD_CHARACTERS
from trieur.dataset.strict_json import PARSE_ERRORS, is_cut_off, parse, why_not
from trieur.dataset.wording import code_point, counted, first_listed, quoted

# What Amazon Comprehend takes in one asynchronous job of a document a line, kept for every backend.
MAX_LINES: Final = 1_000_000
# Comprehend takes 100 KB of a document a line. Written as JSON in ASCII, a text then has at most six times as many,
# which a request of one megabyte to the inference container holds.
MAX_TEXT_BYTES: Final = 100_000

_JSON_LINES_SUFFIX: Final = ".jsonl"
SUFFIXES: Final = (".txt", _JSON_LINES_SUFFIX)

# The inference container takes neither; UTF-8 has no half of a surrogate pair.
_REFUSED: Final = re.compile("[\0\ud800-\udfff]")
_JSON_BLANKS: Final = " \t\r"
_KEYS_NAMED: Final = 5


class TextsRefused(Exception):
    """The file cannot be classified; `str()` is one sentence or two for the person who dropped it."""


def read_texts(data: bytes, name: str) -> Iterator[str | None]:
    """The text on every line of the file called `name`, in order; None where a line is blank.

    In a `.txt` file a line is a text; in a `.jsonl` file it is `{"text": ...}`, whose other keys are ignored, or a
    JSON string. `\\n` or `\\r\\n` ends a line, no other character does; the end of the last line may be missing. The
    file is UTF-8, gzipped or not, of at most trieur.dataset.limits.MAX_FILE_BYTES, MAX_CONTENT_BYTES unpacked, and
    MAX_LINES. A text has at most MAX_TEXT_BYTES. Raises TextsRefused, while iterated, for any other content, and at
    the end of a file without a text.
    """
    number, texts = 0, 0
    is_json = name.lower().removesuffix(".gz").endswith(_JSON_LINES_SUFFIX)
    try:
        for number, (line, ended) in enumerate(_lines(text_pieces(data)), start=1):
            if number > MAX_LINES:
                raise TextsRefused(
                    f"The file has more than {MAX_LINES:,} lines, the most that Amazon Comprehend takes in one job:"
                    " drop it in parts."
                )
            text = _from_json(line, number, ended) if is_json else line
            if text is not None and text.strip():
                _require_fit(text, number)
                texts += 1
                yield text
            else:
                yield None
    except DatasetRefused as reason:
        raise TextsRefused(reason.sentence) from reason
    if not texts:
        found = f"{counted(number, 'line')}, all blank" if number else "no line"
        raise TextsRefused(f"The file holds no text: it has {found}. Write one text a line.")


def _lines(pieces: Iterator[str]) -> Iterator[tuple[str, bool]]:
    """Every line without its end, and whether it had one."""
    number, tail = 0, ""
    for piece in pieces:
        *whole, tail = (tail + piece).split("\n")
        for line in whole:
            yield line.removesuffix("\r"), True
        number += len(whole)
        if len(tail) > MAX_RECORD_CHARACTERS:
            raise TextsRefused(
                f"Line {number + 1:,} is longer than {MAX_RECORD_CHARACTERS:,} characters: write one text a line."
            )
    if tail:
        yield tail.removesuffix("\r"), False


def _from_json(line: str, number: int, ended: bool) -> str | None:
    at = len(line) - len(line.lstrip(_JSON_BLANKS))
    if at == len(line):
        return None
    try:
        value, end = parse(line, at)
    except PARSE_ERRORS as error:
        if not ended and is_cut_off(error):
            raise TextsRefused(
                f"The file ends in the middle of line {number:,}: it is truncated; drop it again."
            ) from error
        where = f", at column {error.colno:,}" if isinstance(error, json.JSONDecodeError) else ""
        raise TextsRefused(
            f'Line {number:,} is not valid JSON: {why_not(error)}{where}. Write {{"text": ...}} or a JSON string on'
            " every line, or name the file .txt where every line is a text as it stands."
        ) from error
    if line[end:].strip(_JSON_BLANKS):
        raise TextsRefused(
            f"Line {number:,} goes on after its JSON value, at column {end + 1:,}: write one text a line."
        )
    return _text_of(value, number)


def _text_of(value: Any, number: int) -> str:
    if isinstance(value, dict):
        if "text" not in value:
            keys = first_listed(map(quoted, value), len(value), _KEYS_NAMED) or "no key at all"
            raise TextsRefused(f'Line {number:,} has no "text": it has {keys}. Put the text under that key.')
        value = value["text"]
    if not isinstance(value, str):
        raise TextsRefused(
            f'Line {number:,} has {quoted(value)} for a text: write {{"text": ...}} or a JSON string, "" where there is'
            " none."
        )
    return value


def _require_fit(text: str, number: int) -> None:
    if bad := _REFUSED.search(text):
        kind = "half of a surrogate pair" if bad[0] >= "\ud800" else "as in a binary file"
        raise TextsRefused(
            f"Line {number:,} has {code_point(bad[0])}, {kind}, at character {bad.start() + 1:,} of its text: remove it"
            " or export the file again."
        )
    # UTF-8 takes up to four bytes a character.
    size = len(text.encode()) if 4 * len(text) > MAX_TEXT_BYTES else 0
    if size > MAX_TEXT_BYTES:
        raise TextsRefused(
            f"Line {number:,} has a text of {size:,} bytes in UTF-8, and {MAX_TEXT_BYTES:,} is the most, as in Amazon"
            " Comprehend's jobs: shorten it, models read the beginning only."
        )
