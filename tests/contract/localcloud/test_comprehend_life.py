"""Nothing of Comprehend outlives its local AWS, and what is not used costs nothing."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from localcloud import LocalCloud
from localcloud.processes import wait_until
from tests.contract.localcloud.account import until
from tests.contract.localcloud.comprehend_account import ComprehendAccount

SECONDS = 20.0


def trainings_of(state: Path) -> list[str]:
    """The training processes that work in a folder of that state."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            called = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if "training_process" in called and str(state) in called:
            found.append(called)
    return found


def server_of(state: Path) -> int:
    pid: int = json.loads((state / "localcloud.json").read_text())["pid"]
    return pid


@pytest.mark.parametrize(
    "end", [lambda _state: None, lambda state: os.kill(server_of(state), signal.SIGKILL)], ids=["closed", "killed"]
)
def test_a_training_ends_with_its_local_aws(tmp_path: Path, end: Callable[[Path], None]) -> None:
    state = tmp_path / "state"
    with LocalCloud(state, app=None) as cloud:
        account = ComprehendAccount(cloud)
        account.slow("endless")
        until(lambda: trainings_of(state), lambda running: len(running) == 1)
        end(state)

    wait_until(lambda: not trainings_of(state), SECONDS)
    assert trainings_of(state) == []
    assert {entry.name for entry in state.iterdir()} <= {"lock", "logs"}


def test_a_stopped_training_leaves_no_process(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with LocalCloud(state, app=None) as cloud:
        account = ComprehendAccount(cloud)
        arn = account.slow("stopped")
        until(lambda: trainings_of(state), lambda running: len(running) == 1)

        account.comprehend.stop_training_document_classifier(DocumentClassifierArn=arn)

        assert account.ended(arn)["Status"] == "STOPPED"
        until(lambda: trainings_of(state), lambda running: running == [])


def test_scikit_learn_is_not_loaded_before_it_is_needed(tmp_path: Path) -> None:
    """Its import takes longer than all of the local AWS takes to start."""
    state = tmp_path / "state"
    with LocalCloud(state, app=None) as cloud:
        account = ComprehendAccount(cloud)
        maps = Path(f"/proc/{server_of(state)}/maps")
        account.comprehend.list_endpoints()
        assert "sklearn" not in maps.read_text()

        model = account.train("sorter")["DocumentClassifierArn"]
        assert "sklearn" not in maps.read_text()
        account.endpoint("sorter", model)
        assert "sklearn" in maps.read_text()
