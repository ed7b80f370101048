"""A model's container, from its role to its health: what endpoints and transform jobs have in common."""

from __future__ import annotations

import http.client
import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from localcloud.containers import Container, Launch, Runner
from localcloud.images import ImageCatalogue
from localcloud.roles import Place, RoleRefused, Roles, RoleSession
from localcloud.sagemaker.models import Model
from localcloud.sagemaker.opt_ml import OptMl
from localcloud.transfer import TransferFailed, download_archive

_logger = logging.getLogger("localcloud")
_PING_TIMEOUT = 2.0
PING_STEP = 0.1


class ModelUnusable(Exception):
    """Why a model cannot be started at all, in AWS's words."""


class Unhealthy(Exception):
    """The container ended, or did not pass /ping in time; it runs no more."""


@dataclass(frozen=True)
class Host:
    """Where and how models are served. startup_timeout shortens what AWS would wait, in seconds."""

    roles: Roles
    images: ImageCatalogue
    runner: Runner
    folder: Path
    logs: Path
    stop_grace: float
    startup_timeout: float | None

    def assume(self, model: Model, place: Place, source_arn: str) -> RoleSession:
        """The model's role, taken on for the resource source_arn. Raises ModelUnusable."""
        try:
            return self.roles.assume(model.role_arn, place, source_arn)
        except RoleRefused:
            raise ModelUnusable(
                f"The role '{model.role_arn}' cannot be assumed by the service principal 'sagemaker.amazonaws.com'."
            ) from None

    def prepare(
        self, name: str, model: Model, session: RoleSession, root: Path, output: Path, environment: Mapping[str, str]
    ) -> Launch:
        """Lays out the container's /opt/ml at root, with the model's files in it. Raises ModelUnusable.

        environment comes on top of the model's own.
        """
        opt_ml = OptMl(root)
        opt_ml.prepare_serving()
        _fetch(model, session, opt_ml)
        uri = model.container["Image"]
        image = self.images.find(uri)
        if image is None or not session.may_pull(image):
            raise ModelUnusable(
                f"The role '{model.role_arn}' does not have BatchGetImage permission for the image: '{uri}'."
            )
        return Launch(
            name=name,
            image=image,
            verb="serve",
            opt_ml=opt_ml.root,
            output=output,
            environment={
                **(model.container.get("Environment") or {}),
                **environment,
                "AWS_REGION": session.place.region,
                "AWS_DEFAULT_REGION": session.place.region,
            },
            network_isolated=model.network_isolated,
        )

    def start(self, launch: Launch, seconds: float, ending: threading.Event) -> Container:
        """Returns once the container passes /ping. Raises Unhealthy, also when ending is set, and ImageError."""
        container = self.runner.start(launch)
        deadline = time.monotonic() + min(seconds, self.startup_timeout or seconds)
        while time.monotonic() < deadline and not ending.is_set():
            if container.exit_code() is not None:
                break
            if _ping(container.port):
                return container
            time.sleep(PING_STEP)
        container.kill()
        raise Unhealthy


def _fetch(model: Model, session: RoleSession, opt_ml: OptMl) -> None:
    uri = model.container.get("ModelDataUrl")
    if uri is None:
        return
    try:
        download_archive(session.client("s3"), uri, opt_ml.model)
    except TransferFailed as error:
        _logger.warning("The model %s has no files: %s", model.name, error)
        raise ModelUnusable(
            f'Failed to download model data for container "container_1" from URL: "{uri}". Please ensure that '
            "there is an object located at the URL and that the role passed to CreateModel has permissions to "
            "download the model."
        ) from None


def _ping(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PING_TIMEOUT)
    try:
        connection.request("GET", "/ping")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
