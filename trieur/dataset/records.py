"""Records out of JSON: a list of them, an object that holds such a list, or one a line."""

from collections.abc import Iterator
from typing import Any, Final, NoReturn

from trieur.dataset.model import DatasetRefused
from trieur.dataset.strict_json import PARSE_ERRORS, is_cut_off, parse, read_value, why_not
from trieur.dataset.window import Window
from trieur.dataset.wording import first_listed, quoted

Record = tuple[int, dict[str, Any]]
"""A record and its number: its place in the list, or its line."""

RASA_KEY: Final = "rasa_nlu_data"

# Lists that stand beside the examples in a Rasa file and hold objects, but no example.
_RASA_OTHER_KEYS: Final = frozenset({"regex_features", "entity_synonyms", "lookup_tables", "gazette"})


def listed_records(window: Window) -> Iterator[Record]:
    """The objects of the list at `window.at`, with which the file must end."""
    yield from _list_items(window)
    _require_end(window, "the list")


class HeldRecords:
    """The objects of the one list that an object holds.

    `list_key` is its key and `inside_rasa` whether that lies under `rasa_nlu_data`, known with the first record.
    """

    def __init__(self, window: Window) -> None:
        self.list_key = ""
        self.inside_rasa = False
        self._window = window
        self._keys: list[str] = []

    def __iter__(self) -> Iterator[Record]:
        yield from self._members(inside="")
        _require_end(self._window, "the object")
        if not self.list_key:
            keys = first_listed(map(quoted, self._keys), len(self._keys)) or "none"
            raise DatasetRefused(
                f"The file is one JSON object without a list of examples (its keys: {keys}): put the examples in one"
                " list, or one object a line."
            )

    def _members(self, inside: str) -> Iterator[Record]:
        window, keys = self._window, set[str]()
        window.at += 1
        if window.skip_blanks() == "}":
            window.at += 1
            return
        separator = ","
        while separator == ",":
            key = self._key(keys)
            if not inside:
                self._keys.append(key)
            yield from self._value(key, inside)
            separator = _pass(window, ",}", "the object")

    def _key(self, keys: set[str]) -> str:
        window = self._window
        if (found := window.skip_blanks()) != '"':
            _refuse_character(window, found, '"', "the object")
        key: str = read_value(window, "a key of the object")
        if key in keys:
            raise DatasetRefused(f"The key {quoted(key)} stands twice in one object, the second at {window.place()}.")
        keys.add(key)
        _pass(window, ":", "the object")
        return key

    def _value(self, key: str, inside: str) -> Iterator[Record]:
        window, what = self._window, f"the value of {quoted(key)}"
        opening = window.skip_blanks()
        if opening == "{" and key == RASA_KEY and not inside:
            yield from self._members(inside=key)
        elif opening == "[" and not (inside and key in _RASA_OTHER_KEYS) and window.ahead(1, what) == "{":
            if self.list_key:
                raise DatasetRefused(
                    f"Two lists hold examples, {quoted(self.list_key)} and {quoted(key)}: merge them, or drop each as a"
                    " dataset of its own."
                )
            self.list_key, self.inside_rasa = key, bool(inside)
            yield from _list_items(window)
        else:
            read_value(window, what)


def lined_records(window: Window) -> Iterator[Record]:
    """The object on every line; blank lines are passed over."""
    for number, line, ended in window.lines():
        at = 0 if line.startswith("{") else len(line) - len(line.lstrip(" \t\r"))
        if at == len(line):
            continue
        try:
            value, end = parse(line, at)
        except PARSE_ERRORS as error:
            if not ended and is_cut_off(error):
                raise DatasetRefused(f"The file ends in the middle of line {number:,}: it is truncated.") from error
            column = f", at column {error.colno:,}" if hasattr(error, "colno") else ""
            raise DatasetRefused(f"Line {number:,} is not valid JSON: {why_not(error)}{column}.") from error
        if end < len(line) and line[end:].strip(" \t\r"):
            raise DatasetRefused(
                f"Line {number:,} goes on after its JSON value, at column {end + 1:,}: write one example a line."
            )
        if not isinstance(value, dict):
            raise DatasetRefused(f"Line {number:,} is {_kind(value)} rather than an object with a text and a label.")
        yield number, value


def _list_items(window: Window) -> Iterator[Record]:
    """The objects of the list at `window.at`, which is moved behind it."""
    window.at += 1
    if window.skip_blanks() == "]":
        window.at += 1
        return
    number, separator = 0, ","
    while separator == ",":
        number += 1
        what = f"example {number:,}"
        if window.skip_blanks() == "]":
            raise DatasetRefused(f"A comma follows the last example, at {window.place()}: remove it.")
        value = read_value(window, what)
        if not isinstance(value, dict):
            raise DatasetRefused(f"Example {number:,} is {_kind(value)} rather than an object with a text and a label.")
        yield number, value
        separator = _pass(window, ",]", f"the list after {what}")


def _pass(window: Window, expected: str, where: str) -> str:
    """Pass one of the characters `expected`, and say which it was."""
    found = window.skip_blanks()
    if not found or found not in expected:
        _refuse_character(window, found, expected, where)
    window.at += 1
    return found


def _refuse_character(window: Window, found: str, expected: str, where: str) -> NoReturn:
    if not found:
        raise DatasetRefused(f"The file ends inside {where}, at {window.place()}: it is truncated.")
    wanted = " or ".join(expected)
    raise DatasetRefused(
        f"The file is not valid JSON: {wanted} was expected in {where} rather than {quoted(found)}, at"
        f" {window.place()}."
    )


def _require_end(window: Window, what: str) -> None:
    if window.skip_blanks():
        excerpt = quoted(window.text[window.at : window.at + 20])
        raise DatasetRefused(
            f"The file goes on after the end of {what}, at {window.place()}, with {excerpt}: remove what follows."
        )


def _kind(value: object) -> str:
    return {list: "a list", str: "a string", bool: "true or false", type(None): "null"}.get(type(value), "a number")
