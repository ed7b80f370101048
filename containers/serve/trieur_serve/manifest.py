"""model.json: what the training container says about the graph beside it."""

import json
from dataclasses import dataclass
from pathlib import Path

from trieur_serve.long_texts import POLICIES

FORMAT = 2
MODES = ("multi-class", "multi-label")
LONGEST = 8192


class ModelRefused(Exception):
    """The model folder cannot be served; the text is one sentence for people."""


@dataclass(frozen=True)
class Manifest:
    """mode: one of MODES. labels: in the order of the logits. max_length: in tokens, special ones included.

    long_texts: one of POLICIES, by which a text of more than max_length tokens was cut in training, and is here.
    temperature: what the logits are divided by. threshold: the probability below which an answer counts as "none of
    these", whatever the mode, or None. It is for the client to apply: a prediction always holds every label.
    """

    mode: str
    labels: tuple[str, ...]
    max_length: int
    long_texts: str
    pad_token_id: int
    temperature: float
    threshold: float | None


def read_manifest(path: Path) -> Manifest:
    """Raises ModelRefused, naming the key that is wrong."""
    try:
        facts = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise ModelRefused(f"{path} is not JSON: {error}.") from error
    if not isinstance(facts, dict):
        raise ModelRefused(f"{path} does not hold an object.")

    labels = facts.get("labels")
    threshold = facts.get("threshold")
    demands = (
        ("format", _whole(facts.get("format"), FORMAT, FORMAT), f"{FORMAT}, the only format read here"),
        ("mode", facts.get("mode") in MODES, " or ".join(MODES)),
        ("labels", isinstance(labels, list) and _names(labels), "a list of different names, none empty"),
        ("max_length", _whole(facts.get("max_length"), 1, LONGEST), f"a number of tokens, 1 to {LONGEST}"),
        ("long_texts", facts.get("long_texts") in POLICIES, " or ".join(POLICIES)),
        ("pad_token_id", _whole(facts.get("pad_token_id"), 0, 2**31), "the number of the padding token"),
        ("temperature", _between(facts.get("temperature"), 1e-6, 1e6), "a number above 0"),
        ("threshold", threshold is None or _between(threshold, 0, 1), "null or a probability"),
    )
    for key, good, what in demands:
        if not good:
            raise ModelRefused(f"{path}: {key!r} must be {what}.")
    return Manifest(
        mode=facts["mode"],
        labels=tuple(facts["labels"]),
        max_length=facts["max_length"],
        long_texts=facts["long_texts"],
        pad_token_id=facts["pad_token_id"],
        temperature=facts["temperature"],
        threshold=threshold,
    )


def _between(value: object, least: float, most: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most


def _whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _names(labels: list[object]) -> bool:
    strings = [label for label in labels if isinstance(label, str) and label]
    return bool(labels) and len(strings) == len(labels) == len(set(strings))
