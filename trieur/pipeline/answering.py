"""Which run answers for a classifier on a backend."""

from collections.abc import Collection
from typing import Final

from trieur.backends.base import Backend
from trieur.runs import Run, RunStatus, RunStore
from trieur.settings import Backend as BackendName

# With a model that passed its gate and may be asked.
ANSWERING: Final = (RunStatus.TRAINED, RunStatus.DEPLOYING, RunStatus.LIVE)
# Its model may have passed the gate, and was not deployed for another reason: a quota, or a fault of the pipeline.
UNDEPLOYED: Final = (RunStatus.FAILED, RunStatus.REFUSED)


def answering_run(classifier: str, backend_name: BackendName, backend: Backend, store: RunStore) -> Run | None:
    """The run that the classifier's endpoint answers with, else the newest with a model that passed its gate.

    One that could not be deployed answers where there is no other. The endpoint is asked only where there is such a
    run: a region may be without the backend's service.
    """
    newest = newest_run(classifier, backend_name, store, ANSWERING)
    newest = newest or newest_run(classifier, backend_name, store, UNDEPLOYED)
    if newest is None:
        return None
    deployed = backend.endpoints.deployed_run(classifier)
    answering = store.find(classifier, deployed) if deployed is not None and deployed != newest.run_id else newest
    return answering or newest


def newest_run(
    classifier: str, backend_name: BackendName, store: RunStore, statuses: Collection[RunStatus]
) -> Run | None:
    """The run of the dataset dropped last, among those of these statuses with a model that passed its gate."""
    newest: Run | None = None
    for run in store.of_classifier(classifier):
        passed = run.gate is not None and run.gate.passed
        if run.backend == backend_name and run.status in statuses and passed:
            newest = run if newest is None or run.is_newer_than(newest) else newest
    return newest
