"""The place that is an AWS account, or the local AWS: reads it with trieur.account, asks it with trieur.client."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath

from trieur import comparison
from trieur.account import Account, AccountError, ClassifierSummary, NotFound, Run, TrainingLog
from trieur.client import Classifier, ClassifierError
from trieur.comparison import Comparison
from trieur.comparison.comparison import Progress
from trieur.console.place import (
    REJECTED,
    Answer,
    ClassifierFacts,
    Dropped,
    EndpointFacts,
    NotThere,
    PlaceError,
    RunFacts,
    TrainingProgress,
)
from trieur.costs import Load, dated_prices
from trieur.latency import Summary, measure
from trieur.objects import ObjectStore
from trieur.runs import RunStatus
from trieur.settings import BACKENDS, Backend, ClassifierSettings

# A person waits for each answer.
_PATIENCE_SECONDS = 20.0
_PAUSE_SECONDS = 0.5


class AccountPlace:
    """Safe to use from several threads."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._lock = threading.Lock()
        self._asked: dict[tuple[str, Backend], Classifier] = {}
        self._logs: dict[str, TrainingLog] = {}
        self._progress: dict[str, TrainingProgress] = {}

    @property
    def title(self) -> str:
        return f"{self._account.deployment.state_machine_arn.split(':')[4]}, {self.region}"

    @property
    def region(self) -> str:
        return self._account.region

    @property
    def local(self) -> bool:
        return self._account.is_local

    def classifiers(self) -> list[ClassifierFacts]:
        with _in_sentences():
            return [self._facts(summary) for summary in self._account.classifiers()]

    def classifier(self, name: str) -> ClassifierFacts:
        try:
            with _in_sentences():
                return self._facts(self._account.classifier(name))
        except NotThere:
            return ClassifierFacts(name)

    def settings(self, classifier: str) -> ClassifierSettings:
        with _in_sentences():
            return self._account.settings(classifier)

    def report(self, classifier: str, run_id: str) -> bytes:
        with _in_sentences():
            return self._account.report(classifier, run_id)

    def drop(self, classifier: str, file: str, data: bytes) -> Dropped:
        with _in_sentences():
            drop = self._account.drop(classifier, file, data)
        return Dropped(frozenset({drop.refused_id, *(drop.run_id(backend) for backend in BACKENDS)}))

    def ask(self, classifier: str, text: str, backend: Backend) -> Answer:
        asked = self._classifier(classifier, backend)
        try:
            begun = time.perf_counter()
            prediction = asked.predict(text)
            return Answer(prediction.classes, time.perf_counter() - begun, backend)
        except ClassifierError as error:
            raise PlaceError(str(error)) from error

    def compare(self, classifier: str, progress: Progress) -> Comparison:
        with _in_sentences(), self._account.asking():
            pair = comparison.find_pair(self._account.classifier(classifier))
            return comparison.compare(
                pair,
                ObjectStore(self._account.client("s3"), self._account.artifacts),
                ask=lambda backend: self._classifier(classifier, backend).stream,
                latency=lambda backend: self._timed(classifier, backend, progress),
                load=Load(),
                prices=dated_prices(self.region),
                is_local=self.local,
                progress=progress,
            )

    def _timed(self, classifier: str, backend: Backend, progress: Progress) -> Summary:
        """Ten questions, half a second between them."""
        what = f"Timing {comparison.BACKEND_NAMES[backend]}"
        ask = self._classifier(classifier, backend).predict
        return measure(
            ask, series=1, pause=_PAUSE_SECONDS, progress=lambda done, total: progress(what, done, total)
        ).summary

    def _classifier(self, name: str, backend: Backend) -> Classifier:
        with self._lock:
            if (name, backend) not in self._asked:
                self._asked[name, backend] = Classifier(
                    name,
                    backend=backend,
                    deployment=self._account.name,
                    session=self._account.session,
                    patience=_PATIENCE_SECONDS,
                )
            return self._asked[name, backend]

    def _facts(self, summary: ClassifierSummary) -> ClassifierFacts:
        endpoints = (
            EndpointFacts(one.backend, one.name, one.status, one.answers, one.run_id or "") for one in summary.endpoints
        )
        return ClassifierFacts(summary.name, tuple(map(self._run, summary.runs)), tuple(endpoints))

    def _run(self, run: Run) -> RunFacts:
        dataset, record = run.dataset, run.record
        test = (run.metrics or {}).get("test", {})
        interval = test.get("accuracy_interval")
        return RunFacts(
            classifier=run.classifier,
            run_id=run.run_id,
            backend=run.backend,
            status=str(run.status) if run.backend else REJECTED,
            ended=run.has_ended,
            message=run.message,
            file=PurePosixPath(run.key).name,
            created_at=run.created_at,
            updated_at=run.updated_at,
            examples=dataset.examples if dataset else 0,
            label_counts=dataset.label_counts if dataset else {},
            splits={name: split.examples for name, split in record.splits.items()} if record else {},
            warnings=tuple(dataset.warnings) if dataset else (),
            accuracy=run.accuracy,
            macro_f1=run.macro_f1,
            interval=(float(interval[0]), float(interval[1])) if interval else None,
            has_report=run.metrics is not None,
            progress=self._how_far(run),
        )

    def _how_far(self, run: Run) -> TrainingProgress | None:
        """The last epoch of a training under way on SageMaker."""
        if run.backend != "camembert" or run.status is not RunStatus.TRAINING:
            return None
        with self._lock:
            log = self._logs.setdefault(run.run_id, TrainingLog.of_run(self._account, run))
            if epochs := log.new_epochs():
                last = epochs[-1]
                self._progress[run.run_id] = TrainingProgress(last.number, last.most, last.validation_accuracy)
            return self._progress.get(run.run_id)


@contextmanager
def _in_sentences() -> Iterator[None]:
    try:
        yield
    except NotFound as error:
        raise NotThere(str(error)) from error
    except AccountError as error:
        raise PlaceError(str(error)) from error
