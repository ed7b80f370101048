"""From a drop to a run in training: validate, split, write the run, start the training job and its follower."""

import hashlib
import json
import logging
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, get_args

from botocore.exceptions import ClientError

from trieur import names
from trieur.backends import backend_named
from trieur.backends.base import TrainingRefused
from trieur.dataset import Dataset, DatasetRefused, read_dataset
from trieur.dataset.limits import MAX_FILE_BYTES
from trieur.deployment import Clients, Deployment
from trieur.drops import DATASETS_PREFIX, SETTINGS_FILE, Drop, DropRefused, NotADataset
from trieur.notices import notify
from trieur.runs import DatasetRecord, Run, RunStatus, RunStore, SplitRecord, now, run_prefix
from trieur.settings import MAX_SETTINGS_BYTES, Backend, ClassifierSettings, SettingsRefused, read_settings
from trieur.splits import make_splits, to_jsonl

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Started:
    """What became of a drop: `outcome` is started, refused or ignored, `message` says why."""

    outcome: str
    message: str
    classifier: str = ""
    run_id: str = ""


@dataclass(frozen=True)
class _Content:
    data: bytes
    dropped_at: datetime


def start_run(drop: Drop, deployment: Deployment, clients: Clients) -> Started:
    """Start the run that `drop` asks for. Repeating it for the same drop changes nothing and succeeds.

    A dataset that cannot be used is refused: `rejected.json` and a notification say why, nothing is started and
    no endpoint is touched. Raises botocore's ClientError when AWS itself fails, so that the event is retried.
    """
    try:
        classifier = drop.classifier()
        _require_latest_version(drop, clients)
    except NotADataset as reason:
        return Started("ignored", f"Nothing to do: {reason}.")
    except DropRefused as reason:
        return _refuse(drop, str(reason), deployment, clients)

    store = RunStore(clients.s3, deployment.artifacts_bucket)
    run = _run_of(drop, classifier, store)
    if run is None:
        try:
            settings = read_settings(_classifier_json(drop, classifier, clients), deployment.defaults)
            run = _create_run(drop, classifier, settings, store, clients)
        except (SettingsRefused, DatasetRefused) as reason:
            return _refuse(drop, str(reason), deployment, clients)

    if run.status is RunStatus.TRAINING:
        try:
            facts = backend_named(run.backend, deployment, clients).start_training(run)
        except TrainingRefused as reason:
            refused = _refuse(drop, str(reason), deployment, clients)
            store.update(run, status=RunStatus.REFUSED, message=str(reason))
            return refused
        run = store.update(run, training={**run.training, **facts})
        _follow(run, deployment, clients)
    return Started("started", run.message, classifier, run.run_id)


def _run_of(drop: Drop, classifier: str, store: RunStore) -> Run | None:
    """The run that the drop has started before, whatever the classifier's settings have become since."""
    run_ids = (names.run_id(drop.bucket, drop.key, drop.version, backend) for backend in get_args(Backend))
    return next(filter(None, (store.find(classifier, run_id) for run_id in run_ids)), None)


def _require_latest_version(drop: Drop, clients: Clients) -> None:
    try:
        head = clients.s3.head_object(Bucket=drop.bucket, Key=drop.key)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            raise NotADataset(f"{drop.key!r} has been deleted since") from error
        raise
    latest = head.get("VersionId", "null")
    if latest != drop.version:
        raise NotADataset(f"version {drop.version} of {drop.key!r} is older than the latest, {latest}")
    if head["ContentLength"] > MAX_FILE_BYTES:
        raise DropRefused(f"{drop.key!r} has {head['ContentLength']:,} bytes, and {MAX_FILE_BYTES:,} is the most.")


def _classifier_json(drop: Drop, classifier: str, clients: Clients) -> bytes | None:
    try:
        key = f"{DATASETS_PREFIX}{classifier}/{SETTINGS_FILE}"
        return clients.s3.get_object(Bucket=drop.bucket, Key=key)["Body"].read(MAX_SETTINGS_BYTES + 1)
    except clients.s3.exceptions.NoSuchKey:
        return None


def _create_run(drop: Drop, classifier: str, settings: ClassifierSettings, store: RunStore, clients: Clients) -> Run:
    run_id = names.run_id(drop.bucket, drop.key, drop.version, settings.backend)
    content = _download(drop, clients)
    dataset = read_dataset(content.data, drop.key, mode=settings.mode, minimum_examples=settings.minimum_examples)
    splits = make_splits(dataset, **settings.split.model_dump())
    records = {
        name: _write_split(dataset, indices, f"{run_prefix(classifier, run_id)}splits/{name}.jsonl", store)
        for name, indices in splits.parts().items()
    }
    created_at = now()
    return store.create(
        Run(
            classifier=classifier,
            run_id=run_id,
            backend=settings.backend,
            status=RunStatus.TRAINING,
            message=f"Training {classifier} on {records['train'].examples} of {len(dataset.texts)} examples.",
            dataset=_record(drop, content, dataset),
            splits=records,
            split_notes=splits.notes,
            settings=settings,
            training={},
            created_at=created_at,
            updated_at=created_at,
        )
    )


def _download(drop: Drop, clients: Clients) -> _Content:
    answer = clients.s3.get_object(Bucket=drop.bucket, Key=drop.key, VersionId=drop.version)
    return _Content(answer["Body"].read(), answer["LastModified"].astimezone(UTC))


def _write_split(dataset: Dataset, indices: list[int], key: str, store: RunStore) -> SplitRecord:
    body = to_jsonl(dataset, indices)
    store.put(key, body, "application/jsonlines")
    return SplitRecord(key=key, examples=len(indices), sha256=hashlib.sha256(body).hexdigest())


def _record(drop: Drop, content: _Content, dataset: Dataset) -> DatasetRecord:
    return DatasetRecord(
        bucket=drop.bucket,
        key=drop.key,
        version=drop.version,
        sequencer=drop.sequencer,
        dropped_at=content.dropped_at,
        bytes=len(content.data),
        sha256=dataset.sha256,
        format=dataset.format,
        mode=dataset.mode,
        examples=len(dataset.texts),
        label_counts=dataset.label_counts,
        warnings=dataset.warnings,
    )


def _follow(run: Run, deployment: Deployment, clients: Clients) -> None:
    try:
        clients.stepfunctions.start_execution(
            stateMachineArn=deployment.state_machine_arn,
            name=names.execution(run.classifier, run.run_id),
            input=json.dumps(run.reference.model_dump()),
        )
    except clients.stepfunctions.exceptions.ExecutionAlreadyExists:
        logger.info("the run is already followed, or was to its end", extra={"run_id": run.run_id})


def _refuse(drop: Drop, reason: str, deployment: Deployment, clients: Clients) -> Started:
    """Told first and filed after, so that a crash in between tells twice rather than never."""
    store = RunStore(clients.s3, deployment.artifacts_bucket)
    folder, run_id = drop.folder(), names.run_id(drop.bucket, drop.key, drop.version, "")
    if not store.rejection_exists(folder, run_id):
        notify(
            clients,
            deployment,
            subject=f"Trieur: dataset of {folder} REFUSED",
            message=f"s3://{drop.bucket}/{drop.key} was refused, and nothing was started. {reason}",
            classifier=folder,
            status=RunStatus.REFUSED,
        )
        document: dict[str, Any] = {"dataset": asdict(drop), "error": reason, "refused_at": now().isoformat()}
        store.reject(folder, run_id, document)
    return Started("refused", reason, folder, run_id)
