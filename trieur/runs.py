"""Runs and where they are kept: `runs/<classifier>/<run-id>/` in the artifacts bucket."""

import json
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from trieur.drops import is_later_sequencer
from trieur.gate import Verdict
from trieur.objects import ObjectStore
from trieur.settings import Backend, ClassifierSettings


class RunStatus(StrEnum):
    """A run's status as the state machine sees it, whatever the backend says."""

    TRAINING = "TRAINING"
    TRAINED = "TRAINED"
    FAILED = "FAILED"
    DEPLOYING = "DEPLOYING"
    LIVE = "LIVE"
    REFUSED = "REFUSED"
    ROLLED_BACK = "ROLLED_BACK"

    @property
    def ends_the_run(self) -> bool:
        """TRAINED ends it too, but only for a classifier that wants no endpoint."""
        return self in (RunStatus.FAILED, RunStatus.LIVE, RunStatus.REFUSED, RunStatus.ROLLED_BACK)


class RunReference(BaseModel):
    """What the state machine carries: enough to find the run."""

    model_config = ConfigDict(frozen=True)

    classifier: str
    run_id: str
    backend: Backend

    @property
    def prefix(self) -> str:
        """The run's folder in the artifacts bucket."""
        return run_prefix(self.classifier, self.run_id)


class DatasetRecord(BaseModel):
    """Which dataset version the run was made from, and what was in it."""

    bucket: str
    key: str
    version: str
    sequencer: str
    dropped_at: datetime
    bytes: int
    sha256: str
    format: str
    mode: str
    examples: int
    label_counts: dict[str, int]
    warnings: list[str]


class SplitRecord(BaseModel):
    """One split: its JSON Lines object in the artifacts bucket."""

    key: str
    examples: int
    sha256: str


class Run(BaseModel):
    """run.json: the lineage of one training of one dataset version on one backend."""

    classifier: str
    run_id: str
    backend: Backend
    status: RunStatus
    message: str
    dataset: DatasetRecord
    splits: dict[str, SplitRecord]
    split_notes: list[str]
    settings: ClassifierSettings
    training: dict[str, Any]
    metrics: dict[str, Any] | None = None
    gate: Verdict | None = None
    endpoint: dict[str, Any] | None = None
    created_at: datetime
    updated_at: datetime

    @property
    def reference(self) -> RunReference:
        return RunReference(classifier=self.classifier, run_id=self.run_id, backend=self.backend)

    def outcome(self) -> dict[str, Any]:
        """What a Lambda hands back to the state machine."""
        return {**self.reference.model_dump(), "status": str(self.status), "message": self.message}

    def is_newer_than(self, other: "Run") -> bool:
        """Whether this run's dataset was dropped after the other's.

        Versions of one key are ordered by S3's sequencer, drops of different keys by S3's clock (seconds).
        """
        mine, theirs = self.dataset, other.dataset
        if (mine.bucket, mine.key) == (theirs.bucket, theirs.key) and mine.sequencer and theirs.sequencer:
            return is_later_sequencer(mine.sequencer, theirs.sequencer)
        return mine.dropped_at > theirs.dropped_at


def run_prefix(classifier: str, run_id: str) -> str:
    return f"runs/{classifier}/{run_id}/"


class RunStore(ObjectStore):
    """Reads and writes runs in the artifacts bucket."""

    def find(self, classifier: str, run_id: str) -> Run | None:
        """The run, or None when there is none of that id."""
        return self.find_document(run_prefix(classifier, run_id) + "run.json", Run)

    def read(self, reference: RunReference) -> Run:
        """The run; raises LookupError when it is gone, with a sentence that says where it was looked for."""
        return self.read_document(reference.prefix + "run.json", Run)

    def of_classifier(self, classifier: str) -> Iterator[Run]:
        """All runs of the classifier, in no order of time."""
        for run_id in self.names(f"runs/{classifier}/"):
            run = self.find(classifier, run_id)
            if run is not None:
                yield run

    def create(self, run: Run) -> Run:
        """Write a new run unless it exists; the run as it is then stored."""
        return self.create_document(run.reference.prefix + "run.json", run)

    def update(self, run: Run, **changes: Any) -> Run:
        """Store the run with `changes`, unless they change nothing."""
        return self.update_document(run.reference.prefix + "run.json", run, changes)

    def rejection_exists(self, folder: str, run_id: str) -> bool:
        listed = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=run_prefix(folder, run_id) + "rejected.json")
        return listed["KeyCount"] > 0

    def reject(self, folder: str, run_id: str, document: dict[str, Any]) -> None:
        """Leave `rejected.json`, once."""
        body = json.dumps(document, ensure_ascii=False, indent=2)
        self.create_object(run_prefix(folder, run_id) + "rejected.json", body)
