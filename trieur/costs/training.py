"""What one training takes, before it is started: a range, from what was measured and published."""

from dataclasses import dataclass
from typing import Final

from trieur.costs.prices import Prices
from trieur.costs.wording import Text, both, money
from trieur.settings import Backend, ClassifierSettings

# docs/performance.md: seconds of an epoch of 270 short questions on two cores, recipe fast, and recipe full.
EPOCH_SECONDS: Final = (4.6 / 270, 13.6 / 270)
# At least what the patience waits for, at most the half of all epochs: trainings on few hundred questions end early.
MOST_EPOCHS: Final = 0.5
# Machine, image and data, before the first epoch.
START_MINUTES: Final = (3.0, 6.0)
# Published for a few hundred questions.
COMPREHEND_MINUTES: Final = (30.0, 35.0)


@dataclass(frozen=True)
class TrainingEstimate:
    """`minutes` and `usd`, least and most; `usd` is None where no price is known of the instance."""

    minutes: tuple[float, float]
    usd: tuple[float, float] | None
    sentence: Text


def training_estimate(
    backend: Backend, *, examples: int, settings: ClassifierSettings, prices: Prices
) -> TrainingEstimate:
    """What training on so many short examples (the whole dataset) takes. Long texts take longer than it says."""
    if backend == "comprehend":
        return _estimate(backend, COMPREHEND_MINUTES, prices.usd("comprehend.training.hour"), "")
    learnt_from = examples * settings.split.train
    epochs, patience = settings.hyperparameters.epochs, settings.hyperparameters.patience
    least, most = min(epochs, patience), max(min(epochs, patience), epochs * MOST_EPOCHS)
    low, high = (
        start + count * learnt_from * seconds / 60
        for start, count, seconds in zip(START_MINUTES, (least, most), EPOCH_SECONDS, strict=True)
    )
    longest = settings.training.max_seconds / 60
    machines = settings.training.instance_count
    price = settings.training.price_per_hour
    if price is None:
        listed = prices.instance(settings.training.instance_type, "training")
        price = None if listed is None else listed.usd
    hour = None if price is None else price * machines
    name = f"{machines} {settings.training.instance_type}" if machines > 1 else settings.training.instance_type
    return _estimate(backend, (min(low, longest), min(high, longest)), hour, name)


def _estimate(backend: Backend, minutes: tuple[float, float], hour: float | None, machine: str) -> TrainingEstimate:
    usd = None if hour is None else (minutes[0] / 60 * hour, minutes[1] / 60 * hour)
    least, most = (f"{round(value):d}" for value in minutes)
    if usd is None:
        cost = both(
            "the cost is unknown, for no price is known of {machine}",
            "coût inconnu, faute de prix pour {machine}",
            machine=machine,
        )
    else:
        cost = Text(f"{money(usd[0])} to {money(usd[1])} $", f"{money(usd[0], 'fr')} à {money(usd[1], 'fr')} $")
    on = both(" on {machine}", " sur {machine}", machine=machine) if machine else Text("", "")
    return TrainingEstimate(
        minutes=minutes,
        usd=usd,
        sentence=Text(
            f"Training with {backend}: about {least} to {most} minutes{on.en}, {cost.en}.",
            f"Entraînement avec {backend} : environ {least} à {most} minutes{on.fr}, {cost.fr}.",
        ),
    )
