"""Two runs of one dataset version, what is stored of them, and endpoints that answer from a table."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from trieur.account import ClassifierSummary
from trieur.account import Run as AccountRun
from trieur.account.endpoints import Endpoint
from trieur.client import EndpointFailed, Prediction, TextRefused
from trieur.comparison.answers import Ask
from trieur.predictions import ClassProbability
from trieur.runs import DatasetRecord, Run, RunStatus, SplitRecord
from trieur.settings import Backend, ClassifierSettings

DROPPED = datetime(2026, 11, 1, 12, tzinfo=UTC)
STAND_IN = "Trained by the local stand-in for Amazon Comprehend: its accuracy is not Amazon's."
EXAMPLES = [(f"text {number}", "A" if number % 3 else "B") for number in range(30)]


class Store:
    """The objects of a bucket, in memory."""

    def __init__(self, objects: Mapping[str, bytes]) -> None:
        self.objects = dict(objects)

    def lines(self, key: str) -> Iterator[bytes]:
        return iter(self.objects[key].splitlines(keepends=True))

    def find_object(self, key: str) -> bytes | None:
        return self.objects.get(key)


def run(backend: Backend, *, minutes: float = 20, version: str = "v1", **changes: Any) -> Run:
    """A LIVE run; `minutes` from drop to live."""
    dropped = changes.pop("dropped_at", DROPPED)
    settings = changes.pop("settings", {})
    mode = changes.pop("mode", "multi-class")
    note = changes.pop("note", STAND_IN if backend == "comprehend" else None)
    wrong = changes.pop("wrong", 2)
    record = Run(
        classifier="questions",
        run_id=f"{version}-{backend}",
        backend=backend,
        status=RunStatus.LIVE,
        message="Live.",
        dataset=DatasetRecord(
            bucket="inbox",
            key="datasets/questions/data.json",
            version=version,
            sequencer="1",
            dropped_at=dropped,
            bytes=1,
            sha256="0",
            format="json",
            mode=mode,
            examples=200,
            label_counts={"A": 100, "B": 100},
            warnings=[],
        ),
        splits={"test": SplitRecord(key="test.jsonl", examples=len(EXAMPLES), sha256="0")},
        split_notes=[],
        settings=ClassifierSettings.model_validate(settings),
        training={},
        metrics={
            "test": {
                "examples": len(EXAMPLES),
                "accuracy": 1 - wrong / len(EXAMPLES),
                "macro_f1": 0.9,
                "macro_f1_interval": [0.7, 0.95],
            },
            "base_model": {"note": note},
            "seconds": {"train": 90.0},
        },
        created_at=dropped,
        updated_at=dropped + timedelta(minutes=minutes),
    )
    return record.model_copy(update=changes)


def summary(*records: Run, behind: Mapping[Backend, str] | None = None) -> ClassifierSummary:
    """The classifier; `behind` names the run that each endpoint answers with, by default its newest."""
    ids: Mapping[Backend, str] = {one.backend: one.run_id for one in records} if behind is None else behind
    endpoints = tuple(
        Endpoint(backend, "trieur-questions", "arn", "InService", "serverless", run_id, "")
        for backend, run_id in ids.items()
    )
    return ClassifierSummary("questions", tuple(map(AccountRun.from_record, records)), endpoints)


def store(mode: str = "multi-class", examples: Sequence[tuple[str, str]] = EXAMPLES, **objects: bytes) -> Store:
    rows = [
        {"text": text, "labels": [label]} if mode == "multi-label" else {"text": text, "label": label}
        for text, label in examples
    ]
    return Store({"test.jsonl": lines(rows), **{name.replace("__", "/"): body for name, body in objects.items()}})


def lines(rows: Iterable[Any]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def answering(wrong: Iterable[int], refused: Iterable[int] = ()) -> Ask:
    """An endpoint that is right but for the texts of these numbers."""
    mistaken, refusing = set(wrong), set(refused)

    def answer(text: str) -> Prediction | TextRefused:
        number = int(text.split()[-1])
        if number in refusing:
            return TextRefused("The text is too long.")
        right = dict(EXAMPLES)[text]
        said = ("B" if right == "A" else "A") if number in mistaken else right
        other = "B" if said == "A" else "A"
        classes = (ClassProbability(said, 0.9), ClassProbability(other, 0.1))
        return Prediction(classes, mode="multi-class", backend="camembert", threshold=None)

    return lambda texts: map(answer, texts)


def failing(_texts: Iterable[str]) -> Any:
    raise EndpointFailed("The endpoint failed: look at its log.")


def asks(comprehend: Ask, camembert: Ask) -> Callable[[Backend], Ask]:
    return lambda backend: comprehend if backend == "comprehend" else camembert
