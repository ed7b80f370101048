"""A classifier at a glance, and what is known of a dataset dropped for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from trieur import names
from trieur.account.endpoints import Endpoint
from trieur.account.run import Run
from trieur.settings import Backend


@dataclass(frozen=True)
class ClassifierSummary:
    """`runs` has the newest first; a classifier with settings but no dataset has none."""

    name: str
    runs: tuple[Run, ...]
    endpoints: tuple[Endpoint, ...]

    @property
    def latest(self) -> Run | None:
        """The run that began last."""
        return self.runs[0] if self.runs else None

    @property
    def live(self) -> Run | None:
        """The run that answers; camembert's where both backends do."""
        return next((run for endpoint in self.endpoints if (run := self.run_behind(endpoint))), None)

    def run_behind(self, endpoint: Endpoint) -> Run | None:
        """The run whose model answers at the endpoint."""
        return next((run for run in self.runs if run.run_id == endpoint.run_id), None)

    def as_json(self) -> dict[str, Any]:
        return {
            "classifier": self.name,
            "live": self.live.as_json() if self.live else None,
            "latest": self.latest.as_json() if self.latest else None,
            "runs": len(self.runs),
            "endpoints": [endpoint.as_json() for endpoint in self.endpoints],
        }


@dataclass(frozen=True)
class Drop:
    """A dataset that was put into the inbox: one version of one key."""

    classifier: str
    bucket: str
    key: str
    version: str
    dropped_at: datetime

    @property
    def uri(self) -> str:
        return f"s3://{self.bucket}/{self.key}"

    def run_id(self, backend: Backend) -> str:
        """The id of the run that the backend makes of it."""
        return names.run_id(self.bucket, self.key, self.version, backend)

    @property
    def refused_id(self) -> str:
        """Under which it is filed where it is refused whole."""
        return names.run_id(self.bucket, self.key, self.version, "")


@dataclass(frozen=True)
class Alarm:
    """One that rings; `description` says what of."""

    name: str
    description: str
