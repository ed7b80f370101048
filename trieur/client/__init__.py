"""The Python client: asks a live classifier for predictions, whichever backend is behind it. See docs/client.md."""

from trieur.client.asynchronous import AsyncClassifier
from trieur.client.classifier import Classifier
from trieur.client.errors import (
    AccessRefused,
    ClassifierError,
    EndpointFailed,
    NoSuchEndpoint,
    NotReady,
    TextRefused,
    Throttled,
    Unreachable,
)
from trieur.client.prediction import Prediction
from trieur.predictions import ClassProbability

__all__ = [
    "AccessRefused",
    "AsyncClassifier",
    "ClassProbability",
    "Classifier",
    "ClassifierError",
    "EndpointFailed",
    "NoSuchEndpoint",
    "NotReady",
    "Prediction",
    "TextRefused",
    "Throttled",
    "Unreachable",
]
