"""Reading on in a training's log, as SageMaker's containers and CloudWatch write it."""

import json
from typing import Any

import pytest

from tests.unit.deployed import Deployed, answered, refused
from tests.unit.world import examples
from trieur.account import Epoch, TrainingLog

LINE = (
    "INFO epoch={n} epochs=50 train_loss=0.5 train_accuracy=0.7 validation_loss=0.4321 validation_accuracy=0.9000"
    " validation_macro_f1=0.89 seconds=1.2"
)


class Logs:
    """CloudWatch Logs with one stream, once there is one; a token stands for how much was read."""

    def __init__(self, deployed: Deployed) -> None:
        self.lines: list[str] | None = None
        self.asked: list[tuple[str, Any]] = []
        deployed.session.events.register("before-call.logs", self.answer)

    def answer(self, params: dict[str, Any], model: Any, **_: Any) -> Any:
        request = json.loads(params["body"])
        self.asked.append((model.name, request))
        if self.lines is None:
            return refused("ResourceNotFoundException", "The specified log group does not exist.")
        if model.name == "DescribeLogStreams":
            return answered(200, {"logStreams": [{"logStreamName": f"{request['logStreamNamePrefix']}algo-1"}]})
        start = int(request.get("nextToken", 0))
        return answered(
            200,
            {
                "events": [{"message": line} for line in self.lines[start:]],
                "nextForwardToken": str(len(self.lines)),
            },
        )


@pytest.fixture
def log(deployed: Deployed) -> tuple[Logs, TrainingLog]:
    account = deployed.account()
    [reference] = deployed.handle(account.drop("questions", "data.json", examples()))
    return Logs(deployed), TrainingLog.of_run(account, account.run("questions", reference.run_id))


def test_epochs_are_told_once_each(log: tuple[Logs, TrainingLog]) -> None:
    logs, training = log
    assert training.new_epochs() == []
    logs.lines = ["INFO starting", LINE.format(n=1)]
    assert training.new_epochs() == [Epoch(1, 50, 0.4321, 0.9)]
    assert training.new_epochs() == []
    logs.lines += [LINE.format(n=2), "WARNING something else", LINE.format(n=3)]
    assert [epoch.number for epoch in training.new_epochs()] == [2, 3]


def test_the_log_is_that_of_the_runs_own_job(log: tuple[Logs, TrainingLog]) -> None:
    logs, training = log
    logs.lines = []
    training.new_epochs()
    name, request = logs.asked[0]
    assert (name, request["logGroupName"]) == ("DescribeLogStreams", "/aws/sagemaker/TrainingJobs")
    assert request["logStreamNamePrefix"].startswith("trieur-questions-")
    assert request["logStreamNamePrefix"].endswith("/")


def test_a_log_that_may_not_be_read_tells_nothing(log: tuple[Logs, TrainingLog]) -> None:
    _, training = log
    assert training.new_epochs() == []
