"""JSON as its standard has it: no key twice in an object, no NaN, no bottomless nesting."""

import json
import re
from typing import Any, Final, NoReturn

from trieur.dataset.model import DatasetRefused
from trieur.dataset.window import Window
from trieur.dataset.wording import quoted, sentence

# What the end of a cut-off text can look like where the parser stopped: nothing, or the start of a word or escape.
_CUT_OFF: Final = re.compile(r"(t|tr|tru|f|fa|fal|fals|n|nu|nul|-?[0-9.]*([eE][+-]?)?|\\?u?[0-9a-fA-F]{0,4})[ \t\r\n]*")


class _NotStrict(ValueError):
    """Well-formed for Python's parser, not for us; says what."""


def parse(text: str, at: int = 0) -> tuple[Any, int]:
    """The JSON value at `text[at]` and where it ends. Raises JSONDecodeError and what `why_not` explains."""
    return _DECODER.raw_decode(text, at)


def why_not(error: Exception) -> str:
    """What is wrong, in words that follow "is not valid JSON: "."""
    if isinstance(error, json.JSONDecodeError):
        # Python ends some of its messages so that a place may follow.
        words = error.msg.rstrip(": ").removesuffix(" at").removesuffix(" starting")
        return words[:1].lower() + words[1:]
    if isinstance(error, RecursionError):
        return "its lists and objects are nested too deeply"
    if isinstance(error, _NotStrict):
        return str(error)
    return "it holds a number with too many digits"


# RecursionError is how the parser says that the nesting is too deep; it has unwound by then.
PARSE_ERRORS: Final = (ValueError, RecursionError)


def is_cut_off(error: Exception) -> bool:
    """Whether the parser wanted more text rather than other text."""
    return isinstance(error, json.JSONDecodeError) and (
        error.msg.startswith("Unterminated string") or _CUT_OFF.fullmatch(error.doc, error.pos) is not None
    )


def read_value(window: Window, what: str) -> Any:
    """The value that starts at `window.at`, which is moved behind it; `what` names it in a refusal."""
    while True:
        try:
            value, end = parse(window.text, window.at)
        except PARSE_ERRORS as error:
            if is_cut_off(error) and window.grow(what):
                continue
            _refuse(window, what, error)
        # A number may go on in the next piece.
        if end == len(window.text) and not isinstance(value, dict | list | str) and window.grow(what):
            continue
        window.at = end
        return value


def _refuse(window: Window, what: str, error: Exception) -> NoReturn:
    if is_cut_off(error):
        raise DatasetRefused(
            f"The file ends in the middle of {what}, which starts at {window.place()}: it is truncated."
        ) from error
    at = error.pos if isinstance(error, json.JSONDecodeError) else window.at
    raise DatasetRefused(sentence(f"{what} is not valid JSON: {why_not(error)}, at {window.place(at)}")) from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _NotStrict(f"the key {quoted(key)} stands twice in one object")
            seen.add(key)
    return value


def _constant(name: str) -> NoReturn:
    raise _NotStrict(f"{name} is not a JSON value")


def _float(written: str) -> float:
    value = float(written)
    if value in (float("inf"), float("-inf")):
        raise _NotStrict(f"the number {written[:20]} is too large")
    return value


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant, parse_float=_float)
