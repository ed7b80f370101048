"""What the pipeline asks of a backend: who trains and serves a classifier."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from trieur.runs import Run, RunStatus


class EndpointBusy(Exception):
    """The endpoint is being created, updated or deleted for another run; try again later.

    The state machine retries on this class's name.
    """


class TrainingRefused(Exception):
    """AWS cannot train as the run's settings ask, and would say so again; one sentence for people."""


class DeploymentRefused(Exception):
    """AWS cannot do what the run's settings ask of the endpoint; one sentence for people. Nothing was changed."""


@dataclass(frozen=True)
class State:
    """A backend's own status, said in the pipeline's words. `facts` go into the run's record."""

    status: RunStatus
    message: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TrainedModel:
    """What training left: `metrics` of the test and validation splits, and report files by name."""

    metrics: dict[str, Any]
    report: dict[str, bytes]


class Backend(Protocol):
    """Every method may be repeated for the same run: it then changes nothing and succeeds."""

    def start_training(self, run: Run) -> dict[str, Any]:
        """Start the run's training; the facts to record of it. Raises TrainingRefused."""

    def training_state(self, run: Run) -> State:
        """TRAINING, TRAINED or FAILED."""

    def trained_model(self, run: Run) -> TrainedModel:
        """The metrics and report of a TRAINED run."""

    def deployed_run(self, classifier: str) -> str | None:
        """The id of the run that the classifier's endpoint answers with; None when nothing of ours answers."""

    def deploy(self, run: Run) -> dict[str, Any]:
        """Create the endpoint, or update it in place; the facts to record of it.

        Raises EndpointBusy and DeploymentRefused.
        """

    def endpoint_state(self, run: Run) -> State:
        """DEPLOYING, LIVE, ROLLED_BACK or FAILED."""
