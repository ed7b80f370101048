"""Putting a trained run's model behind its classifier's endpoint."""

from trieur.backends import backend_named
from trieur.backends.base import Backend, DeploymentRefused
from trieur.deployment import Clients, Deployment
from trieur.runs import Run, RunReference, RunStatus, RunStore


def deploy_run(reference: RunReference, deployment: Deployment, clients: Clients) -> Run:
    """Create the classifier's endpoint, or update it in place; a run that is past TRAINED stays as it is.

    Raises EndpointBusy while the endpoint is changing for another run: try again later.
    """
    store = RunStore(clients.s3, deployment.artifacts_bucket)
    backend = backend_named(reference.backend, deployment, clients)
    run = store.read(reference)
    if run.status is not RunStatus.TRAINED or not backend.endpoints.are_wanted(run.settings):
        return run
    newer = newer_run_behind_endpoint(run, backend, store)
    if newer is not None:
        return store.update(run, status=RunStatus.REFUSED, message=superseded(newer))
    try:
        endpoint = backend.endpoints.deploy(run)
    except DeploymentRefused as reason:
        return store.update(run, status=RunStatus.REFUSED, message=str(reason))
    return store.update(
        run,
        status=RunStatus.DEPLOYING,
        message=f"Deploying to endpoint {endpoint['name']}.",
        endpoint=endpoint,
    )


def newer_run_behind_endpoint(run: Run, backend: Backend, store: RunStore) -> Run | None:
    """The run that the endpoint answers with, where its dataset was dropped after this run's."""
    run_id = backend.endpoints.deployed_run(run.classifier)
    other = store.find(run.classifier, run_id) if run_id and run_id != run.run_id else None
    return other if other is not None and other.is_newer_than(run) else None


def superseded(newer: Run) -> str:
    """Why a run does not go live although its model is good."""
    return (
        f"The model is kept but not deployed: the endpoint already answers with run {newer.run_id}, "
        f"made from a dataset dropped later ({newer.dataset.key})."
    )
