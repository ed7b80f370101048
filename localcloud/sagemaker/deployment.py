"""One endpoint configuration being served: a container with its model, its health, its log and its traffic."""

from __future__ import annotations

import contextlib
import logging
import shutil
import threading
from collections.abc import Iterator

from localcloud.containers import Container, Launch
from localcloud.containers.base import stop
from localcloud.images import ImageError
from localcloud.protocol import now
from localcloud.roles import Place
from localcloud.sagemaker.container_log import ContainerLog
from localcloud.sagemaker.endpoint_configs import EndpointConfig
from localcloud.sagemaker.model_container import PING_STEP, Host, ModelUnusable, Unhealthy
from localcloud.sagemaker.models import Model, hosting_source

_logger = logging.getLogger("localcloud")
_REAL_TIME_STARTUP = 240.0
_SERVERLESS_STARTUP = 180.0
_DRAIN_SECONDS = 60.0
_WATCH_SECONDS = 0.1
_CARRY_EVERY = 5
_LONGEST_PAUSE = 30.0


class DeploymentFailed(Exception):
    """A FailureReason."""


class Deployment:
    """Serves a configuration from `start` to `stop`; a container that dies between is started anew."""

    def __init__(
        self, endpoint: str, number: int, place: Place, config: EndpointConfig, model: Model, host: Host
    ) -> None:
        self.config = config
        self.model = model
        self.variant: str = config.variant["VariantName"]
        self.created = now()
        self._host = host
        self._place = place
        self._endpoint = endpoint
        self._folder = host.folder / endpoint / str(number)
        self._output = host.logs / f"endpoint-{endpoint}-{number}.log"
        self._stream = f"{self.variant}/{config.name}-{number}"
        self._container: Container | None = None
        self._ending = threading.Event()
        self._in_flight = 0
        self._idle = threading.Condition()

    @property
    def body_limit(self) -> int:
        """The most bytes an invocation's body may have."""
        return (4 if self.config.serverless else 6) << 20

    @property
    def log_group(self) -> str:
        return f"/aws/sagemaker/Endpoints/{self._endpoint}"

    @property
    def log_stream_arn(self) -> str:
        return (
            f"arn:aws:logs:{self._place.region}:{self._place.account}:log-group:{self.log_group}"
            f":log-stream:{self._stream}"
        )

    def start(self) -> None:
        """Returns once the container passes /ping. Raises DeploymentFailed with AWS's reason when it does not."""
        try:
            session = self._host.assume(self.model, self._place, hosting_source(self._place))
            name = f"{self._endpoint}-{self._folder.name}"
            launch = self._host.prepare(name, self.model, session, self._folder / "ml", self._output, {})
        except ModelUnusable as error:
            raise DeploymentFailed(str(error)) from None
        log = ContainerLog(session, self.log_group, self._stream, self._output, [])
        try:
            container = self._start(launch)
        except DeploymentFailed:
            log.carry(last=True)
            raise
        self._container = container
        threading.Thread(target=self._watch, args=(launch, log), name=f"endpoint-{self._endpoint}", daemon=True).start()

    @contextlib.contextmanager
    def serving(self) -> Iterator[int | None]:
        """Counts an invocation in for its duration; gives the container's port, None while there is none."""
        with self._idle:
            self._in_flight += 1
        try:
            container = self._container
            yield None if container is None else container.port
        finally:
            with self._idle:
                self._in_flight -= 1
                self._idle.notify_all()

    def stop(self) -> None:
        """Lets running invocations end, then ends the container and forgets its files."""
        with self._idle:
            self._idle.wait_for(lambda: self._in_flight == 0, timeout=_DRAIN_SECONDS)
        self._ending.set()
        container, self._container = self._container, None
        if container is not None:
            stop(container, self._host.stop_grace)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _start(self, launch: Launch) -> Container:
        usual = _SERVERLESS_STARTUP if self.config.serverless else _REAL_TIME_STARTUP
        seconds = self.config.variant.get("ContainerStartupHealthCheckTimeoutInSeconds", usual)
        try:
            return self._host.start(launch, seconds, self._ending)
        except Unhealthy:
            raise DeploymentFailed(self._unhealthy()) from None
        except ImageError as error:
            raise DeploymentFailed(str(error)) from None

    def _unhealthy(self) -> str:
        if self.config.serverless:
            return (
                "Unable to successfully stand up your model within the allotted 180 second timeout. Please ensure that "
                "downloading your model artifacts, starting your model container and passing the ping health checks "
                "can be completed within 180 seconds."
            )
        return (
            f"The primary container for production variant {self.variant} did not pass the ping health check. Please "
            "check CloudWatch logs for this endpoint."
        )

    def _watch(self, launch: Launch, log: ContainerLog) -> None:
        """Carries the log and starts a container anew that died, until the deployment is stopped."""
        pause, turn = PING_STEP, 0
        while not self._ending.wait(_WATCH_SECONDS):
            turn += 1
            if turn % _CARRY_EVERY == 0:
                log.carry()
            container = self._container
            if container is not None and container.exit_code() is None:
                continue
            self._container = None
            log.carry(last=True)
            if self._ending.wait(pause):
                break
            pause = min(pause * 2, _LONGEST_PAUSE)
            try:
                container = self._start(launch)
            except DeploymentFailed as error:
                _logger.warning("The container of the endpoint %s did not come back: %s", self._endpoint, error)
                continue
            self._take(container)
            pause = PING_STEP
        log.carry(last=True)

    def _take(self, container: Container) -> None:
        self._container = container
        if self._ending.is_set():
            container.kill()
