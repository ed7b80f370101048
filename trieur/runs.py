"""Runs and where they are kept: `runs/<classifier>/<run-id>/` in the artifacts bucket."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from pydantic import BaseModel, ConfigDict

from trieur.drops import is_later_sequencer
from trieur.gate import Verdict
from trieur.settings import Backend, ClassifierSettings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


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


@dataclass(frozen=True)
class RunStore:
    """Reads and writes runs in the artifacts bucket."""

    s3: "S3Client"
    bucket: str

    def find(self, classifier: str, run_id: str) -> Run | None:
        """The run, or None when there is none of that id."""
        try:
            body = self.s3.get_object(Bucket=self.bucket, Key=run_prefix(classifier, run_id) + "run.json")["Body"]
        except self.s3.exceptions.NoSuchKey:
            return None
        return Run.model_validate_json(body.read())

    def read(self, reference: RunReference) -> Run:
        """The run; raises LookupError when it is gone, with a sentence that says where it was looked for."""
        run = self.find(reference.classifier, reference.run_id)
        if run is None:
            raise LookupError(f"There is no s3://{self.bucket}/{reference.prefix}run.json: was the run deleted?")
        return run

    def create(self, run: Run) -> Run:
        """Write a new run unless it exists; the run as it is then stored."""
        if self._create(run.reference.prefix + "run.json", _document(run)):
            return run
        return self.read(run.reference)

    def update(self, run: Run, **changes: Any) -> Run:
        """Store the run with `changes`, unless they change nothing."""
        changed = run.model_copy(update=changes)
        if changed == run:
            return run
        changed = changed.model_copy(update={"updated_at": now()})
        self.put(changed.reference.prefix + "run.json", _document(changed), "application/json")
        return changed

    def rejection_exists(self, folder: str, run_id: str) -> bool:
        listed = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=run_prefix(folder, run_id) + "rejected.json")
        return listed["KeyCount"] > 0

    def reject(self, folder: str, run_id: str, document: dict[str, Any]) -> None:
        """Leave `rejected.json`, once."""
        self._create(run_prefix(folder, run_id) + "rejected.json", json.dumps(document, ensure_ascii=False, indent=2))

    def put(self, key: str, body: bytes | str, content_type: str) -> None:
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=_encoded(body), ContentType=content_type)

    def _create(self, key: str, body: str) -> bool:
        try:
            self.s3.put_object(
                Bucket=self.bucket,
                Key=key,
                Body=_encoded(body),
                ContentType="application/json",
                IfNoneMatch="*",
            )
        except ClientError as error:
            # 409 is another writer creating it at this very moment.
            if error.response["Error"]["Code"] in ("PreconditionFailed", "ConditionalRequestConflict"):
                return False
            raise
        return True


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _document(run: Run) -> str:
    return json.dumps(run.model_dump(mode="json"), ensure_ascii=False, indent=2)


def _encoded(body: bytes | str) -> bytes:
    return body if isinstance(body, bytes) else body.encode()
