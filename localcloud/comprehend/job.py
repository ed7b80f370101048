"""One classification job: what was asked, where it stands, and what DescribeDocumentClassificationJob says of it."""

from __future__ import annotations

import datetime
import threading
from typing import Any

from localcloud.comprehend.classifier import Classifier
from localcloud.protocol import Parameters, now
from localcloud.roles import Place

_ECHOED = ("JobName", "DocumentClassifierArn", "DataAccessRoleArn", "VolumeKmsKeyId", "VpcConfig")


class Job:
    def __init__(self, job_id: str, arn: str, request: Parameters, place: Place, classifier: Classifier) -> None:
        self.id = job_id
        self.arn = arn
        self.request = request
        self.place = place
        self.classifier = classifier
        self.status = "SUBMITTED"
        self.input_format: str = request["InputDataConfig"].get("InputFormat", "ONE_DOC_PER_LINE")
        self.output_uri = (
            f"{request['OutputDataConfig']['S3Uri'].rstrip('/')}/{place.account}-CLN-{job_id}/output/output.tar.gz"
        )
        self._submitted = now()
        self._ended: datetime.datetime | None = None
        self._message: str | None = None
        self._lock = threading.Lock()

    @property
    def unfinished(self) -> bool:
        return self.status in ("SUBMITTED", "IN_PROGRESS")

    def begin(self) -> None:
        with self._lock:
            self.status = "IN_PROGRESS"

    def end(self, status: str, message: str | None = None) -> None:
        with self._lock:
            self.status, self._message, self._ended = status, message, now()

    def describe(self) -> dict[str, Any]:
        with self._lock:
            described: dict[str, Any] = {
                "JobId": self.id,
                "JobArn": self.arn,
                "JobStatus": self.status,
                "SubmitTime": self._submitted,
                **{member: self.request[member] for member in _ECHOED if self.request.get(member)},
                "InputDataConfig": {**self.request["InputDataConfig"], "InputFormat": self.input_format},
                "OutputDataConfig": {**self.request["OutputDataConfig"], "S3Uri": self.output_uri},
            }
            known = {"Message": self._message, "EndTime": self._ended}
            return {**described, **{member: value for member, value in known.items() if value is not None}}
