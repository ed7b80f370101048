"""Which form an answer has, by the Accept header."""

import re

from trieur_serve.refusals import Refused
from trieur_serve.requests import JSON, JSON_LINES, Question

GIVEN = (JSON, JSON_LINES)
_WEIGHT = re.compile(r"q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)")


def answer_type(accept: str | None, question: Question) -> str:
    """The content type of the answer; raises Refused (406) if none is acceptable."""
    own = JSON_LINES if question.form == "lines" else JSON
    if accept is None:
        return own
    weights: dict[str, float] = {}
    for entry in (accept.strip() or "*/*").split(","):
        media, *parameters = [part.strip().lower() for part in entry.split(";")]
        found = [match for match in map(_WEIGHT.fullmatch, parameters) if match]
        weights[media] = float(found[0][1]) if found else 1.0
    # The answer's own form first, so that it wins where the client has no preference.
    candidates = sorted(GIVEN, key=lambda media: media != own)
    ranges = {media: (media, "application/*", "*/*") for media in candidates}
    ranked = {media: next((weights[name] for name in ranges[media] if name in weights), 0.0) for media in candidates}
    best = max(candidates, key=ranked.__getitem__)
    if not ranked[best] > 0:
        raise Refused(406, f"Accept asks for none of what this server gives: {', '.join(GIVEN)}.")
    return best
