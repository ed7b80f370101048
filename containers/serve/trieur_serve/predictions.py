"""From logits to the one shape of a prediction: classes with probabilities, highest first."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DECIMALS = 6


@dataclass(frozen=True)
class Shape:
    """What of a prediction is given. top_k: the k highest, at least 1. threshold: those of at least this probability.

    None: all of them. Where both are given, what is left may be fewer than k, or nothing: "none of these".
    """

    top_k: int | None = None
    threshold: float | None = None


WHOLE = Shape()


def probabilities(logits: NDArray[np.float32], mode: str, temperature: float) -> NDArray[np.float64]:
    """Both [texts, labels]. multi-class: a row sums to 1; multi-label: each label stands for itself.

    Raises FloatingPointError where a logit is not a number, which JSON could not say.
    """
    scaled = logits.astype(np.float64) / temperature
    if not np.isfinite(scaled).all():
        raise FloatingPointError("the model gave a logit that is not a finite number")
    if mode == "multi-label":
        # exp of the negative absolute value only: it cannot overflow.
        small = np.exp(-np.abs(scaled))
        return np.where(scaled >= 0, 1.0, small) / (1.0 + small)
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


class PredictionWriter:
    """Writes predictions of one classifier as JSON.

    Everything is ASCII, so that no character of a label can split a line of JSON Lines.
    """

    def __init__(self, labels: Sequence[str]) -> None:
        self._openings = [f'{{"Class": {json.dumps(label)}, "Probability": ' for label in labels]

    def write(self, row: NDArray[np.float64], shape: Shape = WHOLE) -> str:
        """`[{"Class": ..., "Probability": ...}, ...]`, ties in the order of the labels; row: [labels]."""
        order = np.argsort(-row, kind="stable")[: shape.top_k].tolist()
        shown = np.round(row, DECIMALS).tolist()
        if shape.threshold is not None:
            # Of what is shown: a client that compares the whole prediction with the threshold keeps the same.
            order = [index for index in order if shown[index] >= shape.threshold]
        return "[" + ", ".join(f"{self._openings[index]}{shown[index]!r}}}" for index in order) + "]"
