"""How far a training on SageMaker is, from the log its container writes."""

import re
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from trieur import names
from trieur.account.account import Account
from trieur.account.run import Run

LOG_GROUP: Final = "/aws/sagemaker/TrainingJobs"

_EPOCH: Final = re.compile(
    r"\bepoch=(?P<epoch>\d+) epochs=(?P<epochs>\d+) "
    r".*?validation_loss=(?P<loss>\S+) validation_accuracy=(?P<accuracy>\S+)"
)


@dataclass(frozen=True)
class Epoch:
    """One pass over the training examples: `number` of at most `most`."""

    number: int
    most: int
    validation_loss: float
    validation_accuracy: float

    @classmethod
    def of_line(cls, line: str) -> "Epoch | None":
        """From a line of the container's log; None where it tells of no epoch."""
        found = _EPOCH.search(line)
        if found is None:
            return None
        return cls(int(found["epoch"]), int(found["epochs"]), float(found["loss"]), float(found["accuracy"]))


class TrainingLog:
    """The log of a training job, read on from where it was last read. `logs` is a client of CloudWatch Logs."""

    def __init__(self, logs: Any, job: str) -> None:
        self._logs = logs
        self._job = job
        self._stream: str | None = None
        self._token: dict[str, Any] = {}

    @classmethod
    def of_run(cls, account: Account, run: Run) -> "TrainingLog":
        return cls(account.client("logs"), names.run_resource(account.name, run.classifier, run.run_id))

    def new_epochs(self) -> list[Epoch]:
        """Those logged since it was last asked; none where the log cannot be read, which is not needed to go on."""
        try:
            lines = self._new_lines()
        except (BotoCoreError, ClientError):
            return []
        return [epoch for line in lines if (epoch := Epoch.of_line(line))]

    def _new_lines(self) -> list[str]:
        if self._stream is None:
            streams = self._logs.describe_log_streams(logGroupName=LOG_GROUP, logStreamNamePrefix=f"{self._job}/")
            found = streams["logStreams"]
            if not found:
                return []
            self._stream = found[0]["logStreamName"]
        page = self._logs.get_log_events(
            logGroupName=LOG_GROUP, logStreamName=self._stream, startFromHead=True, **self._token
        )
        self._token = {"nextToken": page["nextForwardToken"]}
        return [event["message"] for event in page["events"]]
