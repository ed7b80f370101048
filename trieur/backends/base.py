"""What the pipeline asks of a backend: who trains and serves a classifier."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from trieur.batches import Batch, BatchStatus
from trieur.predictions import Prediction
from trieur.runs import Run, RunStatus
from trieur.settings import ClassifierSettings


class EndpointBusy(Exception):
    """The endpoint is being created, updated or deleted for another run; try again later.

    The state machine retries on this class's name.
    """


class TrainingRefused(Exception):
    """The backend cannot train as the run's settings ask, and would say so again; one sentence for people."""


class DeploymentRefused(Exception):
    """AWS cannot do what the run's settings ask of the endpoint; one sentence for people. Nothing was changed."""


class BatchRefused(Exception):
    """The backend cannot classify these texts in bulk, and would say so again; one sentence for people."""


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


@dataclass(frozen=True)
class EvaluationProgress:
    """How far an evaluation through the endpoint is; `model` has the figures once all of it is done."""

    message: str
    model: TrainedModel | None = None


@dataclass(frozen=True)
class BatchState:
    """A batch job's own status, said in the pipeline's words. `facts` go into the batch's record."""

    status: BatchStatus
    message: str
    facts: dict[str, Any] = field(default_factory=dict)


class Training(Protocol):
    """Every method may be repeated for the same run: it then changes nothing and succeeds."""

    def start(self, run: Run) -> dict[str, Any]:
        """Start the run's training; the facts to record of it. Raises TrainingRefused."""

    def state(self, run: Run) -> State:
        """TRAINING, TRAINED or FAILED."""

    def model(self, run: Run) -> TrainedModel:
        """The metrics and report of a TRAINED run."""


class Endpoints(Protocol):
    """Every method may be repeated for the same run: it then changes nothing and succeeds."""

    def are_wanted(self, settings: ClassifierSettings) -> bool:
        """Whether a classifier with these settings is to have an endpoint of this backend."""

    def deployed_run(self, classifier: str) -> str | None:
        """The id of the run that the classifier's endpoint answers with; None when nothing of ours answers."""

    def deploy(self, run: Run) -> dict[str, Any]:
        """Create the endpoint, or update it in place; the facts to record of it.

        Raises EndpointBusy and DeploymentRefused.
        """

    def state(self, run: Run) -> State:
        """DEPLOYING, LIVE, ROLLED_BACK or FAILED."""


class Evaluation(Protocol):
    """Our own judgement of a model whose figures are its service's, by asking the live endpoint the test split."""

    def go_on(self, run: Run) -> EvaluationProgress:
        """Evaluate as much as fits into one check of the run, going on where the check before left off."""


class Batches(Protocol):
    """Many texts at once, without an endpoint. Every method may be repeated for the same batch."""

    def start(self, batch: Batch, run: Run, texts: Sequence[str]) -> dict[str, Any]:
        """Start to classify `texts` with the run's model; the facts to record of it.

        `texts` are not blank, of at most trieur.batch_texts.MAX_TEXT_BYTES, and may hold ends of lines. Raises
        BatchRefused.
        """

    def state(self, batch: Batch) -> BatchState:
        """RUNNING, COMPLETED or FAILED."""

    def predictions(self, batch: Batch) -> Iterator[Prediction | None]:
        """What a COMPLETED batch left: for each of its texts, in their order; None where the service gave none."""


@dataclass(frozen=True)
class Backend:
    """Who trains and serves. `evaluation` is None where training measures the very model that is served."""

    training: Training
    endpoints: Endpoints
    batches: Batches
    evaluation: Evaluation | None = None
