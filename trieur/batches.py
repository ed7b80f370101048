"""Batches and where they are kept: `batches/<classifier>/<batch-id>/batch.json` in the artifacts bucket.

A batch is one version of a file of texts, dropped to be classified in bulk by one backend with one run's model.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

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


class Batch(BaseModel):
    """batch.json: the lineage of one file of texts classified by one backend. `run_id` names whose model does it."""

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
