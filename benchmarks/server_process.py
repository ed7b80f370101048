"""A server in a process of its own: how soon it is ready, and what memory it and what it starts take."""

import contextlib
import http.client
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load import HOST

POLL_SECONDS = 0.005
START_SECONDS = 120.0
STOP_SECONDS = 20.0
SERVER_PORTS = (20_000, 32_000)


@dataclass(frozen=True)
class Memory:
    """Of the process and all that it started, in MB: the most that was resident, what is now, and now with shared pages
    divided among those that share them."""

    peak: float
    resident: float
    proportional: float


class ServerProcess:
    """Starts `command` and waits for the first 200 of /ping; what it prints goes to the file `log`.

    Ends this program with a sentence when the server does not start.
    """

    def __init__(self, command: Sequence[str], *, port: int, cwd: Path, env: dict[str, str], log: Path) -> None:
        self.port = port
        self._log = log
        with log.open("wb") as output:
            started = time.perf_counter()
            # A session of its own, so that whatever it starts can be ended with it.
            self.process = subprocess.Popen(
                command, cwd=cwd, env=env, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
            )
        self.ready_seconds = self._wait_until_ready(started)

    def _wait_until_ready(self, started: float) -> float:
        for number in range(int(START_SECONDS / POLL_SECONDS)):
            if self.process.poll() is not None:
                sys.exit(f"{self.process.args!r} ended before it was ready:\n{self.printed()}")
            if _pings(self.port):
                return time.perf_counter() - started
            time.sleep(max(0.0, started + (number + 1) * POLL_SECONDS - time.perf_counter()))
        self.stop()
        sys.exit(f"{self.process.args!r} was not ready after {START_SECONDS:g} s:\n{self.printed()}")

    def printed(self) -> str:
        """The end of what it printed."""
        return self._log.read_text(encoding="utf-8", errors="replace")[-3000:]

    def memory(self) -> Memory:
        peak = resident = proportional = 0
        for process in _session(self.process.pid):
            try:
                status = _kilobytes(Path(f"/proc/{process}/status"))
                proportional += _kilobytes(Path(f"/proc/{process}/smaps_rollup")).get("Pss", 0)
            except (FileNotFoundError, ProcessLookupError):
                continue
            peak += status.get("VmHWM", 0)
            resident += status.get("VmRSS", 0)
        return Memory(peak / 1024, resident / 1024, proportional / 1024)

    def stop(self) -> int:
        """SIGTERM, then the end by force of it and all it started; the exit code."""
        self.process.terminate()
        try:
            code = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            code = -signal.SIGKILL
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        return code


def free_port() -> int:
    """Below those that the system gives to clients: multi-model-server refuses the others."""
    while True:
        port = random.randrange(*SERVER_PORTS)
        with contextlib.suppress(OSError), socket.create_server((HOST, port)):
            return port


def _pings(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/ping")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _session(leader: int) -> Iterator[int]:
    """Its processes: also those whose parent has ended, which are no longer among its children."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                if os.getsid(int(entry.name)) == leader:
                    yield int(entry.name)


def _kilobytes(path: Path) -> dict[str, int]:
    entries = (line.split() for line in path.read_text().splitlines())
    return {entry[0].rstrip(":"): int(entry[1]) for entry in entries if len(entry) == 3 and entry[2] == "kB"}
