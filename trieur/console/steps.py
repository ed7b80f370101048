"""The way of a run as a person follows it: five steps, of which some are done and one is under way or went wrong."""

from dataclasses import dataclass
from typing import Final, Literal

from trieur.console.place import REJECTED, RunFacts
from trieur.runs import RunStatus

State = Literal["done", "current", "failed", "todo"]
STEPS: Final[tuple[str, ...]] = ("received", "training", "judged", "endpoint", "live")

# How far each status has come: steps done, and what the next one is in.
_PLACES: Final[dict[str, tuple[int, State]]] = {
    REJECTED: (0, "failed"),
    RunStatus.TRAINING: (1, "current"),
    RunStatus.FAILED: (1, "failed"),
    RunStatus.TRAINED: (2, "current"),
    RunStatus.REFUSED: (2, "failed"),
    RunStatus.DEPLOYING: (3, "current"),
    RunStatus.ROLLED_BACK: (3, "failed"),
    RunStatus.LIVE: (5, "done"),
}


@dataclass(frozen=True)
class Step:
    """`name` is one of STEPS."""

    name: str
    state: State


def steps_of(run: RunFacts) -> list[Step]:
    """The five steps of the run; three where it ends with a trained model because no endpoint is wanted."""
    done, state = _PLACES[run.status]
    if run.status == RunStatus.FAILED and run.accuracy is not None:
        # It was trained, so what failed is the endpoint.
        done = 3
    shown = STEPS
    if run.status == RunStatus.TRAINED and run.ended:
        shown, done = STEPS[:3], 3
    return [
        Step(name, "done" if position < done else state if position == done else "todo")
        for position, name in enumerate(shown)
    ]


def first_steps() -> list[Step]:
    """Of a dataset that was just dropped."""
    return [Step(name, "todo" if position else "current") for position, name in enumerate(STEPS)]
