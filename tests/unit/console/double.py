"""An account that lives in a test."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.unit.comparison import runs
from trieur import comparison
from trieur.comparison import Comparison
from trieur.comparison.comparison import Progress
from trieur.console.place import (
    Answer,
    ClassifierFacts,
    Dropped,
    EndpointFacts,
    NotThere,
    RunFacts,
    TrainingProgress,
)
from trieur.costs import Load, dated_prices
from trieur.latency import summarise
from trieur.predictions import highest_first
from trieur.settings import Backend, ClassifierSettings, read_settings

CLASSES = {"WHO_KNOWS_ABOUT": 0.9842, "WHO_IS": 0.0101, "HOW_ARE_YOU": 0.0057}
NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
REPORT = b"<!doctype html><html lang=en><title>Report</title><h1>A report</h1>"


def compared() -> Comparison:
    """Comprehend's stand-in and CamemBERT, measured."""
    pair = comparison.find_pair(runs.summary(runs.run("comprehend"), runs.run("camembert")))
    times = {"comprehend": [100.0, 110.0, 120.0], "camembert": [450.0, 500.0, 460.0]}
    return comparison.compare(
        pair,
        runs.store(),  # type: ignore[arg-type]
        ask=runs.asks(runs.answering({1, 2, 3}), runs.answering({3})),
        latency=lambda backend: summarise(times[backend]),
        load=Load(),
        prices=dated_prices(),
        is_local=True,
    )


def run(number: int = 1, classifier: str = "questions", **changes: Any) -> RunFacts:
    """A live run of the chatbot's questions, with `changes`; a higher number is a later one."""
    when = NOON + timedelta(hours=number)
    facts: dict[str, Any] = {
        "classifier": classifier,
        "run_id": f"{number:016x}",
        "backend": "camembert",
        "status": "LIVE",
        "ended": True,
        "message": "The endpoint trieur-questions answers with this run's model.",
        "file": "chatbot-questions.json",
        "created_at": when,
        "updated_at": when + timedelta(seconds=95),
        "examples": 390,
        "label_counts": {"WHO_IS": 140, "WHO_KNOWS_ABOUT": 130, "HOW_ARE_YOU": 120},
        "splits": {"train": 274, "validation": 60, "test": 56},
        "warnings": ("2 texts stand twice (rows 3, 7): each counts once.",),
        "accuracy": 0.982,
        "macro_f1": 0.98,
        "interval": (0.9, 0.997),
        "has_report": True,
    }
    return RunFacts(**(facts | changes))


@dataclass
class PlaceDouble:
    """What a test puts into it is there, what is dropped and asked is kept, `trouble` is raised whatever is asked."""

    title: str = "000000000000, eu-west-1"
    region: str = "eu-west-1"
    local: bool = True
    everything: dict[str, list[RunFacts]] = field(default_factory=dict)
    endpoints: dict[str, tuple[EndpointFacts, ...]] = field(default_factory=dict)
    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    dropped: list[tuple[str, str, bytes]] = field(default_factory=list)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    classes: Mapping[str, float] = field(default_factory=lambda: CLASSES)
    page: bytes = REPORT
    trouble: Exception | None = None
    may_end: threading.Event = field(default_factory=threading.Event)

    def classifiers(self) -> list[ClassifierFacts]:
        return [self.classifier(name) for name in sorted(self.everything)]

    def classifier(self, name: str) -> ClassifierFacts:
        self._raise()
        found = sorted(self.everything.get(name, []), key=lambda run: run.created_at, reverse=True)
        return ClassifierFacts(name, tuple(found), self.endpoints.get(name, ()))

    def settings(self, classifier: str) -> ClassifierSettings:
        self._raise()
        document = self.documents.get(classifier)
        return read_settings(None if document is None else json.dumps(document).encode(), {})

    def report(self, classifier: str, run_id: str) -> bytes:
        if not any(run.run_id == run_id and run.has_report for run in self.classifier(classifier).runs):
            raise NotThere(f"The run {run_id} of {classifier} has no report.")
        return self.page

    def drop(self, classifier: str, file: str, data: bytes) -> Dropped:
        self._raise()
        self.dropped.append((classifier, file, data))
        return Dropped(frozenset({f"d{len(self.dropped):015x}"}))

    def ask(self, classifier: str, text: str, backend: Backend) -> Answer:
        self._raise()
        self.asked.append((classifier, text, backend))
        return Answer(highest_first(self.classes.items()), 0.0123, backend)

    def compare(self, classifier: str, progress: Progress) -> Comparison:
        self._raise()
        self.asked.append((classifier, "", "both"))
        progress("Asking CamemBERT", 3, 10)
        assert self.may_end.wait(10)
        return compared()

    def _raise(self) -> None:
        if self.trouble is not None:
            raise self.trouble


def endpoint(backend: Backend = "camembert", status: str = "InService", run_id: str = f"{1:016x}") -> EndpointFacts:
    return EndpointFacts(backend, "trieur-questions", status, status == "InService", run_id)


def furnished() -> PlaceDouble:
    """A place with something of everything."""
    both = {"examples": 1200, "file": "intents.csv"}
    return PlaceDouble(
        everything={
            "questions": [
                run(1, status="REFUSED", accuracy=0.41, macro_f1=0.38, message="Accuracy 0.410 is not above 0.359."),
                run(2, status="FAILED", accuracy=None, macro_f1=None, interval=None, has_report=False),
                run(
                    3,
                    backend=None,
                    status="REJECTED",
                    examples=0,
                    accuracy=None,
                    macro_f1=None,
                    has_report=False,
                    file="broken.json",
                    message="Example 4 has an empty label: name it or remove the row.",
                ),
                run(4),
                run(4, run_id="d" * 16, backend="comprehend", accuracy=0.957, macro_f1=0.949),
            ],
            "support-tickets": [
                run(
                    5,
                    "support-tickets",
                    status="TRAINING",
                    ended=False,
                    accuracy=None,
                    macro_f1=None,
                    interval=None,
                    has_report=False,
                    message="Training support-tickets on 840 examples.",
                    progress=TrainingProgress(12, 50, 0.934),
                    **both,
                ),
                run(
                    5,
                    "support-tickets",
                    run_id="c" * 16,
                    backend="comprehend",
                    status="DEPLOYING",
                    ended=False,
                    message="Creating the endpoint.",
                    **both,
                ),
            ],
            "moods": [run(6, "moods", status="TRAINED", message="Trained; no endpoint is wanted.", accuracy=0.913)],
        },
        endpoints={
            "questions": (endpoint(), endpoint("comprehend")),
            "support-tickets": (endpoint("comprehend", "Creating"),),
        },
    )
