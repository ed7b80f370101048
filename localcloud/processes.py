"""Which processes belong to a local AWS, and how they are ended without harming any other."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path


def identity(pid: int) -> str | None:
    """What tells this process from a later one with the same pid; None when no such process runs."""
    stat = Path(f"/proc/{pid}/stat")
    if stat.parent.parent.joinpath("self").exists():
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return None if fields[0] == "Z" else f"started {fields[19]}"
    answer = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return answer.stdout.strip() or None


def signal_group(group: int, number: int) -> None:
    """Sends a signal to a process group that may be gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class ProcessRegister:
    """The groups a server started, one file each, so that they can be ended even after the server was killed.

    A file is named after the group's leader and holds its identity: a leader's pid may have been given to a
    stranger since, and a stranger must never be hit.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, leader: int) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / str(leader)).write_text(identity(leader) or "gone")

    def remove(self, leader: int) -> None:
        (self._folder / str(leader)).unlink(missing_ok=True)

    def end_all(self) -> None:
        """Kills every registered group that still is the one registered. Raises nothing for those already gone."""
        if not self._folder.is_dir():
            return
        for entry in self._folder.iterdir():
            leader = int(entry.name)
            recorded, current = entry.read_text(), identity(leader)
            # A leader that is gone leaves a group only its own children can be in: its number is not given again.
            if current is None or current == recorded:
                signal_group(leader, signal.SIGKILL)
            entry.unlink(missing_ok=True)


def wait_until(condition: Callable[[], bool], seconds: float, step: float = 0.02) -> bool:
    """Whether the condition came true within that time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(step)
    return True
