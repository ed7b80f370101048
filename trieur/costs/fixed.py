"""What a month costs besides the answers: trainings, models that are kept, and the pipeline's own parts."""

from dataclasses import dataclass
from typing import Final

from trieur.costs.load import DAYS, Load
from trieur.costs.prices import Prices
from trieur.costs.tariff import Part
from trieur.costs.wording import Text, both

# The published measurements: 12 to 14 and 30 to 35 minutes.
TRAINING_MINUTES: Final = {"camembert": 13.0, "comprehend": 32.5}
DEPLOYING_MINUTES: Final = 10.0
POLLING_MINUTES: Final = 2.0
# A turn waits, checks and chooses; what is around the loops is about as much again as four turns.
TRANSITIONS_A_TURN: Final = 3
TRANSITIONS_AROUND: Final = 12
# About what a check takes: a second, in the function's memory.
CHECK_GB_SECONDS: Final = 1.0
# Idle endpoints are looked for every ten minutes by a function of half a gigabyte.
IDLE_CHECKS: Final = DAYS * 24 * 6
IDLE_GB_SECONDS: Final = 0.5
# What a run leaves in the artifacts bucket: model, splits, report.
STORED_GB: Final = 0.3
OBJECTS_WRITTEN: Final = 40


@dataclass(frozen=True)
class Overhead:
    """US dollars of the pipeline itself, by service."""

    functions: float
    states: float
    storage: float

    @property
    def usd(self) -> float:
        return self.functions + self.states + self.storage


def month_of_runs(backend: str, load: Load, prices: Prices, training_instance: str) -> tuple[Part, ...]:
    """Trainings, models and pipeline: the same however the model is served."""
    parts = [_trainings(backend, load, prices, training_instance)]
    if backend == "comprehend":
        month = prices.usd("comprehend.model.month")
        parts.append(
            Part(
                Text("models kept", "modèles conservés"),
                both("{n} × {price} $", "{n} × {price} $", n=load.versions, price=month),
                fixed=load.versions * month,
                is_shared=True,
            )
        )
    return (*parts, _pipeline(backend, load, prices))


def overhead(backend: str, trainings: float, prices: Prices) -> Overhead:
    """The pipeline's part in a month of so many runs."""
    turns = (TRAINING_MINUTES[backend] + DEPLOYING_MINUTES) / POLLING_MINUTES
    checks = trainings * (turns + 2)
    return Overhead(
        functions=(checks + IDLE_CHECKS) * prices.usd("lambda.request")
        + (checks * CHECK_GB_SECONDS + IDLE_CHECKS * IDLE_GB_SECONDS) * prices.usd("lambda.gb-second"),
        states=trainings * (turns * TRANSITIONS_A_TURN + TRANSITIONS_AROUND) * prices.usd("states.transition"),
        storage=trainings * (STORED_GB * prices.usd("s3.gb-month") + OBJECTS_WRITTEN * prices.usd("s3.write")),
    )


def _trainings(backend: str, load: Load, prices: Prices, training_instance: str) -> Part:
    minutes = TRAINING_MINUTES[backend]
    if backend == "comprehend":
        hour: float | None = prices.usd("comprehend.training.hour")
    else:
        price = prices.instance(training_instance, "training")
        hour = None if price is None else price.usd
    name = Text("training", "entraînement")
    if hour is None:
        detail = both(
            "not counted: no price is known of {type}",
            "non compté : aucun prix connu pour {type}",
            type=training_instance,
        )
        return Part(name, detail, is_shared=True)
    machine = "" if backend == "comprehend" else f" ({training_instance})"
    detail = both(
        "{n} × {minutes} min × {price} $/h{machine}",
        "{n} × {minutes} min × {price} $/h{machine}",
        n=load.trainings,
        minutes=minutes,
        price=hour,
        machine=machine,
    )
    return Part(name, detail, fixed=load.trainings * minutes / 60 * hour, is_shared=True)


def _pipeline(backend: str, load: Load, prices: Prices) -> Part:
    cost = overhead(backend, load.trainings, prices)
    return Part(
        Text("pipeline", "pipeline"),
        both(
            "Lambda {functions} $, Step Functions {states} $, S3 {storage} $",
            "Lambda {functions} $, Step Functions {states} $, S3 {storage} $",
            functions=cost.functions,
            states=cost.states,
            storage=cost.storage,
        ),
        fixed=cost.usd,
        is_shared=True,
    )
