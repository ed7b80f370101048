"""Which run answers for a classifier on a backend."""

from trieur.backends.base import Backend
from trieur.runs import Run, RunStatus, RunStore
from trieur.settings import Backend as BackendName

# With a model that passed its gate and may be asked.
ANSWERING = (RunStatus.TRAINED, RunStatus.DEPLOYING, RunStatus.LIVE)


def answering_run(classifier: str, backend_name: BackendName, backend: Backend, store: RunStore) -> Run | None:
    """The run that the classifier's endpoint answers with, else the newest with a model that passed its gate.

    The endpoint is asked only where there is such a run: a region may be without the backend's service.
    """
    newest = newest_run(classifier, backend_name, store)
    if newest is None:
        return None
    deployed = backend.endpoints.deployed_run(classifier)
    answering = store.find(classifier, deployed) if deployed is not None and deployed != newest.run_id else newest
    return answering or newest


def newest_run(classifier: str, backend_name: BackendName, store: RunStore) -> Run | None:
    """The run of the dataset dropped last, among those with a model that passed its gate; None without any."""
    newest: Run | None = None
    for run in store.of_classifier(classifier):
        if run.backend == backend_name and _may_answer(run) and (newest is None or run.is_newer_than(newest)):
            newest = run
    return newest


def _may_answer(run: Run) -> bool:
    return run.status in ANSWERING and run.gate is not None and run.gate.passed
