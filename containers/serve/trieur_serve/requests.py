"""From the bytes of a request to the texts in it, or to a refusal that says what is wrong and where.

No sentence here repeats anything of a text: sentences go to the log, texts never do.
"""

import json
from dataclasses import dataclass
from typing import Any

from trieur_serve import csv_records
from trieur_serve.refusals import Refused

TEXT = "text/plain"
JSON = "application/json"
JSON_LINES = "application/jsonlines"
CSV = "text/csv"
ACCEPTED = (TEXT, JSON, JSON_LINES, CSV)
CHARSETS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "iso-8859-1": "iso-8859-1",
    "latin-1": "iso-8859-1",
    "windows-1252": "cp1252",
}
MOST_TEXTS = 100_000
KEYS = ("text", "texts", "inputs")


@dataclass(frozen=True)
class Question:
    """texts: none blank; no text at all only where a header of CSV came alone.

    form: "one", "list" or "lines", which the answer's form follows.
    """

    texts: list[str]
    form: str


def check_content_type(header: str | None) -> None:
    """Raises Refused (415) for what `read_question` would refuse, before there is a body."""
    _content_type(header)


def read_question(body: bytes, content_type: str | None) -> Question:
    """Raises Refused. No content type means application/json, as in SageMaker's own containers."""
    media, charset, header = _content_type(content_type)
    content = _decode(body, charset)
    if not content.strip():
        raise Refused(400, "The body is empty; send a text.")
    if media == TEXT:
        return Question([_text(content, "The text")], "one")
    if media == JSON:
        return _from_object(_json(content, "The body"))
    # No list of millions of lines is made only to be refused.
    if content.rstrip().count("\n") > 2 * MOST_TEXTS:
        raise _too_many()
    return _from_lines(content) if media == JSON_LINES else _from_csv(content, header)


def _content_type(header: str | None) -> tuple[str, str, str | None]:
    """The media type, the codec of its charset, and what it says about a header line of CSV."""
    media, *parameters = [part.strip() for part in (header or "").split(";")]
    media = media.lower() or JSON
    if media not in ACCEPTED:
        raise Refused(415, f"The content type {media[:80]!a} is not read here; send one of {', '.join(ACCEPTED)}.")
    values = {}
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        values[name.strip().lower()] = value.strip().strip('"')
    charset = values.get("charset", "utf-8")
    if charset.lower() not in CHARSETS:
        raise Refused(415, f"The charset {charset[:40]!a} is not read here; send UTF-8.")
    line = values.get("header", "").lower() or None
    if media == CSV and line not in (None, csv_records.PRESENT, csv_records.ABSENT):
        raise Refused(415, f"The content type's header is {line[:40]!a}; it must be present or absent.")
    return media, CHARSETS[charset.lower()], line


def _decode(body: bytes, charset: str) -> str:
    try:
        return body.decode(charset).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise Refused(
            400, f"Byte {error.start} of the body (0x{body[error.start]:02x}) is not {charset}; send UTF-8."
        ) from error


class _KeyTwice(ValueError):
    pass


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        for key in KEYS:
            if names.count(key) > 1:
                raise _KeyTwice(key)
    return found


_DECODER = json.JSONDecoder(object_pairs_hook=_unique_keys)


def _json(content: str, where: str) -> Any:
    try:
        return _DECODER.decode(content)
    except json.JSONDecodeError as error:
        position = f"column {error.colno}" if "\n" not in content else f"line {error.lineno}, column {error.colno}"
        raise Refused(
            400, f"{where} is not valid JSON at {position}: {error.msg.removesuffix(' at').lower()}."
        ) from error
    except _KeyTwice as error:
        raise Refused(400, f"{where} has the key {str(error)!r} more than once in one object.") from error
    except RecursionError as error:
        raise Refused(400, f"{where} is nested too deeply.") from error
    except ValueError as error:
        # The only one left: Python reads no whole number of more than 4,300 digits.
        raise Refused(400, f"{where} holds a number that is too long.") from error


def _from_object(content: Any) -> Question:
    if not isinstance(content, dict):
        raise Refused(
            400,
            f'The body is {_kind(content)}; send {{"text": "..."}}, {{"texts": [...]}} or {{"inputs": ...}}.',
        )
    keys = [key for key in KEYS if key in content]
    if len(keys) != 1:
        found = f"the keys {' and '.join(keys)} together" if keys else "no key"
        raise Refused(400, f"The object has {found}; give exactly one of text, texts, inputs.")
    (key,) = keys
    value = content[key]
    if isinstance(value, list) and key != "text":
        if not value:
            raise Refused(400, f"The list {key!r} is empty; send at least one text.")
        if len(value) > MOST_TEXTS:
            raise _too_many()
        return Question([_text(item, f"{key}[{index}]") for index, item in enumerate(value)], "list")
    if key == "texts":
        raise Refused(400, f"'texts' is {_kind(value)}; it must be a list of strings.")
    return Question([_text(value, f"{key!r}")], "one")


def _from_lines(content: str) -> Question:
    # Only \n ends a record: U+2028 and its like are allowed inside a JSON string.
    lines = content.split("\n")
    while not lines[-1].strip():
        lines.pop()
    if len(lines) > MOST_TEXTS:
        raise _too_many()
    texts = []
    for number, line in enumerate(lines, start=1):
        where = f"Line {number}"
        if not line.strip():
            # Skipped, it would shift every later prediction against the lines sent.
            raise Refused(400, f"{where} is blank; send one record a line.")
        record = _json(line, where)
        if isinstance(record, dict):
            if "text" not in record:
                raise Refused(400, f"{where} has no key 'text'.")
            record, where = record["text"], f"'text' of line {number}"
        texts.append(_text(record, where))
    return Question(texts, "lines")


def _from_csv(content: str, header: str | None) -> Question:
    texts: list[str] = []
    for line, text in csv_records.records(content, header):
        if len(texts) == MOST_TEXTS:
            raise _too_many()
        texts.append(_text(text, f"Line {line}"))
    return Question(texts, "lines")


def _too_many() -> Refused:
    return Refused(413, f"The body holds more than {MOST_TEXTS} texts; send them in parts.")


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise Refused(400, f"{where} is {_kind(value)}; it must be a string.")
    if not value.strip():
        raise Refused(400, f"{where} is empty; send a text.")
    if "\0" in value:
        raise Refused(400, f"{where} holds a NUL character, at position {value.index(chr(0))}.")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise Refused(400, f"{where} holds half of a surrogate pair, at position {error.start}.") from error
    return value


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "true or false"
    kinds: dict[type, str] = {dict: "an object", list: "a list", str: "a string", type(None): "null"}
    return kinds.get(type(value), "a number")
