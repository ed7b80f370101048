"""How far a run is: training, then the gate, then its endpoint."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from trieur.backends import backend_named
from trieur.backends.base import Backend
from trieur.deployment import Clients, Deployment
from trieur.gate import SplitMetrics, judge
from trieur.pipeline.deploy import newer_run_behind_endpoint, superseded
from trieur.runs import Run, RunReference, RunStatus, RunStore

CONTENT_TYPES = {
    ".json": "application/json",
    ".jsonl": "application/jsonlines",
    ".html": "text/html; charset=utf-8",
    ".md": "text/markdown; charset=utf-8",
}


def check_run(reference: RunReference, deployment: Deployment, clients: Clients) -> Run:
    """Ask the backend how far the run is, and record it; a run that has ended stays as it is."""
    store = RunStore(clients.s3, deployment.artifacts_bucket)
    backend = backend_named(reference.backend, deployment, clients)
    run = store.read(reference)
    if run.status is RunStatus.TRAINING:
        return _check_training(run, backend, store)
    if run.status is RunStatus.DEPLOYING:
        return _check_endpoint(run, backend, store)
    return run


def fail_run(reference: RunReference, reason: str, deployment: Deployment, clients: Clients) -> Run:
    """Record that the pipeline itself could not go on with the run; a run that has ended stays as it is."""
    store = RunStore(clients.s3, deployment.artifacts_bucket)
    run = store.read(reference)
    return run if run.status.ends_the_run else store.update(run, status=RunStatus.FAILED, message=reason)


def _check_training(run: Run, backend: Backend, store: RunStore) -> Run:
    state = backend.training.state(run)
    training = {**run.training, **state.facts}
    if state.status is not RunStatus.TRAINED:
        return store.update(run, status=state.status, message=state.message, training=training)
    trained = backend.training.model(run.model_copy(update={"training": training}))
    _file_report(run, trained.report, store)
    verdict = judge(run.settings.gate, SplitMetrics.model_validate(trained.metrics["test"]))
    status, message = RunStatus.TRAINED, _quality(trained.metrics)
    if not verdict.passed:
        status = RunStatus.REFUSED
        reasons = " ".join([*verdict.reasons, *_note(trained.metrics)])
        message = f"The model did not pass the gate and was not deployed. {reasons}"
    return store.update(
        run,
        status=status,
        message=f"{message} {_report(run, store)}",
        training=training,
        metrics=trained.metrics,
        gate=verdict,
    )


def _check_endpoint(run: Run, backend: Backend, store: RunStore) -> Run:
    state = backend.endpoints.state(run)
    if state.status is RunStatus.LIVE:
        return _go_live(run, state.message, backend, store)
    status, message = state.status, state.message
    if status is RunStatus.ROLLED_BACK:
        newer = newer_run_behind_endpoint(run, backend, store)
        if newer is not None:
            status, message = RunStatus.REFUSED, superseded(newer)
    return store.update(run, status=status, message=message)


def _go_live(run: Run, message: str, backend: Backend, store: RunStore) -> Run:
    metrics = run.metrics
    if backend.evaluation is not None:
        evaluated = backend.evaluation.go_on(run)
        if evaluated.model is None:
            return store.update(run, message=f"{message} {evaluated.message}")
        meanwhile = backend.endpoints.state(run)
        if meanwhile.status is not RunStatus.LIVE:
            # Another run's model may have answered in part: the next check says what has become of this one.
            return store.update(run, message=meanwhile.message)
        metrics = evaluated.model.metrics
        _file_report(run, evaluated.model.report, store)
        message = f"{message} {evaluated.message}"
    return store.update(
        run,
        status=RunStatus.LIVE,
        message=f"{message} {_quality(metrics)} {_report(run, store)}",
        metrics=metrics,
    )


def _file_report(run: Run, report: Mapping[str, bytes], store: RunStore) -> None:
    for name, content in report.items():
        content_type = CONTENT_TYPES.get(PurePosixPath(name).suffix, "application/octet-stream")
        store.put(f"{run.reference.prefix}report/{name}", content, content_type)


def _report(run: Run, store: RunStore) -> str:
    return f"Report: s3://{store.bucket}/{run.reference.prefix}report/report.html"


def _quality(metrics: dict[str, Any] | None) -> str:
    assert metrics is not None, "a run is deployed only once its metrics are recorded"
    test = SplitMetrics.model_validate(metrics["test"])
    sentence = f"Accuracy {test.accuracy:.3f}, macro-F1 {test.macro_f1:.3f} on {test.examples} test examples."
    return " ".join([sentence, *_note(metrics)])


def _note(metrics: dict[str, Any]) -> list[str]:
    """What is to be said wherever the model's figures are: that it was trained from scratch, or by a stand-in."""
    note = metrics["base_model"].get("note")
    return [note] if note else []
