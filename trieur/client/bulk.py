"""Bulk: a file of texts dropped into the inbox, classified without an endpoint by every backend of the classifier."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from trieur import names
from trieur.batch_drops import BATCH_PREFIX, batch_classifier, rejection_key
from trieur.batch_texts import read_texts
from trieur.batches import Batch, BatchReference, BatchStatus, BatchStore
from trieur.drops import Drop, DropIgnored, DropRefused
from trieur.objects import ObjectStore
from trieur.settings import Backend

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class BatchStage(StrEnum):
    """How far the classification of one file by one backend is."""

    DROPPED = "DROPPED"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    REFUSED = "REFUSED"

    @property
    def is_final(self) -> bool:
        return self not in (BatchStage.DROPPED, BatchStage.RUNNING)


@dataclass(frozen=True)
class BatchProgress:
    """Of one backend: `message` says in a sentence how far it is, `batch` is its record once there is one."""

    backend: Backend
    stage: BatchStage
    message: str
    batch: Batch | None = None


@dataclass(frozen=True)
class DroppedTexts:
    """A version of a file of texts in the inbox; `lines` are all of the file's, `texts` those that are not blank."""

    drop: Drop
    classifier: str
    lines: int
    texts: int

    @property
    def uri(self) -> str:
        return f"s3://{self.drop.bucket}/{self.drop.key}"


def batch_key(classifier: str, file_name: str) -> str:
    """Where in the inbox texts are dropped to be classified."""
    return f"{BATCH_PREFIX}{classifier}/{file_name}"


def drop_texts(s3: "S3Client", inbox: str, classifier: str, file_name: str, data: bytes) -> DroppedTexts:
    """Drop a file of texts, read first as the pipeline will read it.

    Raises trieur.batch_texts.TextsRefused and trieur.drops.DropRefused for what the pipeline would refuse, and
    botocore's errors; nothing is then dropped.
    """
    key = batch_key(classifier, file_name)
    try:
        batch_classifier(Drop(inbox, key, "", ""))
    except DropIgnored as reason:
        raise DropRefused(f"It would start nothing, for {reason}: give the file another name.") from reason
    lines = texts = 0
    for text in read_texts(data, file_name):
        lines += 1
        texts += text is not None
    version = s3.put_object(Bucket=inbox, Key=key, Body=data).get("VersionId", "null")
    return DroppedTexts(Drop(inbox, key, version, ""), classifier, lines, texts)


def progress_of(
    s3: "S3Client", artifacts: str, dropped: DroppedTexts, backends: Sequence[Backend]
) -> list[BatchProgress]:
    """How far each backend is with the dropped file, in the order of `backends`."""
    refused = _refusal(s3, dropped.drop, None)
    return [refused_by(backend, refused) if refused else _of(s3, artifacts, dropped, backend) for backend in backends]


def refused_by(backend: Backend, reason: str) -> BatchProgress:
    return BatchProgress(backend, BatchStage.REFUSED, reason)


def prediction_pieces(s3: "S3Client", batch: Batch) -> Iterator[bytes]:
    """The predictions of a completed batch, JSON Lines, piece by piece. Raises LookupError where there are none."""
    if batch.predictions is None:
        raise LookupError(f"Batch {batch.batch_id} of {batch.classifier} has no predictions: it is {batch.status}.")
    bucket, _, key = batch.predictions.removeprefix("s3://").partition("/")
    yield from s3.get_object(Bucket=bucket, Key=key)["Body"].iter_chunks(1 << 20)


def _of(s3: "S3Client", artifacts: str, dropped: DroppedTexts, backend: Backend) -> BatchProgress:
    drop = dropped.drop
    batch_id = names.run_id(drop.bucket, drop.key, drop.version, backend)
    reference = BatchReference(classifier=dropped.classifier, batch_id=batch_id, backend=backend)
    batch = BatchStore(s3, artifacts).find(reference)
    if batch is not None and (batch.job or batch.status is not BatchStatus.RUNNING):
        return BatchProgress(backend, BatchStage(batch.status.value), batch.message, batch)
    if reason := _refusal(s3, drop, backend):
        return refused_by(backend, reason)
    return BatchProgress(backend, BatchStage.DROPPED, "Dropped; the pipeline reads it and starts the job.", batch)


def _refusal(s3: "S3Client", drop: Drop, backend: Backend | None) -> str | None:
    """Why this version of the file was refused; an earlier version's refusal may lie there still."""
    body = ObjectStore(s3, drop.bucket).find_object(rejection_key(drop.key, backend))
    if body is None:
        return None
    document: dict[str, Any] = json.loads(body)
    return str(document["error"]) if document["request"]["version"] == drop.version else None
