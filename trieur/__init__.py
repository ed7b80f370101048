"""Trieur. `from trieur import Classifier` asks a classifier; see docs/client.md."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trieur.client import AsyncClassifier, Classifier, ClassifierError, Prediction

__all__ = ["AsyncClassifier", "Classifier", "ClassifierError", "Prediction"]


def __getattr__(name: str) -> Any:
    # Only for those who ask: the Lambdas import this package without its client.
    if name in __all__:
        from trieur import client

        return getattr(client, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
