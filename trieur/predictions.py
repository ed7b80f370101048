"""Predictions: the answer of an endpoint, in one shape whatever the backend."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from trieur.dataset import Mode

# From this probability on, a label of several counts as predicted; containers/train measures with the same.
LABEL_THRESHOLD: Final = 0.5
# Of a probability, as containers/serve writes it.
DECIMALS: Final = 6


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


def highest_first(classes: Iterable[tuple[str, float]]) -> Prediction:
    """The prediction that these names and probabilities make; classes equally probable stay in their order."""
    pairs = (ClassProbability(name, probability) for name, probability in classes)
    return tuple(sorted(pairs, key=lambda pair: -pair.probability))


def as_json(prediction: Prediction | None) -> list[dict[str, Any]]:
    """The prediction as it is written: `[{"Class": ..., "Probability": ...}, ...]`, empty where there is none."""
    return [{"Class": pair.name, "Probability": pair.probability} for pair in prediction or ()]


def from_json(classes: list[dict[str, Any]]) -> Prediction | None:
    """The prediction that `as_json` wrote."""
    return _prediction(classes) if classes else None


def from_comprehend(answer: Mapping[str, Any]) -> Prediction | None:
    """What Amazon Comprehend answers for one text; None where it names no class.

    `Classes` (of a multi-class model) or `Labels` hold `{"Name": ..., "Score": ...}`. Raises MalformedPrediction.
    """
    try:
        classes = answer["Classes"] if "Classes" in answer else answer["Labels"]
        # Scores are single-precision numbers: 1 may come out a little above, and the last digits mean nothing.
        scores = ((str(one["Name"]), round(min(float(one["Score"]), 1.0), DECIMALS)) for one in classes)
        return highest_first(scores) or None
    except (ValueError, KeyError, TypeError) as error:
        raise MalformedPrediction(f"Comprehend's answer is not a prediction: {str(answer)[:200]}.") from error


def predicted_labels(prediction: Prediction | None, mode: Mode) -> tuple[str, ...]:
    """The most probable class in mode multi-class; every one of at least LABEL_THRESHOLD in mode multi-label."""
    if prediction is None:
        return ()
    if mode == "multi-class":
        return (prediction[0].name,)
    return tuple(pair.name for pair in prediction if pair.probability >= LABEL_THRESHOLD)


def _prediction(classes: list[dict[str, object]]) -> Prediction:
    pairs = tuple(ClassProbability(str(c["Class"]), float(str(c["Probability"]))) for c in classes)
    if not pairs or not all(0 <= pair.probability <= 1 for pair in pairs):
        raise ValueError("no classes, or no probabilities")
    return pairs
