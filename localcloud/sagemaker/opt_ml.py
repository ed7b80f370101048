"""The folder a container sees as /opt/ml, laid out as SageMaker lays it out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from localcloud.protocol import Parameters

_HOST = "algo-1"
_FAILURE_CHARACTERS = 1024


class OptMl:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.model = root / "model"
        self.output_data = root / "output" / "data"
        self._failure = root / "output" / "failure"
        self._config = root / "input" / "config"
        self._data = root / "input" / "data"

    def prepare_training(self, request: Parameters) -> None:
        """Makes the folders and writes the three configuration files of a training job."""
        for folder in (self.model, self.output_data, self._config, self._data):
            folder.mkdir(parents=True)
        resources = request["ResourceConfig"]
        self._write("hyperparameters", request.get("HyperParameters") or {})
        self._write("inputdataconfig", {c["ChannelName"]: _channel(c, request) for c in request["InputDataConfig"]})
        self._write(
            "resourceconfig",
            {
                "current_host": _HOST,
                "current_instance_type": resources["InstanceType"],
                "current_group_name": "homogeneousCluster",
                "hosts": [_HOST],
                "instance_groups": [
                    {
                        "instance_group_name": "homogeneousCluster",
                        "instance_type": resources["InstanceType"],
                        "hosts": [_HOST],
                    }
                ],
                "network_interface_name": "lo",
            },
        )

    def prepare_serving(self) -> None:
        self.model.mkdir(parents=True)

    def channel(self, name: str) -> Path:
        folder = self._data / name
        folder.mkdir(exist_ok=True)
        return folder

    def failure(self) -> str:
        """What the container says went wrong; empty when it says nothing."""
        try:
            return self._failure.read_text(errors="replace")[:_FAILURE_CHARACTERS].strip()
        except OSError:
            return ""

    def _write(self, name: str, content: Any) -> None:
        (self._config / f"{name}.json").write_text(json.dumps(content))


def _channel(channel: Parameters, request: Parameters) -> dict[str, Any]:
    mode = channel.get("InputMode") or request["AlgorithmSpecification"]["TrainingInputMode"]
    source = channel["DataSource"]["S3DataSource"]
    configuration = {
        "TrainingInputMode": mode,
        "S3DistributionType": source.get("S3DataDistributionType", "FullyReplicated"),
        "RecordWrapperType": channel.get("RecordWrapperType", "None"),
    }
    if "ContentType" in channel:
        configuration["ContentType"] = channel["ContentType"]
    return configuration
