"""One version of a document classifier: what was asked, where it stands, and what DescribeDocumentClassifier says."""

from __future__ import annotations

import datetime
import threading
from pathlib import Path
from typing import Any

from localcloud.protocol import Parameters, now
from localcloud.roles import Place

_USABLE = ("TRAINED", "TRAINED_WITH_WARNING")
_UNFINISHED = ("SUBMITTED", "TRAINING", "STOP_REQUESTED")
_ECHOED = ("DataAccessRoleArn", "LanguageCode", "VolumeKmsKeyId", "VpcConfig", "ModelKmsKeyId", "VersionName")


class Classifier:
    """folder is where its model is kept; output_uri is where its archive goes, None when none was asked for."""

    def __init__(self, arn: str, request: Parameters, place: Place, folder: Path, unique: str) -> None:
        self.arn = arn
        self.request = request
        self.place = place
        self.folder = folder
        self.name: str = request["DocumentClassifierName"]
        self.mode: str = request.get("Mode", "MULTI_CLASS")
        self.status = "SUBMITTED"
        self.submitted = now()
        self.stop_requested = threading.Event()
        output = request.get("OutputDataConfig") or {}
        self.output_uri = (
            f"{output['S3Uri'].rstrip('/')}/{place.account}-CLR-{unique}/output/output.tar.gz"
            if output.get("S3Uri")
            else None
        )
        self._message: str | None = None
        self._metadata: dict[str, Any] | None = None
        self._training_started: datetime.datetime | None = None
        self._training_ended: datetime.datetime | None = None
        self._ended: datetime.datetime | None = None
        self._lock = threading.Lock()

    @property
    def model_file(self) -> Path:
        return self.folder / "model.joblib"

    @property
    def usable(self) -> bool:
        return self.status in _USABLE

    @property
    def unfinished(self) -> bool:
        return self.status in _UNFINISHED

    @property
    def log_name(self) -> str:
        return "document-classifier-" + self.arn.partition("document-classifier/")[2].replace("/", "-")

    def begin_training(self) -> None:
        with self._lock:
            self._training_started = now()
            # A stop may have been asked for since the training was submitted.
            if self.status == "SUBMITTED":
                self.status = "TRAINING"

    def request_stop(self) -> None:
        """Stops a training under way; whatever has ended stays as it is."""
        with self._lock:
            if self.status not in ("SUBMITTED", "TRAINING"):
                return
            self.status = "STOP_REQUESTED"
        self.stop_requested.set()

    def request_deletion(self) -> bool:
        """Whether it can be deleted; it then is DELETING."""
        with self._lock:
            if self.unfinished or self.status == "DELETING":
                return False
            self.status = "DELETING"
        return True

    def end(self, status: str, message: str | None = None, metadata: dict[str, Any] | None = None) -> None:
        with self._lock:
            self._ended = now()
            if self._training_started is not None:
                self._training_ended = self._ended
            self._message, self._metadata = message, metadata
            self.status = status

    def describe(self) -> dict[str, Any]:
        with self._lock:
            described: dict[str, Any] = {
                "DocumentClassifierArn": self.arn,
                "Status": self.status,
                "SubmitTime": self.submitted,
                "Mode": self.mode,
                "InputDataConfig": {"DataFormat": "COMPREHEND_CSV", **self.request["InputDataConfig"]},
                **{member: self.request[member] for member in _ECHOED if self.request.get(member)},
                "OutputDataConfig": dict(self.request.get("OutputDataConfig") or {}),
            }
            if self.output_uri is not None:
                described["OutputDataConfig"]["S3Uri"] = self.output_uri
            known = {
                "Message": self._message,
                "EndTime": self._ended,
                "TrainingStartTime": self._training_started,
                "TrainingEndTime": self._training_ended,
                "ClassifierMetadata": self._metadata,
            }
            return {**described, **{member: value for member, value in known.items() if value is not None}}
