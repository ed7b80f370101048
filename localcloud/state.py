"""The one folder in which everything of a local AWS lives.

localcloud.json   who runs and where it answers; gone when nothing runs
lock              held for as long as anything of it runs
logs/             kept until the next start: server.log, and one log a training or transform job and deployment
run/              removed at the end: temporary files, jobs, endpoints, the synthesised app
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from localcloud.containers.docker_engine import DockerEngine, DockerFailed
from localcloud.processes import ProcessRegister, identity, wait_until


class LocalCloudError(Exception):
    """What went wrong with the local AWS and what to do about it, in a sentence for people."""


@dataclass(frozen=True)
class Running:
    """A local AWS that runs: its server's process and where it answers."""

    pid: int
    identity: str
    endpoint_url: str
    region: str
    started: float

    def lives(self) -> bool:
        return identity(self.pid) == self.identity


class StateFolder:
    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.run = self.root / "run"
        self.temporary = self.run / "tmp"
        self.jobs = self.run / "training-jobs"
        self.endpoints = self.run / "endpoints"
        self.transforms = self.run / "transform-jobs"
        self.comprehend = self.run / "comprehend"

        self.images = self.run / "images.json"
        self.logs = self.root / "logs"
        self.processes = ProcessRegister(self.run / "processes")
        self._engine = self.run / "docker.json"
        self._running = self.root / "localcloud.json"
        self._lock = self.root / "lock"

    def claim(self) -> int:
        """Takes the folder for a local AWS to come and clears what a killed one left in it.

        Gives the descriptor of the held lock; the folder is free again once every process that inherited it has
        closed it. Raises LocalCloudError when it cannot be written to or a local AWS already runs from it.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            lock = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise LocalCloudError(
                f"The state folder {self.root} cannot be written to ({error.strerror}): give another with --state."
            ) from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            running = self.running()
            where = f"at {running.endpoint_url} (process {running.pid})" if running else "and is starting or ending"
            raise LocalCloudError(
                f"A local AWS already runs from {self.root} {where}: stop it with `python -m localcloud down`, "
                "or give another folder with --state."
            ) from None
        os.ftruncate(lock, 0)
        os.write(lock, f"{os.getpid()} {identity(os.getpid())}".encode())
        self.clear()
        return lock

    def furnish(self) -> None:
        """Makes the folders a local AWS lives in. Only for who holds the lock."""
        # A log is read from its beginning while it grows: it must not begin with an earlier life's lines.
        shutil.rmtree(self.logs, ignore_errors=True)
        for folder in (self.temporary, self.jobs, self.endpoints, self.transforms, self.comprehend, self.logs):
            folder.mkdir(parents=True, exist_ok=True)

    def owner(self) -> int | None:
        """The process that claimed the folder, if it still runs: before there is a server it is the one to end."""
        pid, _, recorded = self._lock.read_text().partition(" ") if self._lock.exists() else ("", "", "")
        return int(pid) if pid.isdigit() and identity(int(pid)) == recorded else None

    def is_free(self) -> bool:
        """Whether nothing runs from this folder."""
        if not self._lock.exists():
            return True
        lock = os.open(self._lock, os.O_RDWR)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        finally:
            os.close(lock)
        return True

    def clear(self) -> None:
        """Ends what is registered and removes all but the logs. Only for who holds the lock."""
        self.processes.end_all()
        self._end_containers()
        self._running.unlink(missing_ok=True)
        # A process that was just killed may still be writing its last file.
        wait_until(self._remove_run, seconds=5)

    def note_engine(self, engine: DockerEngine) -> None:
        """Has the containers of this folder's local AWS removed from that engine when the folder is cleared."""
        self._engine.write_text(json.dumps(engine.environment))

    def _end_containers(self) -> None:
        try:
            environment = json.loads(self._engine.read_text())
        except (OSError, ValueError):
            return
        # An engine that is gone has taken its containers with it.
        with contextlib.suppress(DockerFailed):
            DockerEngine(environment, self.root).remove_all()

    def _remove_run(self) -> bool:
        shutil.rmtree(self.run, ignore_errors=True)
        return not self.run.exists()

    def running(self) -> Running | None:
        """Who runs from this folder, if anyone; a file left by a killed server counts as nobody."""
        try:
            running = Running(**json.loads(self._running.read_text()))
        except (OSError, ValueError, TypeError):
            return None
        return running if running.lives() else None

    def announce(self, endpoint_url: str, region: str) -> None:
        """Says that the calling process is the server and answers at that address."""
        pid = os.getpid()
        running = Running(pid, identity(pid) or "", endpoint_url, region, time.time())
        draft = self._running.with_suffix(".draft")
        draft.write_text(json.dumps(asdict(running), indent=1) + "\n")
        draft.replace(self._running)


def close_descriptor(descriptor: int) -> None:
    with contextlib.suppress(OSError):
        os.close(descriptor)
