"""Batches and where they are kept: `batches/<classifier>/<batch-id>/batch.json` in the artifacts bucket.

A batch is one version of a file of texts, dropped to be classified in bulk by one backend with one run's model.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from trieur.objects import ObjectStore
from trieur.settings import Backend, BatchSettings


class BatchStatus(StrEnum):
    """A batch's status, whatever the backend says."""

    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


class BatchReference(BaseModel):
    """What the state machine carries: enough to find the batch."""

    model_config = ConfigDict(frozen=True)

    classifier: str
    batch_id: str
    backend: Backend

    @property
    def prefix(self) -> str:
        """The batch's folder in the artifacts bucket."""
        return f"batches/{self.classifier}/{self.batch_id}/"


class RequestRecord(BaseModel):
    """The file of texts, one a line; `blank_lines` of its `lines` hold none."""

    bucket: str
    key: str
    version: str
    bytes: int
    sha256: str
    lines: int
    blank_lines: int

    @property
    def texts(self) -> int:
        return self.lines - self.blank_lines


class Batch(BaseModel):
    """batch.json: the lineage of one file of texts classified by one backend. `run_id` names whose model does it.

    `job` is empty until the backend's job has been started; `predictions` is the S3 URI of the answer.
    """

    classifier: str
    batch_id: str
    backend: Backend
    run_id: str
    status: BatchStatus
    message: str
    request: RequestRecord
    settings: BatchSettings
    job: dict[str, Any]
    predictions: str | None = None
    created_at: datetime
    updated_at: datetime

    @property
    def reference(self) -> BatchReference:
        return BatchReference(classifier=self.classifier, batch_id=self.batch_id, backend=self.backend)

    def outcome(self) -> dict[str, Any]:
        """What a Lambda hands back to the state machine."""
        return {**self.reference.model_dump(), "status": str(self.status), "message": self.message}


class BatchStore(ObjectStore):
    """Reads and writes batches in the artifacts bucket."""

    def find(self, reference: BatchReference) -> Batch | None:
        """The batch, or None when there is none."""
        return self.find_document(_key(reference), Batch)

    def read(self, reference: BatchReference) -> Batch:
        """The batch; raises LookupError when it is gone, with a sentence that says where it was looked for."""
        return self.read_document(_key(reference), Batch)

    def create(self, batch: Batch) -> Batch:
        """Write a new batch unless it exists; the batch as it is then stored."""
        return self.create_document(_key(batch.reference), batch)

    def update(self, batch: Batch, **changes: Any) -> Batch:
        """Store the batch with `changes`, unless they change nothing."""
        return self.update_document(_key(batch.reference), batch, changes)


def _key(reference: BatchReference) -> str:
    return reference.prefix + "batch.json"
