"""Work too long for the server's own process: a process of its own, which ends with the local AWS."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

from localcloud.containers.process import ProcessContainer
from localcloud.options import REPOSITORY
from localcloud.processes import ProcessRegister

_STEP = 0.02


class WorkerFailed(Exception):
    """The process ended without having done its work, which is an error of the local AWS itself."""


class Workers:
    """Starts processes of this package's modules and ends them, at the latest when it is closed."""

    def __init__(self, register: ProcessRegister, logs: Path) -> None:
        self._register = register
        self._logs = logs
        self._running: set[ProcessContainer] = set()
        self._closed = False
        self._lock = threading.Lock()

    def work(self, module: str, folder: Path, name: str, stop: threading.Event) -> bool:
        """Runs `python -m module folder` to its end; False when it, or the whole of the local AWS, was stopped.

        Raises WorkerFailed.
        """
        process = self._start(module, folder, self._logs / f"{name}.log")
        try:
            while (code := process.exit_code()) is None:
                if stop.wait(_STEP):
                    return False
        finally:
            process.kill()
            with self._lock:
                self._running.discard(process)
        if code != 0 and not (stop.is_set() or self._closed):
            raise WorkerFailed(f"{module} ended with the exit code {code}; its log is {name}.log")
        return code == 0

    def close(self) -> None:
        with self._lock:
            self._closed = True
            running = list(self._running)
        for process in running:
            process.kill()

    def _start(self, module: str, folder: Path, log: Path) -> ProcessContainer:
        with self._lock:
            if self._closed:
                raise WorkerFailed("The local AWS is ending: nothing is started any more.")
            with log.open("ab") as output:
                started = subprocess.Popen(
                    [sys.executable, "-m", module, str(folder)],
                    cwd=REPOSITORY,
                    env=_environment(folder),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    # A group of its own, so that what it starts can be ended with it.
                    start_new_session=True,
                )
            self._register.add(started.pid)
            process = ProcessContainer(started, 0, self._register)
            self._running.add(process)
        return process


def _environment(folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",
        # One training must not take the whole machine from the tests and servers beside it.
        **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    }
