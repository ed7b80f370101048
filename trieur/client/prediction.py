"""A prediction as this client gives it: the same for either backend."""

from dataclasses import dataclass
from typing import Any

from trieur import predictions
from trieur.dataset.model import Mode
from trieur.predictions import LABEL_THRESHOLD, ClassProbability
from trieur.settings import Backend


@dataclass(frozen=True)
class Prediction:
    """What a classifier makes of one text.

    `classes` are all classes the endpoint names, highest probability first, never empty. `threshold` is the
    probability below which an answer counts as none of these; None where the caller gave none.
    """

    classes: tuple[ClassProbability, ...]
    mode: Mode
    backend: Backend
    threshold: float | None = None

    @property
    def label(self) -> str:
        """The most probable class, even where `is_none_of_these`."""
        return self.classes[0].name

    @property
    def probability(self) -> float:
        """That of `label`, between 0 and 1."""
        return self.classes[0].probability

    @property
    def labels(self) -> tuple[str, ...]:
        """What the text is said to be: one class of a multi-class model, any number of a multi-label one, none where
        `is_none_of_these`."""
        if self.mode == "multi-class":
            return () if self._is_below(self.probability) else (self.label,)
        said = (one for one in self.classes if one.probability >= LABEL_THRESHOLD)
        return tuple(one.name for one in said if not self._is_below(one.probability))

    @property
    def is_none_of_these(self) -> bool:
        """Whether no class is probable enough: below `threshold` or, of a multi-label model, below 0.5."""
        return not self.labels

    def of(self, label: str) -> float:
        """The probability of `label`, 0 where the endpoint does not name it."""
        return next((one.probability for one in self.classes if one.name == label), 0.0)

    def as_json(self) -> list[dict[str, Any]]:
        """As the endpoint's body has it: `[{"Class": ..., "Probability": ...}, ...]`."""
        return predictions.as_json(self.classes)

    def _is_below(self, probability: float) -> bool:
        return self.threshold is not None and probability < self.threshold
