"""What the console shows and asks, whoever answers: an AWS account, the local AWS, a test's double."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from trieur.comparison import Comparison
from trieur.comparison.comparison import Progress
from trieur.predictions import Prediction
from trieur.runs import RunStatus
from trieur.settings import Backend, ClassifierSettings

REJECTED: Final = "REJECTED"
"""The status of a dataset that no run was made of."""

FAILURES: Final = (RunStatus.FAILED, RunStatus.REFUSED, RunStatus.ROLLED_BACK, REJECTED)


class PlaceError(Exception):
    """AWS did not do what it was asked; `str()` is one sentence for people, with the remedy."""


class NotThere(PlaceError):
    """There is nothing of that name."""


@dataclass(frozen=True)
class TrainingProgress:
    """How far a training is: the last epoch of at most `most`, and what share of the validation split was right."""

    epoch: int
    most: int
    accuracy: float


@dataclass(frozen=True)
class RunFacts:
    """A run, or a dataset that was rejected before there could be one.

    `status` is a RunStatus or REJECTED, `ended` whether it will stay so. Scores lie between 0 and 1, on the test
    split; `interval` is accuracy's, at 95%.
    """

    classifier: str
    run_id: str
    backend: Backend | None
    status: str
    ended: bool
    message: str
    file: str
    created_at: datetime
    updated_at: datetime
    examples: int = 0
    label_counts: Mapping[str, int] = field(default_factory=dict)
    splits: Mapping[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    accuracy: float | None = None
    macro_f1: float | None = None
    interval: tuple[float, float] | None = None
    has_report: bool = False
    progress: TrainingProgress | None = None

    @property
    def failed(self) -> bool:
        return self.status in FAILURES

    @property
    def live(self) -> bool:
        return self.status == RunStatus.LIVE


@dataclass(frozen=True)
class EndpointFacts:
    """An endpoint as it stands: `status` is AWS's word for it, `answers` whether it can be asked now.

    `run_id` is the run whose model answers.
    """

    backend: Backend
    name: str
    status: str
    answers: bool
    run_id: str = ""


@dataclass(frozen=True)
class ClassifierFacts:
    """A classifier, its runs from the newest on, and its endpoints; of a name without anything, neither."""

    name: str
    runs: tuple[RunFacts, ...] = ()
    endpoints: tuple[EndpointFacts, ...] = ()

    @property
    def newest(self) -> RunFacts | None:
        return self.runs[0] if self.runs else None

    @property
    def answering(self) -> tuple[Backend, ...]:
        """The backends whose endpoint can be asked now."""
        return tuple(endpoint.backend for endpoint in self.endpoints if endpoint.answers)


@dataclass(frozen=True)
class Answer:
    """What an endpoint made of a text, and how long that took, in seconds, seen from here."""

    prediction: Prediction
    seconds: float
    backend: Backend


@dataclass(frozen=True)
class Dropped:
    """A dataset that now lies in the inbox, and the ids of what may come of it: runs, or a refusal."""

    run_ids: frozenset[str]


class Place(Protocol):
    """Each method may take as long as AWS does, and raises PlaceError."""

    @property
    def title(self) -> str:
        """Whose account this is, in a few words."""

    @property
    def region(self) -> str:
        """AWS's name of the region."""

    @property
    def local(self) -> bool:
        """Whether this is the local AWS."""

    def classifiers(self) -> list[ClassifierFacts]:
        """In the order of their names."""

    def classifier(self, name: str) -> ClassifierFacts:
        """One of them, or what a name without anything has."""

    def settings(self, classifier: str) -> ClassifierSettings:
        """Those that the next dataset is trained with."""

    def report(self, classifier: str, run_id: str) -> bytes:
        """The run's report.html. Raises NotThere."""

    def drop(self, classifier: str, file: str, data: bytes) -> Dropped:
        """Put a dataset into the inbox."""

    def ask(self, classifier: str, text: str, backend: Backend) -> Answer:
        """Have the backend's endpoint classify a text."""

    def compare(self, classifier: str, progress: Progress) -> Comparison:
        """Ask both backends the test examples of the newest dataset that they share, and time them."""
