"""One training job: what was asked, where it stands, and what DescribeTrainingJob says of it."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable
from typing import Any

from localcloud.protocol import Parameters, now
from localcloud.roles import Place
from localcloud.sagemaker.container_log import Metric

FINAL = ("Completed", "Failed", "Stopped")
_ECHOED = (
    "HyperParameters",
    "AlgorithmSpecification",
    "RoleArn",
    "InputDataConfig",
    "OutputDataConfig",
    "ResourceConfig",
    "StoppingCondition",
    "CheckpointConfig",
    "Environment",
    "VpcConfig",
    "ExperimentConfig",
)


class TrainingJob:
    def __init__(self, request: Parameters, place: Place, changed: Callable[[TrainingJob], None]) -> None:
        self.request = request
        self.place = place
        self.name: str = request["TrainingJobName"]
        self.arn = place.arn("training-job", self.name)
        self.status = "InProgress"
        self.created = self.modified = now()
        self.stop_requested = threading.Event()
        self.metrics: list[Metric] = []
        self._changed = changed
        self._started: datetime.datetime | None = None
        # Since its last interruption, and altogether before that.
        self._resumed: datetime.datetime | None = None
        self._trained = datetime.timedelta()
        self._ended: datetime.datetime | None = None
        self._failure: str | None = None
        self._transitions: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        self.move("Starting", "Starting the training job")

    @property
    def model_uri(self) -> str:
        return f"{self._output}/model.tar.gz"

    @property
    def output_uri(self) -> str:
        return f"{self._output}/output.tar.gz"

    @property
    def _output(self) -> str:
        return f"{self.request['OutputDataConfig']['S3OutputPath'].rstrip('/')}/{self.name}/output"

    @property
    def secondary_status(self) -> str:
        status: str = self._transitions[-1]["Status"]
        return status

    def move(self, secondary: str, message: str) -> None:
        """Enters the next secondary status."""
        with self._lock:
            moment = now()
            if self._transitions:
                self._transitions[-1].setdefault("EndTime", moment)
            self._transitions.append({"Status": secondary, "StartTime": moment, "StatusMessage": message})
            if secondary == "Training":
                self._started = self._started or moment
                self._resumed = moment
            elif secondary == "Interrupted" and self._resumed:
                self._trained += moment - self._resumed
                self._resumed = None
            self.modified = moment
        self._changed(self)

    def request_stop(self) -> bool:
        """Whether the job can still be stopped; it then is Stopping."""
        if not self.begin_stop():
            return False
        self.stop_requested.set()
        return True

    def begin_stop(self) -> bool:
        """Enters Stopping, unless the job has got there or further already; whether it did."""
        with self._lock:
            if self.status != "InProgress":
                return False
            self.status = "Stopping"
        self.move("Stopping", "Stopping the training job")
        return True

    def end(self, status: str, secondary: str, message: str, failure: str | None = None) -> None:
        with self._lock:
            self.status = status
            self._failure = failure
            self._ended = now()
        self.move(secondary, message)
        self._transitions[-1]["EndTime"] = self._ended

    def summary(self) -> dict[str, Any]:
        summary = {
            "TrainingJobName": self.name,
            "TrainingJobArn": self.arn,
            "CreationTime": self.created,
            "LastModifiedTime": self.modified,
            "TrainingJobStatus": self.status,
            "SecondaryStatus": self.secondary_status,
        }
        return {**summary, "TrainingEndTime": self._ended} if self._ended else summary

    def describe(self) -> dict[str, Any]:
        with self._lock:
            described: dict[str, Any] = {
                "TrainingJobName": self.name,
                "TrainingJobArn": self.arn,
                "ModelArtifacts": {"S3ModelArtifacts": self.model_uri},
                "TrainingJobStatus": self.status,
                "SecondaryStatus": self.secondary_status,
                **{member: self.request[member] for member in _ECHOED if self.request.get(member)},
                "CreationTime": self.created,
                "LastModifiedTime": self.modified,
                "SecondaryStatusTransitions": [dict(transition) for transition in self._transitions],
                "EnableNetworkIsolation": self.request.get("EnableNetworkIsolation", False),
                "EnableInterContainerTrafficEncryption": self.request.get(
                    "EnableInterContainerTrafficEncryption", False
                ),
                "EnableManagedSpotTraining": self.request.get("EnableManagedSpotTraining", False),
                "ProfilingStatus": "Disabled",
            }
            measured = [metric for metric in self.metrics if metric.value is not None]
            if measured:
                described["FinalMetricDataList"] = [
                    {"MetricName": metric.name, "Value": metric.value, "Timestamp": metric.seen} for metric in measured
                ]
            if self._failure:
                described["FailureReason"] = self._failure
            if self._started:
                described["TrainingStartTime"] = self._started
            if self._ended:
                trained = self._trained + (self._ended - (self._resumed or self._ended))
                # There is no price here, and so nothing that spot would save.
                seconds = max(1, round(trained.total_seconds()))
                described.update(
                    TrainingEndTime=self._ended, TrainingTimeInSeconds=seconds, BillableTimeInSeconds=seconds
                )
            return described
