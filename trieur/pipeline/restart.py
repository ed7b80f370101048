"""Starting a classifier's endpoint again from a model it already has, without training."""

import hashlib
from dataclasses import dataclass
from typing import Any, Final, Literal

from trieur import names
from trieur.backends import backend_named
from trieur.dataset.wording import quoted
from trieur.deployment import Clients, Deployment
from trieur.inbox import classifier_settings
from trieur.notices import notify
from trieur.objects import now
from trieur.pipeline.answering import ANSWERING, UNDEPLOYED, newest_run
from trieur.pipeline.follow import follow, is_abandoned
from trieur.runs import Run, RunStatus, RunStore
from trieur.settings import (
    BACKENDS,
    Backend,
    ClassifierSettings,
    ComprehendSettings,
    EndpointSettings,
    SettingsRefused,
)

START_ENDPOINT: Final = "Start Endpoint"


class _StartRefused(Exception):
    """The endpoint cannot be started; one sentence for people."""


@dataclass(frozen=True)
class StartedEndpoint:
    """What became of a request to start an endpoint; `message` is for people."""

    outcome: Literal["starting", "live", "refused"]
    message: str
    classifier: str = ""
    backend: str = ""
    run_id: str = ""


def start_endpoint(
    detail: Any, request_id: str, deployment: Deployment, clients: Clients, *, answered: bool = False
) -> StartedEndpoint:
    """Start the endpoint that `detail`, `{"classifier": ..., "backend": ...}`, names; the latter may be left out.

    The newest model that passed its gate is deployed, under the classifier's settings as they are now. Repeating it
    with the same `request_id` changes nothing. What cannot be done is refused and told to the outcomes topic, unless
    the request is `answered`: whoever made it then has the refusal already.
    """
    classifier = detail.get("classifier") if isinstance(detail, dict) else None
    try:
        if not isinstance(classifier, str) or not names.is_classifier(classifier):
            raise _StartRefused('Name the classifier, as in {"classifier": "questions"}.')
        settings = classifier_settings(classifier, deployment, clients)
        backend = _backend(detail.get("backend"), settings)
        return _start(classifier, backend, settings, request_id, deployment, clients)
    except (_StartRefused, SettingsRefused) as reason:
        # SNS takes neither an empty attribute nor a line feed in a subject.
        name = classifier if isinstance(classifier, str) and names.is_classifier(classifier) else "unnamed"
        asked = quoted(classifier) if isinstance(classifier, str) and name != classifier else name
        message = f"The endpoint of {asked} was not started. {reason}"
        if not answered:
            notify(
                clients,
                deployment,
                subject=f"Trieur: start of {name} {RunStatus.REFUSED}",
                message=message,
                classifier=name,
                status=RunStatus.REFUSED,
            )
        return StartedEndpoint("refused", message, name)


def _backend(asked: object, settings: ClassifierSettings) -> Backend:
    for backend in BACKENDS:
        if asked == backend:
            return backend
    if asked is not None:
        raise _StartRefused(f"There is no backend {quoted(asked)}: it is one of {', '.join(BACKENDS)}.")
    if len(settings.backends) > 1:
        raise _StartRefused(f"It has an endpoint on each of {' and '.join(settings.backends)}: name the backend.")
    return settings.backends[0]


def _start(
    classifier: str,
    backend_name: Backend,
    settings: ClassifierSettings,
    request_id: str,
    deployment: Deployment,
    clients: Clients,
) -> StartedEndpoint:
    store = RunStore(clients.s3, deployment.artifacts_bucket)
    backend = backend_named(backend_name, deployment, clients)
    if not backend.endpoints.are_wanted(settings):
        raise _StartRefused(f"Its settings want no endpoint on {backend_name}: {_WANTING[backend_name]}")
    # Asked before the endpoint: a region may be without the backend's service, and then has no such run.
    run = newest_run(classifier, backend_name, store, (*ANSWERING, *UNDEPLOYED))
    if run is None:
        raise _StartRefused(f"It has no model on {backend_name} that passed its gate: drop a dataset first.")
    live = backend.endpoints.deployed_run(classifier)
    if live is not None:
        message = f"The endpoint of {classifier} on {backend_name} answers already, with run {live}."
        deployed = store.find(classifier, live)
        if deployed and _of_endpoint(deployed.settings, backend_name) != _of_endpoint(settings, backend_name):
            message += " Its settings have changed since: they count from its next start or dataset on."
        return StartedEndpoint("live", message, classifier, backend_name, live)
    if run.status is not RunStatus.DEPLOYING or is_abandoned(run, now()):
        token = hashlib.sha256(request_id.encode()).hexdigest()[:8]
        asked = _as_asked_now(run, settings, store)
        if not follow(run.reference, deployment, clients, start=token):
            # The same event again, after its execution has ended: what that has recorded stays.
            store.update(asked, status=run.status, message=run.message, settings=run.settings)
            raise _StartRefused(f"This very request was followed to its end before. {run.message}")
    message = f"The endpoint of {classifier} on {backend_name} is being created with run {run.run_id}."
    return StartedEndpoint("starting", message, classifier, backend_name, run.run_id)


def _of_endpoint(settings: ClassifierSettings, backend: Backend) -> EndpointSettings | ComprehendSettings:
    return settings.endpoint if backend == "camembert" else settings.comprehend


def _as_asked_now(run: Run, settings: ClassifierSettings, store: RunStore) -> Run:
    """The run, TRAINED, with what the classifier's settings now say about endpoints."""
    current = {"endpoint": settings.endpoint, "comprehend": settings.comprehend}
    return store.update(
        run,
        status=RunStatus.TRAINED,
        message="The endpoint is to be started again.",
        settings=run.settings.model_copy(update=current),
    )


_WANTING: Final[dict[Backend, str]] = {
    "camembert": 'set "endpoint": {"kind": "serverless"} in its classifier.json.',
    "comprehend": 'set "comprehend": {"endpoint": "on-demand"} in its classifier.json.',
}
