"""Containers in a Docker engine: the real images, under SageMaker's contract.

/opt/ml is copied in and out rather than mounted: the image's user may then be any, the engine may be on another
machine, and no file of a user that does not exist here is left behind.
"""

from __future__ import annotations

import logging
import shutil
import subprocess
import tarfile
import tempfile
import threading
import uuid
from pathlib import Path
from typing import IO

from localcloud.containers.base import Container, Launch
from localcloud.containers.docker_engine import DockerEngine, DockerFailed
from localcloud.images import ImageError
from localcloud.processes import wait_until

_logger = logging.getLogger("localcloud")
_PORT = 8080
_PORT_SECONDS = 20.0
_TRANSFER_SECONDS = 600.0


class DockerContainer:
    def __init__(self, engine: DockerEngine, launch: Launch, name: str, attached: subprocess.Popen[bytes]) -> None:
        self._engine = engine
        self._launch = launch
        self._name = name
        self._attached = attached
        self._exit_code: int | None = None
        self._lock = threading.Lock()
        self.port = self._published_port() if launch.verb == "serve" else 0

    def exit_code(self) -> int | None:
        if self._attached.poll() is None:
            return None
        with self._lock:
            if self._exit_code is None:
                self._exit_code = self._finish()
        return self._exit_code

    def terminate(self) -> None:
        self._signal("TERM")

    def kill(self) -> None:
        self._signal("KILL")
        try:
            self._attached.wait(_PORT_SECONDS)
        except subprocess.TimeoutExpired:
            self._attached.kill()
        self.exit_code()

    def _signal(self, name: str) -> None:
        try:
            self._engine.ask("kill", "--signal", name, self._name)
        except DockerFailed as error:
            _logger.info("The container %s was not signalled: %s", self._name, error)

    def _published_port(self) -> int:
        """Where the container's port 8080 is on 127.0.0.1; 0 when it ended before it had one."""
        published: list[int] = []

        def found() -> bool:
            try:
                answer = self._engine.ask("port", self._name, f"{_PORT}/tcp")
            except DockerFailed:
                return self._attached.poll() is not None
            published.extend(int(line.rpartition(":")[2]) for line in answer.splitlines())
            return bool(published)

        wait_until(found, _PORT_SECONDS, step=0.1)
        return published[0] if published else 0

    def _finish(self) -> int:
        """Takes /opt/ml out of the ended container and removes it; its exit code."""
        try:
            code = int(self._engine.ask("inspect", "--format", "{{.State.ExitCode}}", self._name))
            if self._launch.verb == "train":
                self._take_out()
        except (DockerFailed, tarfile.TarError) as error:
            _logger.warning("What the container %s left could not be had: %s", self._name, error)
            code = 137
        try:
            self._engine.remove(self._name)
        except DockerFailed as error:
            _logger.warning("The container %s could not be removed: %s", self._name, error)
        return code

    def _take_out(self) -> None:
        with tempfile.TemporaryFile() as packed:
            self._engine.ask("cp", f"{self._name}:/opt/ml", "-", stdout=packed, seconds=_TRANSFER_SECONDS)
            packed.seek(0)
            # What the container has deleted is to be gone here too.
            for entry in self._launch.opt_ml.iterdir():
                if entry.name != "input":
                    shutil.rmtree(entry)
            with tarfile.open(fileobj=packed) as tar:
                tar.extractall(self._launch.opt_ml, members=_below(tar), filter="data")


class DockerRunner:
    def __init__(self, engine: DockerEngine) -> None:
        self._engine = engine
        self._closed = False

    def start(self, launch: Launch) -> Container:
        if self._closed:
            raise ImageError("The local AWS is ending: nothing is started any more.")
        name = f"trieur-local-{launch.name}-{uuid.uuid4().hex[:8]}"
        environment = {"AWS_EC2_METADATA_DISABLED": "true", **launch.environment}
        options = [option for key, value in environment.items() for option in ("--env", f"{key}={value}")]
        if launch.verb == "serve":
            options += ["--publish", f"127.0.0.1::{_PORT}"]
        elif launch.network_isolated:
            options += ["--network", "none"]
        try:
            self._engine.create(name, launch.image.uri, [launch.verb], options)
            with tempfile.TemporaryFile() as packed:
                _pack(launch.opt_ml, packed)
                self._engine.ask("cp", "-", f"{name}:/", stdin=packed, seconds=_TRANSFER_SECONDS)
        except DockerFailed as error:
            raise ImageError(f"The image {launch.image.uri} cannot be started: {error}") from None
        with launch.output.open("ab") as output:
            attached = subprocess.Popen(
                ["docker", "start", "--attach", name],
                env=self._engine.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return DockerContainer(self._engine, launch, name, attached)

    def stop_all(self) -> None:
        self._closed = True
        try:
            self._engine.remove_all()
        except DockerFailed as error:
            _logger.warning("Containers may be left in the Docker engine: %s", error)


def _pack(opt_ml: Path, packed: IO[bytes]) -> None:
    """Writes the folder as /opt/ml into an archive, writable for whatever user the image runs as."""

    def open_to_all(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.mode = 0o777 if entry.isdir() else 0o666
        return entry

    with tarfile.open(fileobj=packed, mode="w") as tar:
        tar.add(opt_ml, arcname="opt/ml", filter=open_to_all)
    packed.seek(0)


def _below(tar: tarfile.TarFile) -> list[tarfile.TarInfo]:
    """The archive's entries with the leading `ml/` taken off, input left out: it lies here already."""
    entries = []
    for entry in tar.getmembers():
        entry.name = entry.name.removeprefix("ml").lstrip("/")
        if entry.name and not entry.name.startswith("input"):
            entries.append(entry)
    return entries
