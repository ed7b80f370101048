"""Containers as plain processes: the image's own program, with OPT_ML saying where its /opt/ml is."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping

from localcloud.containers.base import Container, Launch
from localcloud.images import ImageError
from localcloud.processes import ProcessRegister, group_lives, signal_group, wait_until


class ProcessContainer:
    def __init__(self, process: subprocess.Popen[bytes], port: int, register: ProcessRegister) -> None:
        self._process = process
        self._port = port
        self._register = register
        self._lock = threading.Lock()
        self._ended = False

    @property
    def port(self) -> int:
        return self._port

    def exit_code(self) -> int | None:
        code = self._process.poll()
        if code is None:
            return None
        self._clean_up()
        return 128 - code if code < 0 else code

    def terminate(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        if self._process.poll() is None:
            signal_group(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._clean_up()

    def _clean_up(self) -> None:
        """Ends what the program left running, as the end of a container's first process does."""
        with self._lock:
            if self._ended:
                return
            if group_lives(self._process.pid):
                signal_group(self._process.pid, signal.SIGKILL)
                wait_until(lambda: not group_lives(self._process.pid), seconds=2)
            self._register.remove(self._process.pid)
            self._ended = True


class ProcessRunner:
    def __init__(self, register: ProcessRegister, inherited: Mapping[str, str]) -> None:
        self._register = register
        self._inherited = dict(inherited)
        self._running: list[ProcessContainer] = []
        self._closed = False
        self._lock = threading.Lock()

    def start(self, launch: Launch) -> Container:
        program, *arguments = launch.image.entrypoint()
        if program in ("python", "python3"):
            program = sys.executable
        elif shutil.which(program) is None:
            raise ImageError(f"The program {program} of the image {launch.image.uri} is not on this machine's PATH.")
        port = free_port() if launch.verb == "serve" else 0
        with self._lock:
            if self._closed:
                raise ImageError("The local AWS is ending: nothing is started any more.")
            with launch.output.open("ab") as output:
                process = subprocess.Popen(
                    [program, *arguments, launch.verb],
                    cwd=launch.image.folder,
                    env=self._environment(launch, port),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    # A group of its own, so that what the program starts can be ended with it.
                    start_new_session=True,
                )
            self._register.add(process.pid)
            container = ProcessContainer(process, port, self._register)
            self._running = [other for other in self._running if other.exit_code() is None]
            self._running.append(container)
        return container

    def stop_all(self) -> None:
        with self._lock:
            self._closed = True
            running = list(self._running)
        for container in running:
            container.kill()

    def _environment(self, launch: Launch, port: int) -> dict[str, str]:
        home = launch.opt_ml.parent / "home"
        home.mkdir(exist_ok=True)
        environment = {
            **self._inherited,
            "HOME": str(home),
            "TMPDIR": str(home),
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "OPT_ML": str(launch.opt_ml),
            "TRIEUR_BIND_HOST": "127.0.0.1",
            **launch.environment,
        }
        if port:
            environment["SAGEMAKER_BIND_TO_PORT"] = str(port)
        if launch.network_isolated:
            # A process cannot be cut off from the network without privileges; a model hub is what it would call.
            environment["HF_HUB_OFFLINE"] = "1"
        return environment


def free_port() -> int:
    """A port of 127.0.0.1 nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
