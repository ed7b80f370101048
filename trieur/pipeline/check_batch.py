"""How far a batch is, and once it is done its predictions, line by line beside the request."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from botocore.exceptions import ClientError

from trieur.backends import backend_named
from trieur.backends.base import Backend
from trieur.backends.output_archive import ArchiveRefused
from trieur.batch_drops import predictions_key
from trieur.batch_texts import read_texts
from trieur.batches import Batch, BatchReference, BatchStatus, BatchStore
from trieur.dataset.wording import counted
from trieur.deployment import Clients, Deployment
from trieur.objects import JSON_LINES, ObjectStore
from trieur.predictions import MalformedPrediction, as_json


class RequestGone(Exception):
    """The version of the file that was to be classified is no longer in the inbox; one sentence for people."""


def check_batch(reference: BatchReference, deployment: Deployment, clients: Clients) -> Batch:
    """Ask the backend how far the batch is, and record it; a batch that has ended stays as it is.

    Once its job has completed, the predictions are written before the batch is COMPLETED.
    """
    store = BatchStore(clients.s3, deployment.artifacts_bucket)
    batch = store.read(reference)
    if batch.status is not BatchStatus.RUNNING:
        return batch
    backend = backend_named(reference.backend, deployment, clients)
    state = backend.batches.state(batch)
    job = {**batch.job, **state.facts}
    if state.status is not BatchStatus.COMPLETED:
        return store.update(batch, status=state.status, message=state.message, job=job)
    try:
        written = _write_predictions(batch.model_copy(update={"job": job}), backend, store, clients)
    except (MalformedPrediction, ArchiveRefused, RequestGone) as reason:
        return store.update(batch, status=BatchStatus.FAILED, message=str(reason), job=job)
    return store.update(batch, status=BatchStatus.COMPLETED, message=written.message, job=job, predictions=written.uri)


def fail_batch(reference: BatchReference, reason: str, deployment: Deployment, clients: Clients) -> Batch:
    """Record that the pipeline itself could not go on with the batch; a batch that has ended stays as it is."""
    store = BatchStore(clients.s3, deployment.artifacts_bucket)
    batch = store.read(reference)
    if batch.status is not BatchStatus.RUNNING:
        return batch
    return store.update(batch, status=BatchStatus.FAILED, message=reason)


@dataclass(frozen=True)
class _Written:
    uri: str
    message: str


class _Answers:
    """A JSON line for every line of the request, `[]` where there is no prediction; counts the texts without one."""

    def __init__(self, batch: Batch, backend: Backend, data: bytes) -> None:
        self.unanswered = 0
        self._texts = read_texts(data, batch.request.key)
        self._predictions = backend.batches.predictions(batch)

    def __iter__(self) -> Iterator[bytes]:
        for text in self._texts:
            prediction = None
            if text is not None:
                prediction = next(self._predictions)
                self.unanswered += prediction is None
            yield json.dumps(as_json(prediction), ensure_ascii=False).encode() + b"\n"
        # An answer too many is refused by the backend, but only at the end.
        for _ in self._predictions:
            pass


def _write_predictions(batch: Batch, backend: Backend, store: BatchStore, clients: Clients) -> _Written:
    request = batch.request
    answers = _Answers(batch, backend, _content(batch, clients))
    newer = _newer_version(batch, clients)
    # The answer to an older version never replaces that to a newer one.
    folder = ObjectStore(clients.s3, request.bucket) if newer is None else store
    beside, apart = predictions_key(request.key, batch.backend), f"{batch.reference.prefix}predictions.jsonl"
    key = beside if newer is None else apart
    folder.upload(key, answers, JSON_LINES)
    uri = f"s3://{folder.bucket}/{key}"
    sentences = [
        f"Classified {counted(request.texts, 'text')} of s3://{request.bucket}/{request.key} with the model of run"
        f" {batch.run_id}.",
        f"Blank lines: {request.blank_lines:,}. Texts without a prediction: {answers.unanswered:,}.",
        f"Predictions, a line each: {uri}",
    ]
    if newer is not None:
        sentences.insert(1, f"The file has been replaced since (version {newer}), so they do not lie beside it.")
    return _Written(uri, " ".join(sentences))


def _content(batch: Batch, clients: Clients) -> bytes:
    request = batch.request
    try:
        answer = clients.s3.get_object(Bucket=request.bucket, Key=request.key, VersionId=request.version)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("NoSuchKey", "NoSuchVersion"):
            raise
        raise RequestGone(
            f"Version {request.version} of s3://{request.bucket}/{request.key} is gone, so that its predictions cannot"
            " be put beside its lines: drop the texts again."
        ) from error
    return answer["Body"].read()


def _newer_version(batch: Batch, clients: Clients) -> str | None:
    """The version that has replaced the request's since; None when none has, or the file was deleted."""
    try:
        latest = clients.s3.head_object(Bucket=batch.request.bucket, Key=batch.request.key).get("VersionId", "null")
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            return None
        raise
    return latest if latest != batch.request.version else None
