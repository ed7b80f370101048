"""The way of a batch."""

from typing import Any

import pytest

from tests.infra.answers import BROKEN, Answers
from tests.infra.template import ACCOUNT, Template
from tests.infra.walker import StepError, Walk, walk
from trieur.batches import BatchStatus

BATCH = {"classifier": "questions", "batch_id": "fedcba9876543210", "backend": "comprehend"}


@pytest.fixture(scope="session")
def definition(template: Template) -> dict[str, Any]:
    return template.definition("trieur-batch")


def notified(done: Walk) -> str:
    """The status people were told, after checking how."""
    (message,) = done.published
    status = str(message["MessageAttributes"]["status"]["StringValue"])
    assert message["TopicArn"] == f"arn:aws:sns:eu-west-1:{ACCOUNT}:trieur-outcomes"
    assert message["Subject"] == f"Trieur: batch of questions {status} (comprehend)"
    assert message["Message"]
    assert message["MessageAttributes"] == {
        "classifier": {"DataType": "String", "StringValue": "questions"},
        "batch_id": {"DataType": "String", "StringValue": "fedcba9876543210"},
        "backend": {"DataType": "String", "StringValue": "comprehend"},
        "status": {"DataType": "String", "StringValue": status},
    }
    return status


def test_to_its_predictions(definition: dict[str, Any]) -> None:
    answers = Answers(BATCH, CheckBatch=["RUNNING", "RUNNING", "COMPLETED"])
    done = walk(definition, BATCH, answers)
    assert done.states == [
        *["WaitForBatch", "CheckBatch", "IsDone?"] * 3,
        "NotifyOutcome",
        "Succeeded?",
        "BatchSucceeded",
    ]
    assert done.outcome == "SUCCEEDED"
    assert notified(done) == "COMPLETED"
    assert done.published[0]["Message"] == "It is COMPLETED."
    assert done.waited_seconds == 3 * 120
    assert answers.inputs["CheckBatch"][:2] == [BATCH, {**BATCH, "status": "RUNNING", "message": "It is RUNNING."}]


def test_a_failed_job_is_told_and_fails_the_execution(definition: dict[str, Any]) -> None:
    done = walk(definition, BATCH, Answers(BATCH, CheckBatch=["RUNNING", "FAILED"]))
    assert notified(done) == "FAILED"
    assert (done.outcome, done.error, done.cause) == ("FAILED", "FAILED", "It is FAILED.")
    assert done.states[-3:] == ["NotifyOutcome", "Succeeded?", "BatchFailed"]


@pytest.mark.parametrize("status", BatchStatus)
def test_no_status_of_a_batch_is_unknown(definition: dict[str, Any], status: BatchStatus) -> None:
    done = walk(definition, BATCH, Answers(BATCH, CheckBatch=[status, "COMPLETED"]))
    assert "UnknownStatus" not in done.states


@pytest.mark.parametrize(
    "broken", [(BROKEN, 4), (StepError("Lambda.ServiceException"), 7), StepError("States.Timeout")]
)
def test_a_broken_step_is_recorded_and_told(definition: dict[str, Any], broken: Any) -> None:
    asked = Answers(BATCH, CheckBatch=["RUNNING", broken], RecordFailure=["FAILED"])
    done = walk(definition, BATCH, asked)
    (recorded,) = asked.inputs["RecordFailure"]
    assert recorded.items() >= {**BATCH, "status": "RUNNING"}.items(), "the last good state is handed on"
    assert set(recorded["error"]) == {"Error", "Cause"}
    assert notified(done) == "FAILED"
    assert done.outcome == "FAILED"


def test_a_failure_that_cannot_be_recorded_is_told_all_the_same(definition: dict[str, Any]) -> None:
    asked = Answers(BATCH, CheckBatch=[(BROKEN, 4)], RecordFailure=[(StepError("AccessDenied"), 4)])
    done = walk(definition, BATCH, asked)
    assert done.states[-4:] == ["FailureNotRecorded", "NotifyOutcome", "Succeeded?", "BatchFailed"]
    assert notified(done) == "FAILED"
    assert done.published[0]["Message"] == (
        "Batch fedcba9876543210 of the classifier questions failed (KeyError), and that could not be written to its"
        " batch.json: see the execution arn:execution."
    )


def test_a_status_nobody_expects_is_a_failure(definition: dict[str, Any]) -> None:
    asked = Answers(BATCH, CheckBatch=["TRAINED"], RecordFailure=["FAILED"])
    done = walk(definition, BATCH, asked)
    assert asked.inputs["RecordFailure"][0]["error"] == {
        "Error": "UnknownStatus",
        "Cause": "A step answered with a status nobody expects there: TRAINED.",
    }
    assert done.outcome == "FAILED"


def test_passing_faults_are_retried(definition: dict[str, Any]) -> None:
    answers = Answers(
        BATCH,
        CheckBatch=[(StepError("Lambda.TooManyRequestsException"), 6), (BROKEN, 3), "COMPLETED"],
        NotifyOutcome=[StepError("SNS.InternalError"), "SENT"],
    )
    assert walk(definition, BATCH, answers).outcome == "SUCCEEDED"


def test_each_step_calls_its_function(definition: dict[str, Any]) -> None:
    called = {
        name: state["Parameters"]["FunctionName"].rpartition(":")[2]
        for name, state in definition["States"].items()
        if state["Type"] == "Task" and state["Resource"] == "arn:aws:states:::lambda:invoke"
    }
    assert called == {"CheckBatch": "trieur-check-batch", "RecordFailure": "trieur-check-batch"}
