"""One transform job: what was asked, where it stands, and what DescribeTransformJob says of it."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable
from typing import Any

from localcloud.protocol import Parameters, now
from localcloud.roles import Place
from localcloud.sagemaker.models import Model

_ECHOED = (
    "ModelName",
    "MaxConcurrentTransforms",
    "ModelClientConfig",
    "MaxPayloadInMB",
    "BatchStrategy",
    "Environment",
    "TransformInput",
    "TransformOutput",
    "TransformResources",
)


class TransformJob:
    def __init__(
        self, request: Parameters, place: Place, model: Model, changed: Callable[[TransformJob], None]
    ) -> None:
        self.request = request
        self.place = place
        self.model = model
        self.name: str = request["TransformJobName"]
        self.arn = place.arn("transform-job", self.name)
        self.status = "InProgress"
        self.created = self._modified = now()
        self.stop_requested = threading.Event()
        self._changed = changed
        self._started: datetime.datetime | None = None
        self._ended: datetime.datetime | None = None
        self._failure: str | None = None
        self._lock = threading.Lock()
        changed(self)

    @property
    def source(self) -> str:
        """The S3 URI every key to transform begins with."""
        uri: str = self.request["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"]
        return uri

    def start(self) -> None:
        """The instance is there: from here on AWS counts the time."""
        with self._lock:
            self._started = self._modified = now()

    def request_stop(self) -> bool:
        """Whether the job can still be stopped; it then is Stopping."""
        with self._lock:
            if self.status != "InProgress":
                return False
            self.status = "Stopping"
            self._modified = now()
        self._changed(self)
        self.stop_requested.set()
        return True

    def end(self, failure: str | None) -> None:
        """The final status: Stopped when that was asked for, else Failed for a reason, else Completed."""
        with self._lock:
            stopped = self.status == "Stopping"
            self.status = "Stopped" if stopped else "Failed" if failure else "Completed"
            self._failure = None if stopped else failure
            self._ended = self._modified = now()
        self._changed(self)

    def summary(self) -> dict[str, Any]:
        with self._lock:
            return {
                "TransformJobName": self.name,
                "TransformJobArn": self.arn,
                "CreationTime": self.created,
                "LastModifiedTime": self._modified,
                "TransformJobStatus": self.status,
                **({"TransformEndTime": self._ended} if self._ended else {}),
                **({"FailureReason": self._failure} if self._failure else {}),
            }

    def describe(self) -> dict[str, Any]:
        with self._lock:
            return {
                "TransformJobName": self.name,
                "TransformJobArn": self.arn,
                "TransformJobStatus": self.status,
                **{member: self.request[member] for member in _ECHOED if self.request.get(member)},
                "CreationTime": self.created,
                **({"TransformStartTime": self._started} if self._started else {}),
                **({"TransformEndTime": self._ended} if self._ended else {}),
                **({"FailureReason": self._failure} if self._failure else {}),
            }
