"""From the bytes of a request to the texts in it, or to a refusal that says what is wrong and where.

No sentence here repeats anything of a text: sentences go to the log, texts never do.
"""

import json
from dataclasses import dataclass
from typing import Any

TEXT = "text/plain"
JSON = "application/json"
JSON_LINES = "application/jsonlines"
ACCEPTED = (TEXT, JSON, JSON_LINES)
GIVEN = (JSON, JSON_LINES)
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


class Refused(Exception):
    """A request that gets `status` (4xx or 503) and one sentence instead of a prediction."""

    def __init__(self, status: int, sentence: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.headers = headers or {}


@dataclass(frozen=True)
class Question:
    """texts: at least one, none blank. form: "one", "list" or "lines", which the answer's form follows."""

    texts: list[str]
    form: str


def read_question(body: bytes, content_type: str | None) -> Question:
    """Raises Refused. No content type means application/json, as in SageMaker's own containers."""
    media, charset = _content_type(content_type)
    content = _decode(body, charset)
    if not content.strip():
        raise Refused(400, "The body is empty; send a text.")
    if media == TEXT:
        question = Question([_text(content, "The text")], "one")
    elif media == JSON:
        question = _from_object(_json(content, "The body"))
    else:
        question = _from_lines(content)
    if len(question.texts) > MOST_TEXTS:
        raise Refused(413, f"The body holds {len(question.texts)} texts; {MOST_TEXTS} at most go in one request.")
    return question


def answer_type(accept: str | None, question: Question) -> str:
    """The content type of the answer, by the Accept header; raises Refused (406) if none is acceptable."""
    own = JSON_LINES if question.form == "lines" else JSON
    weights: dict[str, float] = {}
    for entry in (accept or "*/*").split(","):
        media, *parameters = [part.strip().lower() for part in entry.split(";")]
        weight = next((value[2:] for value in parameters if value.startswith("q=")), "1")
        try:
            weights[media] = float(weight)
        except ValueError:
            weights[media] = 1.0
    # The answer's own form first, so that it wins where the client has no preference.
    candidates = sorted(GIVEN, key=lambda media: media != own)
    ranges = {media: (media, "application/*", "*/*") for media in candidates}
    ranked = {media: next((weights[name] for name in ranges[media] if name in weights), 0.0) for media in candidates}
    best = max(candidates, key=ranked.__getitem__)
    if not ranked[best] > 0:
        raise Refused(406, f"Accept asks for none of what this server gives: {', '.join(GIVEN)}.")
    return best


def _content_type(header: str | None) -> tuple[str, str]:
    media, *parameters = [part.strip() for part in (header or "").split(";")]
    media = media.lower() or JSON
    if media not in ACCEPTED:
        raise Refused(415, f"The content type {media[:80]!a} is not read here; send one of {', '.join(ACCEPTED)}.")
    charset = "utf-8"
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            charset = value.strip().strip('"')
    if charset.lower() not in CHARSETS:
        raise Refused(415, f"The charset {charset[:40]!a} is not read here; send UTF-8.")
    return media, CHARSETS[charset.lower()]


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
        return Question([_text(item, f"{key}[{index}]") for index, item in enumerate(value)], "list")
    if key == "texts":
        raise Refused(400, f"'texts' is {_kind(value)}; it must be a list of strings.")
    return Question([_text(value, f"{key!r}")], "one")


def _from_lines(content: str) -> Question:
    # Only \n ends a record: U+2028 and its like are allowed inside a JSON string.
    lines = content.split("\n")
    while not lines[-1].strip():
        lines.pop()
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
