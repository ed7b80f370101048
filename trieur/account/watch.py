"""Following a drop until all its runs have ended."""

import time
from collections.abc import Callable, Iterator, Sequence

from trieur.account.account import Account
from trieur.account.run import Run
from trieur.account.summary import Drop
from trieur.settings import Backend


def watch(
    account: Account,
    drop: Drop,
    backends: Sequence[Backend],
    *,
    pause: float = 2.0,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[list[Run]]:
    """What has become of the drop, every `pause` seconds, the last time once there is nothing more to come.

    `backends` are those of the classifier's settings when it was dropped: a run is waited for on each, unless the
    whole dataset is refused. Raises AccountError.
    """
    while True:
        runs = account.runs_of(drop)
        yield runs
        if has_come_to_its_end(runs, backends):
            return
        sleep(pause)


def has_come_to_its_end(runs: Sequence[Run], backends: Sequence[Backend]) -> bool:
    """Whether nothing more is to come of a drop whose runs are these."""
    if any(run.backend is None for run in runs):
        return True
    return {run.backend for run in runs} >= set(backends) and all(run.has_ended for run in runs)
