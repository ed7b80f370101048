"""How one local AWS runs: what its starter decides and its server process obeys."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

Containers = Literal["process", "docker"]

REPOSITORY = Path(__file__).resolve().parent.parent
DEFAULT_STATE = REPOSITORY / ".local"
ACCESS_KEY_ID = "test"
SECRET_ACCESS_KEY = "test"
ACCOUNT = "000000000000"


@dataclass(frozen=True, kw_only=True)
class Options:
    """What a starter of a local AWS may choose.

    wait_scale multiplies the waits of Step Functions, so that the template's polling every two minutes stays as
    it is and takes little over a second here. startup_timeout and stop_grace (seconds) replace AWS's own: 240 s
    (180 s serverless) for a container to pass /ping; 120 s in training and 30 s in hosting from SIGTERM to SIGKILL.
    docker_environment says how to reach the Docker engine, which MiniStack itself is kept away from;
    container_environment is laid under every container's own when containers are plain processes.
    spot_interruption has each managed spot training job lose its machine once, after so many seconds of training:
    SIGTERM and, stop_grace seconds later, SIGKILL; it is then started again, with its checkpoints.
    comprehend_throughput has a Comprehend endpoint refuse what exceeds its inference units, as on AWS: 2 documents
    and 100 characters a second for each.
    """

    state: Path
    port: int = 0
    region: str = "eu-west-1"
    account: str = ACCOUNT
    containers: Containers = "process"
    wait_scale: float = 0.01
    startup_timeout: float | None = None
    stop_grace: float | None = None
    spot_interruption: float | None = None
    comprehend_throughput: bool = False
    docker_environment: Mapping[str, str] = field(default_factory=dict)
    container_environment: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        return json.dumps({**asdict(self), "state": str(self.state)})

    @classmethod
    def from_json(cls, text: str) -> Options:
        fields = json.loads(text)
        return cls(**{**fields, "state": Path(fields["state"])})


def container_environment(inherited: Mapping[str, str]) -> dict[str, str]:
    """What of a user's environment a container run as a plain process gets: the way to its programs and to a hub."""
    names = ("PATH", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")
    return {
        name: value
        for name, value in inherited.items()
        if name in names or name.startswith("HF_") or name.lower().endswith("_proxy")
    }


def docker_environment(inherited: Mapping[str, str]) -> dict[str, str]:
    """What of a user's environment the docker command needs to find its engine."""
    return {name: inherited[name] for name in inherited if name.startswith("DOCKER_") or name in ("PATH", "HOME")}
