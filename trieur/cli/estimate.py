"""What a dataset will take, before anything is spent on it: time and money for training and for serving."""

from dataclasses import dataclass
from typing import Any, Final

from trieur import costs
from trieur.dataset import Dataset
from trieur.settings import BACKENDS, Backend, ClassifierSettings

# From the drop until the endpoint answers, in minutes, as published for a few hundred questions with camembert-base.
PUBLISHED_MINUTES: Final[dict[Backend, tuple[int, int]]] = {"camembert": (12, 14), "comprehend": (30, 35)}
# The way each backend serves by default.
_SERVED: Final[dict[Backend, str]] = {"camembert": "serverless", "comprehend": "comprehend-real-time"}


@dataclass(frozen=True)
class Estimate:
    """Of one backend. `minutes` of training, least and most; `training_usd` likewise, None where no price is known;
    `serving_usd` is a month of the chatbot's load (trieur.costs.Load)."""

    backend: Backend
    minutes: tuple[float, float]
    training_usd: tuple[float, float] | None
    serving_usd: float
    sentences: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "backend": self.backend,
            "training_minutes": [round(minutes, 1) for minutes in self.minutes],
            "training_usd": None if self.training_usd is None else [round(usd, 4) for usd in self.training_usd],
            "published_minutes_to_live": list(PUBLISHED_MINUTES[self.backend]),
            "serving_usd_a_month": round(self.serving_usd, 2),
        }


def estimates(dataset: Dataset) -> list[Estimate]:
    """One for each backend, under default settings, at the prices of the dated file."""
    prices, load = costs.dated_prices(), costs.Load()
    ways = {way.key: way for way in costs.month_of(load, prices).ways}
    return [_estimate(backend, dataset, prices, ways[_SERVED[backend]]) for backend in BACKENDS]


def _estimate(backend: Backend, dataset: Dataset, prices: costs.Prices, way: costs.WayCost) -> Estimate:
    training = costs.training_estimate(
        backend, examples=len(dataset.texts), settings=ClassifierSettings(), prices=prices
    )
    least, most = PUBLISHED_MINUTES[backend]
    sentences = (
        training.sentence.en,
        f"From drop to live, published: {least} to {most} minutes, for a few hundred questions.",
        f"Serving ({way.title.en}): {costs.money(way.total)} $ a month, at {costs.number(costs.Load().questions)}"
        " questions a month.",
    )
    return Estimate(backend, training.minutes, training.usd, way.total, sentences)
