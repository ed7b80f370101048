"""Starting, using and ending a local AWS from Python."""

from __future__ import annotations

import functools
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import boto3

from localcloud.containers import DockerEngine, DockerFailed
from localcloud.deploy import Assembly, deploy_stack, publish_assets, synthesise
from localcloud.deploy.assembly import ImageAsset
from localcloud.images import Image, ImageCatalogue
from localcloud.ministack import environment
from localcloud.options import (
    ACCESS_KEY_ID,
    REPOSITORY,
    SECRET_ACCESS_KEY,
    Containers,
    Options,
    container_environment,
    docker_environment,
)
from localcloud.processes import signal_group, wait_until
from localcloud.state import LocalCloudError, StateFolder, close_descriptor
from trieur.account.local import LocalSession

_START_SECONDS = 60.0
_END_SECONDS = 20.0
_LOG_LINES = 15

Progress = Callable[[str], None]
Result = TypeVar("Result")


def _silent(_message: str) -> None:
    """Progress for those who want none."""


class LocalCloud:
    """AWS on this machine, with the CDK app deployed, for the length of a `with` block.

    state is the folder everything lives in; app is the folder of the CDK app to deploy, None for an empty account;
    the remaining choices are those of Options. Raises LocalCloudError when it cannot start or deploy.
    """

    def __init__(
        self,
        state: Path,
        *,
        containers: Containers = "process",
        port: int = 0,
        region: str = "eu-west-1",
        app: Path | None = REPOSITORY,
        wait_scale: float = 0.01,
        startup_timeout: float | None = None,
        stop_grace: float | None = None,
        spot_interruption: float | None = None,
        comprehend_throughput: bool = False,
        progress: Progress = _silent,
    ) -> None:
        self._options = Options(
            state=state.resolve(),
            port=port,
            region=region,
            containers=containers,
            wait_scale=wait_scale,
            startup_timeout=startup_timeout,
            stop_grace=stop_grace,
            spot_interruption=spot_interruption,
            comprehend_throughput=comprehend_throughput,
            container_environment=container_environment(os.environ),
            docker_environment=docker_environment(os.environ),
        )
        self._state = StateFolder(state)
        self._engine = (
            DockerEngine(self._options.docker_environment, self._state.root) if containers == "docker" else None
        )
        self._app = app
        self._progress = progress
        self._lock: int | None = None
        self._server: subprocess.Popen[bytes] | None = None
        self._synthesised = 0
        self.outputs: dict[str, str] = {}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def endpoint_url(self) -> str:
        return f"http://127.0.0.1:{self._options.port}"

    @property
    def state(self) -> Path:
        """The folder everything of it lives in."""
        return self._state.root

    @property
    def environment(self) -> dict[str, str]:
        """What a shell or process needs in its environment for the aws command and every SDK to speak to it."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
            "AWS_DEFAULT_REGION": self._options.region,
        }

    @property
    def app_name(self) -> str:
        """What the names of the deployed app's endpoints begin with: the setting `name` of its cdk.json."""
        return self.outputs["StateMachineArn"].rpartition(":")[2]

    def session(self) -> boto3.Session:
        """A boto3 session as the account's root, whose clients speak to this local AWS."""
        return LocalSession(self.endpoint_url, self._options.region)

    def add_image(self, uri: str, folder: Path) -> None:
        """Lets jobs and models name the image that folder's Dockerfile builds."""
        ImageCatalogue(self._state.images).add(Image(uri, folder))

    def start(self) -> None:
        if self._engine is not None:
            self._require_engine(self._engine)
        lock = self._lock = self._state.claim()
        try:
            self._state.furnish()
            if self._engine is not None:
                self._state.note_engine(self._engine)
            assembly = None if self._app is None else self._synthesise(self._app)
            if assembly is not None:
                self._options = replace(self._options, region=assembly.region(), account=assembly.account())
            self._step("Starting the local AWS", lambda: self._start_server(lock))
            if assembly is not None:
                self._deploy(assembly)
        except BaseException:
            self.close()
            raise

    def deploy(self, app: Path) -> None:
        """Deploys the CDK app in that folder, or what changed in it since. Raises LocalCloudError."""
        self._deploy(self._synthesise(app))

    def wait(self) -> int:
        """Returns when the server has ended, on whatever ground, with its exit code."""
        return 0 if self._server is None else self._server.wait()

    def close(self) -> None:
        """Ends everything that was started and removes all but the logs. May be called twice."""
        server, self._server = self._server, None
        if server is not None:
            if server.stdin is not None:
                server.stdin.close()
            server.send_signal(signal.SIGTERM)
            try:
                server.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
            # The Lambda workers are in the server's group; they end with it unless it was killed.
            signal_group(server.pid, signal.SIGKILL)
        lock, self._lock = self._lock, None
        if lock is not None:
            self._state.clear()
            close_descriptor(lock)

    def _step(self, what: str, work: Callable[[], Result]) -> Result:
        begun = time.monotonic()
        self._progress(f"{what} ...")
        result = work()
        self._progress(f"{what}: done in {time.monotonic() - begun:.1f} s")
        return result

    def _synthesise(self, app: Path) -> Assembly:
        # Each in a folder of its own: jobs and endpoints run from the folder of the one that deployed them.
        self._synthesised += 1
        return self._step(
            "Synthesising the CDK app",
            lambda: synthesise(
                app,
                self._state.run / f"cdk.out-{self._synthesised}",
                default_account=self._options.account,
                default_region=self._options.region,
                temporary=self._state.temporary,
                log=self._state.logs / "synth.log",
            ),
        )

    def _deploy(self, assembly: Assembly) -> None:
        asked, here = (assembly.account(), assembly.region()), (self._options.account, self._options.region)
        if asked != here:
            raise LocalCloudError(
                f"The app is for {' in '.join(asked)}, this local AWS runs as {' in '.join(here)}: start it anew."
            )
        session = self.session()
        self._step("Publishing the assets", lambda: publish_assets(assembly, session, take_image=self._take_image))
        for stack in assembly.stacks():
            self.outputs = self._step(
                f"Deploying the stack {stack.name}", functools.partial(deploy_stack, stack, session)
            )

    def _require_engine(self, engine: DockerEngine) -> None:
        try:
            engine.version()
        except DockerFailed as error:
            raise LocalCloudError(
                f"No Docker engine answers ({error}): start one, or run the containers as plain processes."
            ) from None

    def _take_image(self, image: Image, asset: ImageAsset) -> None:
        if self._engine is not None:
            engine, log = self._engine, self._state.logs / f"build-{asset.name}.log"
            try:
                self._step(f"Building {asset.name}", lambda: engine.build(image, asset.build_arguments, log))
            except DockerFailed as error:
                raise LocalCloudError(
                    f"{asset.name} does not build; all of it is in {log}, the end is:\n{error}"
                ) from None
        ImageCatalogue(self._state.images).add(image)

    def _start_server(self, lock: int) -> None:
        with _listen(self._options.port) as listening:
            port: int = listening.getsockname()[1]
            self._options = replace(self._options, port=port)
            listening.set_inheritable(True)
            with (self._state.logs / "server.log").open("wb") as log:
                self._server = subprocess.Popen(
                    [sys.executable, "-m", "localcloud.server", str(listening.fileno()), str(lock)],
                    cwd=REPOSITORY,
                    env=environment(self._options, port, self._state.temporary, os.environ),
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    pass_fds=(listening.fileno(), lock),
                    # Ctrl-C is for the starter, which ends the server in order.
                    start_new_session=True,
                )
        server = self._server
        if server.stdin is not None:
            server.stdin.write(self._options.to_json().encode() + b"\n")
            server.stdin.flush()
        wait_until(lambda: self._answers() or server.poll() is not None, _START_SECONDS)
        if not self._answers():
            log_file = self._state.logs / "server.log"
            raise LocalCloudError(f"The local AWS did not start. The end of {log_file}:\n{_tail(log_file)}")

    def _answers(self) -> bool:
        running = self._state.running()
        return running is not None and self._server is not None and running.pid == self._server.pid


def _listen(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
    except (OSError, OverflowError) as error:
        listening.close()
        reason = error.strerror if isinstance(error, OSError) else "a port is a number from 0 to 65535"
        raise LocalCloudError(
            f"The port {port} of 127.0.0.1 cannot be had ({reason}): give another with --port, or none for a free one."
        ) from None
    return listening


def _tail(path: Path) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-_LOG_LINES:])
