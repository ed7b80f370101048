"""Predictions: the answer of an endpoint, in one shape whatever the backend."""

import json
from dataclasses import dataclass


class MalformedPrediction(Exception):
    """The endpoint's answer does not have the shape of a prediction."""


@dataclass(frozen=True)
class ClassProbability:
    """One class with its probability, between 0 and 1."""

    name: str
    probability: float


Prediction = tuple[ClassProbability, ...]
"""Classes, highest probability first; never empty."""


def parse_predictions(body: bytes) -> list[Prediction]:
    """The predictions in an endpoint's JSON answer: one for a single text, else one for each text in order.

    Raises MalformedPrediction.
    """
    try:
        answer = json.loads(body)
        if not isinstance(answer, list):
            raise TypeError("no list")
        alone = bool(answer) and isinstance(answer[0], dict)
        return [_prediction(classes) for classes in ([answer] if alone else answer)]
    except (ValueError, KeyError, TypeError) as error:
        raise MalformedPrediction(f"The endpoint's answer is not a prediction: {body[:200]!r}.") from error


def _prediction(classes: list[dict[str, object]]) -> Prediction:
    pairs = tuple(ClassProbability(str(c["Class"]), float(str(c["Probability"]))) for c in classes)
    if not pairs or not all(0 <= pair.probability <= 1 for pair in pairs):
        raise ValueError("no classes, or no probabilities")
    return pairs
