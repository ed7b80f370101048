"""One Comprehend endpoint: the model that answers behind it, its inference units, and what DescribeEndpoint says."""

from __future__ import annotations

import threading
from typing import Any

from localcloud.comprehend.classifier import Classifier
from localcloud.comprehend.text_model import TextModel
from localcloud.comprehend.throughput import Throughput
from localcloud.protocol import Parameters, now
from localcloud.roles import Place


class Endpoint:
    """A name that does not change while models behind it do."""

    def __init__(self, arn: str, place: Place, classifier: Classifier, request: Parameters) -> None:
        self.arn = arn
        self.place = place
        self.classifier = classifier
        self.desired_classifier = classifier
        self.desired_units: int = request["DesiredInferenceUnits"]
        self.units: int | None = None
        self.role_arn: str | None = request.get("DataAccessRoleArn")
        self.desired_role_arn = self.role_arn
        self.status = "CREATING"
        self.message: str | None = None
        self.created = self.modified = now()
        self.model: TextModel | None = None
        self.throughput = Throughput(self.desired_units)
        self._lock = threading.Lock()

    def uses(self, classifier_arn: str) -> bool:
        return classifier_arn in (self.classifier.arn, self.desired_classifier.arn)

    def want(self, classifier: Classifier, units: int, role_arn: str | None) -> None:
        """Enters the status UPDATING; the old model answers until `serve`."""
        with self._lock:
            self.desired_classifier, self.desired_units = classifier, units
            self.desired_role_arn = role_arn
            self.status, self.modified = "UPDATING", now()

    def serve(self, model: TextModel) -> None:
        """Answers with that model, which is the desired one's, from now on."""
        with self._lock:
            self.model = model
            self.classifier, self.role_arn = self.desired_classifier, self.desired_role_arn
            if self.units != self.desired_units:
                self.units = self.desired_units
                self.throughput = Throughput(self.desired_units)
            self.status, self.message, self.modified = "IN_SERVICE", None, now()

    def fail(self, message: str) -> None:
        with self._lock:
            self.status, self.message, self.modified = "FAILED", message, now()

    def enter(self, status: str) -> None:
        with self._lock:
            self.status, self.modified = status, now()

    def describe(self) -> dict[str, Any]:
        with self._lock:
            described = {
                "EndpointArn": self.arn,
                "Status": self.status,
                "ModelArn": self.classifier.arn,
                "DesiredModelArn": self.desired_classifier.arn,
                "DesiredInferenceUnits": self.desired_units,
                "CreationTime": self.created,
                "LastModifiedTime": self.modified,
            }
            known = {
                "CurrentInferenceUnits": self.units,
                "Message": self.message,
                "DataAccessRoleArn": self.role_arn,
                "DesiredDataAccessRoleArn": self.desired_role_arn,
            }
            return {**described, **{member: value for member, value in known.items() if value is not None}}
