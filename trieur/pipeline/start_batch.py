"""From a file of texts to jobs that classify them: one batch a backend, each with its follower."""

import hashlib
import json
import logging
from dataclasses import asdict, dataclass

from trieur import names
from trieur.backends import backend_named
from trieur.backends.base import BatchRefused
from trieur.batch_drops import batch_classifier, folder, rejection_key
from trieur.batch_texts import TextsRefused, read_texts
from trieur.batches import Batch, BatchReference, BatchStatus, BatchStore, RequestRecord
from trieur.dataset.wording import counted
from trieur.deployment import Clients, Deployment
from trieur.drops import Drop, DropIgnored, DropRefused
from trieur.inbox import classifier_settings, download, require_latest_version
from trieur.notices import notify
from trieur.objects import JSON, ObjectStore, now
from trieur.pipeline.answering import answering_run
from trieur.pipeline.follow import follow_batch
from trieur.runs import RunReference, RunStatus, RunStore
from trieur.settings import Backend, BatchSettings, SettingsRefused

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class StartedBatches:
    """What became of a drop: `outcome` is started, refused or ignored, `message` says why.

    `batch_ids` are those of the batches that were begun, in the order of the backends.
    """

    outcome: str
    message: str
    classifier: str = ""
    batch_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Request:
    """The dropped file once read: `texts` are its lines but the blank ones."""

    drop: Drop
    classifier: str
    record: RequestRecord
    texts: list[str]


def start_batch(drop: Drop, deployment: Deployment, clients: Clients) -> StartedBatches:
    """Have the dropped texts classified by every backend of the classifier, each with the model that it answers with.

    Repeating it for the same drop changes nothing and succeeds. What cannot be classified is refused: a
    `.rejected.json` beside the file and a notification say why. What one backend refuses or fails at does not stop
    another. Raises what went wrong otherwise, such as botocore's errors, once every backend had its turn, so that the
    event is retried.
    """
    try:
        classifier = batch_classifier(drop)
        require_latest_version(drop, clients)
        settings = classifier_settings(classifier, deployment, clients)
        request = _read(drop, classifier, clients)
    except DropIgnored as reason:
        return StartedBatches("ignored", f"Nothing to do: {reason}.")
    except (DropRefused, SettingsRefused, TextsRefused) as reason:
        _refuse(drop, None, str(reason), deployment, clients)
        return StartedBatches("refused", str(reason), folder(drop))

    batches: list[Batch] = []
    refusals: list[str] = []
    failures: list[Exception] = []
    for backend in settings.backends:
        try:
            batches.append(_start(request, backend, settings.batch, deployment, clients))
        except BatchRefused as reason:
            _refuse(drop, backend, str(reason), deployment, clients)
            refusals.append(str(reason))
        except Exception as error:
            logger.exception("the batch could not be started", extra={"backend": backend})
            failures.append(error)
    if failures:
        raise failures[0]
    message = " ".join([*(batch.message for batch in batches), *refusals])
    outcome = "refused" if refusals and not batches else "started"
    return StartedBatches(outcome, message, classifier, tuple(batch.batch_id for batch in batches))


def _read(drop: Drop, classifier: str, clients: Clients) -> _Request:
    data = download(drop, clients).data
    lines, texts = 0, list[str]()
    for text in read_texts(data, drop.key):
        lines += 1
        if text is not None:
            texts.append(text)
    record = RequestRecord(
        bucket=drop.bucket,
        key=drop.key,
        version=drop.version,
        bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        lines=lines,
        blank_lines=lines - len(texts),
    )
    return _Request(drop, classifier, record, texts)


def _start(
    request: _Request, backend_name: Backend, settings: BatchSettings, deployment: Deployment, clients: Clients
) -> Batch:
    """The batch, under way: made, started and followed, as far as an earlier attempt has left that to be done.

    Raises BatchRefused.
    """
    drop, classifier = request.drop, request.classifier
    batch_id = names.run_id(drop.bucket, drop.key, drop.version, backend_name)
    reference = BatchReference(classifier=classifier, batch_id=batch_id, backend=backend_name)
    runs = RunStore(clients.s3, deployment.artifacts_bucket)
    batches = BatchStore(clients.s3, deployment.artifacts_bucket)
    backend = backend_named(backend_name, deployment, clients)

    batch = batches.find(reference)
    if batch is None:
        run = answering_run(classifier, backend_name, backend, runs)
        if run is None:
            raise BatchRefused(
                f"Classifier {classifier} has no model on {backend_name} that passed its gate: drop a dataset first, or"
                " wait until its training has ended, and drop the texts again."
            )
        batch = batches.create(_new_batch(request, reference, run.run_id, settings))
    if batch.status is BatchStatus.FAILED and not batch.job:
        # Refused by an earlier attempt, which may not have come to say so.
        raise BatchRefused(batch.message)
    if batch.status is BatchStatus.RUNNING and not batch.job:
        run = runs.read(RunReference(classifier=classifier, run_id=batch.run_id, backend=backend_name))
        try:
            facts = backend.batches.start(batch, run, request.texts)
        except BatchRefused as reason:
            batches.update(batch, status=BatchStatus.FAILED, message=str(reason))
            raise
        # As it is by now: the texts may have taken a while.
        batch = batches.update(batches.read(reference), job=facts)
    if batch.status is BatchStatus.RUNNING:
        follow_batch(reference, deployment, clients)
    return batch


def _new_batch(request: _Request, reference: BatchReference, run_id: str, settings: BatchSettings) -> Batch:
    created_at = now()
    texts = counted(request.record.texts, "text")
    return Batch(
        classifier=reference.classifier,
        batch_id=reference.batch_id,
        backend=reference.backend,
        run_id=run_id,
        status=BatchStatus.RUNNING,
        message=f"Classifying {texts} of {request.drop.key} on {reference.backend} with the model of run {run_id}.",
        request=request.record,
        settings=settings,
        job={},
        created_at=created_at,
        updated_at=created_at,
    )


def _refuse(drop: Drop, backend: Backend | None, reason: str, deployment: Deployment, clients: Clients) -> None:
    """Told first and filed after, so that a crash in between tells twice rather than never."""
    inbox = ObjectStore(clients.s3, drop.bucket)
    key = rejection_key(drop.key, backend)
    if _refused_version(inbox, key) == drop.version:
        return
    classifier, where = folder(drop), f" ({backend})" if backend else ""
    notify(
        clients,
        deployment,
        subject=f"Trieur: batch of {classifier} {RunStatus.REFUSED}{where}",
        message=f"s3://{drop.bucket}/{drop.key} was not classified{f' on {backend}' if backend else ''}. {reason}",
        classifier=classifier,
        status=RunStatus.REFUSED,
    )
    document = {"request": asdict(drop), "backend": backend, "error": reason, "refused_at": now().isoformat()}
    inbox.put(key, json.dumps(document, ensure_ascii=False, indent=2), JSON)


def _refused_version(inbox: ObjectStore, key: str) -> str | None:
    """The version of the request that was refused last; None when none was."""
    try:
        rejection = json.loads(inbox.find_object(key) or b"{}")
        version = rejection["request"]["version"]
    except (ValueError, KeyError, TypeError):
        return None
    return version if isinstance(version, str) else None
