"""A run as people ask about it: run.json, or rejected.json where a dataset was refused before there was a run."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from trieur import runs
from trieur.objects import now
from trieur.runs import DatasetRecord, RunStatus
from trieur.settings import Backend, ClassifierSettings

# A trained run is deployed at once, or as soon as its endpoint is done with another.
_SOON: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Run:
    """One training of one dataset version on one backend, or one refused dataset.

    `record` is run.json in full; None, like `backend`, for a dataset that was refused whole.
    """

    classifier: str
    run_id: str
    backend: Backend | None
    status: RunStatus
    message: str
    key: str
    version: str
    created_at: datetime
    updated_at: datetime
    record: runs.Run | None = None

    @classmethod
    def from_record(cls, record: runs.Run) -> "Run":
        return cls(
            classifier=record.classifier,
            run_id=record.run_id,
            backend=record.backend,
            status=record.status,
            message=record.message,
            key=record.dataset.key,
            version=record.dataset.version,
            created_at=record.created_at,
            updated_at=record.updated_at,
            record=record,
        )

    @classmethod
    def from_rejection(cls, classifier: str, run_id: str, body: bytes) -> "Run":
        """From a `rejected.json`."""
        document = json.loads(body)
        refused_at = datetime.fromisoformat(document["refused_at"])
        return cls(
            classifier=classifier,
            run_id=run_id,
            backend=None,
            status=RunStatus.REFUSED,
            message=document["error"],
            key=document["dataset"]["key"],
            version=document["dataset"]["version"],
            created_at=refused_at,
            updated_at=refused_at,
        )

    @property
    def prefix(self) -> str:
        """Its folder in the artifacts bucket."""
        return runs.run_prefix(self.classifier, self.run_id)

    @property
    def dataset(self) -> DatasetRecord | None:
        return self.record.dataset if self.record else None

    @property
    def settings(self) -> ClassifierSettings | None:
        """Those it was made with."""
        return self.record.settings if self.record else None

    @property
    def metrics(self) -> dict[str, Any] | None:
        """metrics.json of the training; None until it is trained."""
        return self.record.metrics if self.record else None

    @property
    def endpoint(self) -> dict[str, Any] | None:
        """What was recorded of its endpoint when it was deployed: name, arn, kind and so on."""
        return self.record.endpoint if self.record else None

    @property
    def wants_endpoint(self) -> bool:
        """Whether its settings ask for an endpoint of its backend."""
        if self.record is None:
            return False
        settings = self.record.settings
        asked: str = settings.endpoint.kind if self.backend == "camembert" else settings.comprehend.endpoint
        return asked != "none"

    @property
    def has_ended(self) -> bool:
        """TRAINED is an end where no endpoint is wanted, or where it was deleted since, having been idle."""
        if self.status is RunStatus.TRAINED:
            return not self.wants_endpoint or now() - self.updated_at > _SOON
        return self.status.ends_the_run

    @property
    def succeeded(self) -> bool:
        """Whether it came to what its settings ask for: an endpoint, or a model where none is wanted."""
        return self.status is RunStatus.LIVE or (self.status is RunStatus.TRAINED and not self.wants_endpoint)

    @property
    def accuracy(self) -> float | None:
        """On the test split, between 0 and 1; None until it is known."""
        return self._of_test("accuracy")

    @property
    def macro_f1(self) -> float | None:
        """On the test split, between 0 and 1; None until it is known."""
        return self._of_test("macro_f1")

    def as_json(self) -> dict[str, Any]:
        """What `--json` prints of a run; None for what is not known, or not known yet."""
        return {
            "classifier": self.classifier,
            "run_id": self.run_id,
            "backend": self.backend,
            "status": str(self.status),
            "ended": self.has_ended,
            "message": self.message,
            "dataset": self.key,
            "version": self.version,
            "examples": self.dataset.examples if self.dataset else None,
            "accuracy": self.accuracy,
            "macro_f1": self.macro_f1,
            "endpoint": self.endpoint["name"] if self.endpoint else None,
            "created_at": self.created_at.isoformat(),
            "updated_at": self.updated_at.isoformat(),
        }

    def _of_test(self, name: str) -> float | None:
        value = (self.metrics or {}).get("test", {}).get(name)
        return float(value) if isinstance(value, int | float) else None
