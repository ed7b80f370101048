"""What a caller asks for in X-Amzn-SageMaker-Custom-Attributes, as `top_k=1;threshold=0.7`.

The only header through which InvokeEndpoint lets a caller say something about a request. Callers trace with it, too:
what is none of our keys is left alone.
"""

import re

from trieur_serve.predictions import Shape
from trieur_serve.refusals import Refused

HEADER = "X-Amzn-SageMaker-Custom-Attributes"
# SageMaker's own limits.
MOST_CHARACTERS = 1024
_VISIBLE = re.compile(r"[\t\x20-\x7e]*")

TOP_K, THRESHOLD = "top_k", "threshold"
OF_MODEL = "model"
_WHOLE = re.compile(r"0*[1-9][0-9]{0,8}")
_PROBABILITY = re.compile(r"(?:0|1|0?\.[0-9]{1,20}|1\.0{0,20})")


def check_attributes(header: str) -> None:
    """Raises Refused (400) for what SageMaker would not let pass, in either direction."""
    if len(header) > MOST_CHARACTERS or not _VISIBLE.fullmatch(header):
        raise Refused(400, f"{HEADER} must be at most {MOST_CHARACTERS} visible US-ASCII characters.")


def read_shape(header: str, model_threshold: float | None) -> Shape:
    """What `header` asks of every prediction; raises Refused (400). model_threshold: what `threshold=model` means."""
    asked: dict[str, str] = {}
    for part in header.split(";"):
        key, _, value = (piece.strip() for piece in part.partition("="))
        if key not in (TOP_K, THRESHOLD):
            continue
        if key in asked:
            raise Refused(400, f"{HEADER} has the key {key!r} more than once.")
        asked[key] = value
    return Shape(
        top_k=_top_k(asked[TOP_K]) if TOP_K in asked else None,
        threshold=_threshold(asked[THRESHOLD], model_threshold) if THRESHOLD in asked else None,
    )


def _top_k(value: str) -> int:
    if not _WHOLE.fullmatch(value):
        raise Refused(400, f"{HEADER}: top_k is {value[:40]!a}; it must be a whole number, at least 1.")
    return int(value)


def _threshold(value: str, model_threshold: float | None) -> float | None:
    if value == OF_MODEL:
        return model_threshold
    if not _PROBABILITY.fullmatch(value):
        raise Refused(400, f"{HEADER}: threshold is {value[:40]!a}; it must be a probability, 0 to 1, or {OF_MODEL!r}.")
    return float(value)
