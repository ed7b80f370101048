"""From a drop to runs in training: validate, split, write each backend's run, start its training and its follower."""

import hashlib
import logging
from dataclasses import asdict, dataclass
from typing import Any

from trieur import names
from trieur.backends import backend_named
from trieur.backends.base import TrainingRefused
from trieur.dataset import Dataset, DatasetRefused, read_dataset
from trieur.deployment import Clients, Deployment
from trieur.drops import Drop, DropIgnored, DropRefused
from trieur.inbox import Content, classifier_settings, download, require_latest_version
from trieur.notices import notify
from trieur.objects import now
from trieur.pipeline.follow import follow
from trieur.runs import DatasetRecord, Run, RunStatus, RunStore, SplitRecord
from trieur.settings import BACKENDS, Backend, ClassifierSettings, SettingsRefused
from trieur.splits import Splits, make_splits, to_jsonl

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Started:
    """What became of a drop: `outcome` is started, refused or ignored, `message` says why.

    `run_ids` are those of its runs, in the order of the backends; a refused drop has that of its folder.
    """

    outcome: str
    message: str
    classifier: str = ""
    run_ids: tuple[str, ...] = ()


def start_runs(drop: Drop, deployment: Deployment, clients: Clients) -> Started:
    """Start the runs that `drop` asks for, one a backend. Repeating it for the same drop changes nothing and succeeds.

    A dataset that cannot be used is refused: `rejected.json` and a notification say why, nothing is started and
    no endpoint is touched. What one backend refuses or fails at does not stop another. Raises what went wrong
    otherwise, such as botocore's errors, once every backend had its turn, so that the event is retried.
    """
    store = RunStore(clients.s3, deployment.artifacts_bucket)
    try:
        classifier = drop.classifier()
        require_latest_version(drop, clients)
        runs = _runs(drop, classifier, store, deployment, clients)
    except DropIgnored as reason:
        return Started("ignored", f"Nothing to do: {reason}.")
    except (DropRefused, SettingsRefused, DatasetRefused) as reason:
        return _refuse_drop(drop, str(reason), store, deployment, clients)

    failures: list[Exception] = []
    for backend, run in runs.items():
        try:
            runs[backend] = _start(run, store, deployment, clients)
        except Exception as error:
            logger.exception("the run could not be started", extra=run.reference.model_dump())
            failures.append(error)
    if failures:
        raise failures[0]
    refused = all(run.status is RunStatus.REFUSED for run in runs.values())
    message = " ".join(dict.fromkeys(run.message for run in runs.values()))
    run_ids = tuple(run.run_id for run in runs.values())
    return Started("refused" if refused else "started", message, classifier, run_ids)


def _runs(drop: Drop, classifier: str, store: RunStore, deployment: Deployment, clients: Clients) -> dict[Backend, Run]:
    """The drop's run on each backend, made unless an earlier attempt has made it."""
    run_ids: dict[Backend, str] = {
        backend: names.run_id(drop.bucket, drop.key, drop.version, backend) for backend in BACKENDS
    }
    found = {backend: run for backend, run_id in run_ids.items() if (run := store.find(classifier, run_id))}
    # Those of the first attempt, whatever the classifier's settings have become since.
    earlier = next(iter(found.values()), None)
    settings = earlier.settings if earlier else classifier_settings(classifier, deployment, clients)
    missing = [backend for backend in settings.backends if backend not in found]
    if missing:
        content = download(drop, clients)
        dataset = read_dataset(content.data, drop.key, mode=settings.mode, minimum_examples=settings.minimum_examples)
        splits = make_splits(dataset, **settings.split.model_dump())
        record = _record(drop, content, dataset)
        for backend in missing:
            run = _new_run(classifier, run_ids[backend], backend, settings, record, splits)
            found[backend] = store.create(_with_splits(run, dataset, splits, store))
    return {backend: found[backend] for backend in settings.backends}


def _new_run(
    classifier: str, run_id: str, backend: Backend, settings: ClassifierSettings, dataset: DatasetRecord, splits: Splits
) -> Run:
    created_at = now()
    return Run(
        classifier=classifier,
        run_id=run_id,
        backend=backend,
        status=RunStatus.TRAINING,
        message=f"Training {classifier} on {len(splits.train)} of {dataset.examples} examples.",
        dataset=dataset,
        splits={},
        split_notes=splits.notes,
        settings=settings,
        training={},
        created_at=created_at,
        updated_at=created_at,
    )


def _with_splits(run: Run, dataset: Dataset, splits: Splits, store: RunStore) -> Run:
    """The run with its splits, which lie in its own folder: a run needs no other."""
    records = {}
    for name, indices in splits.parts().items():
        body, key = to_jsonl(dataset, indices), f"{run.reference.prefix}splits/{name}.jsonl"
        store.put(key, body, "application/jsonlines")
        records[name] = SplitRecord(key=key, examples=len(indices), sha256=hashlib.sha256(body).hexdigest())
    return run.model_copy(update={"splits": records})


def _record(drop: Drop, content: Content, dataset: Dataset) -> DatasetRecord:
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


def _start(run: Run, store: RunStore, deployment: Deployment, clients: Clients) -> Run:
    """Start the run's training and its follower, unless it is past that."""
    if run.status is not RunStatus.TRAINING:
        return run
    try:
        facts = backend_named(run.backend, deployment, clients).training.start(run)
    except TrainingRefused as reason:
        return _refuse_run(run, str(reason), store, deployment, clients)
    # As it is by now: another attempt at the same drop may have been quicker.
    run = store.read(run.reference)
    if run.status is not RunStatus.TRAINING:
        return run
    run = store.update(run, training={**run.training, **facts})
    follow(run.reference, deployment, clients)
    return run


def _refuse_run(run: Run, reason: str, store: RunStore, deployment: Deployment, clients: Clients) -> Run:
    dataset = run.dataset
    notify(
        clients,
        deployment,
        subject=f"Trieur: {run.classifier} {RunStatus.REFUSED} ({run.backend})",
        message=f"s3://{dataset.bucket}/{dataset.key} was not trained on {run.backend}. {reason}",
        classifier=run.classifier,
        status=RunStatus.REFUSED,
    )
    drop = {"bucket": dataset.bucket, "key": dataset.key, "version": dataset.version, "sequencer": dataset.sequencer}
    _reject(store, run.classifier, run.run_id, drop, reason)
    return store.update(run, status=RunStatus.REFUSED, message=reason)


def _refuse_drop(drop: Drop, reason: str, store: RunStore, deployment: Deployment, clients: Clients) -> Started:
    """Told first and filed after, so that a crash in between tells twice rather than never."""
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
        _reject(store, folder, run_id, asdict(drop), reason)
    return Started("refused", reason, folder, (run_id,))


def _reject(store: RunStore, folder: str, run_id: str, drop: dict[str, Any], reason: str) -> None:
    store.reject(folder, run_id, {"dataset": drop, "error": reason, "refused_at": now().isoformat()})
