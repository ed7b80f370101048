"""The two runs that can be compared: one a backend, of one dataset version, hence on one split."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from trieur.account import AccountError, ClassifierSummary
from trieur.comparison.matrix import BACKEND_NAMES, COLUMNS
from trieur.runs import Run, RunStatus
from trieur.settings import Backend

_JUDGED: Final = (RunStatus.TRAINED, RunStatus.DEPLOYING, RunStatus.LIVE, RunStatus.ROLLED_BACK)


class NothingToCompare(AccountError):
    """There are not two runs of one dataset version; one sentence for people, with what to do."""

    exit_code = 1


@dataclass(frozen=True)
class Pair:
    """The run of each backend, and the backends whose endpoint answers with that very run's model."""

    runs: dict[Backend, Run]
    answering: frozenset[Backend]

    @property
    def classifier(self) -> str:
        return self.runs["camembert"].classifier


def find_pair(summary: ClassifierSummary) -> Pair:
    """The newest dataset version that both backends have a trained model of. Raises NothingToCompare."""
    records = [run.record for run in summary.runs if run.record is not None]
    versions: defaultdict[tuple[str, str, str], dict[Backend, Run]] = defaultdict(dict)
    for run in records:
        if run.status in _JUDGED and run.metrics is not None:
            versions[run.dataset.bucket, run.dataset.key, run.dataset.version][run.backend] = run
    both = [runs for runs in versions.values() if len(runs) == len(COLUMNS)]
    if not both:
        raise NothingToCompare(
            _why_not(summary.name, records, [run for runs in versions.values() for run in runs.values()])
        )
    newest = max(both, key=lambda runs: runs["camembert"].dataset.dropped_at)
    behind = {endpoint.backend: endpoint.run_id for endpoint in summary.endpoints}
    answering = frozenset(backend for backend, run in newest.items() if behind.get(backend) == run.run_id)
    return Pair(newest, answering)


def _why_not(classifier: str, records: Sequence[Run], trained: Sequence[Run]) -> str:
    remedy = f"run `trieur settings {classifier} backend=both`, then `trieur train {classifier} FILE`"
    busy = next((run for run in records if run.status is RunStatus.TRAINING), None)
    if busy is not None:
        name = BACKEND_NAMES[busy.backend]
        return (
            f"{name} is still training run {busy.run_id} of {classifier}: compare once it has ended"
            f" (trieur status {classifier}); if the other backend has no run of that dataset, {remedy}."
        )
    found = [backend for backend in COLUMNS if any(run.backend == backend for run in trained)]
    if not found:
        return f"{classifier} has no trained run of either backend: {remedy}."
    if len(found) == 1:
        [one] = found
        [other] = (backend for backend in COLUMNS if backend != one)
        failed = next((run for run in records if run.backend == other), None)
        why = "" if failed is None else f" (its run {failed.run_id} is {failed.status}: {failed.message})"
        names = BACKEND_NAMES[one], BACKEND_NAMES[other]
        return f"{classifier} has a trained run of {names[0]} only, none of {names[1]}{why}: {remedy}."
    return f"No dataset version of {classifier} was trained by both backends, each has its own: {remedy}."
