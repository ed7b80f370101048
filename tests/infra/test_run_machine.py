"""The way of a run."""

from typing import Any

import pytest

from tests.infra.answers import BROKEN, Answers
from tests.infra.template import ACCOUNT, Template
from tests.infra.walker import StepError, Walk, walk

RUN = {"classifier": "questions", "run_id": "0123456789abcdef", "backend": "camembert"}


@pytest.fixture(scope="session")
def definition(template: Template) -> dict[str, Any]:
    return template.definition("trieur")


def end(done: Walk) -> list[str]:
    return done.states[done.states.index("NotifyOutcome") :]


def notified(done: Walk) -> str:
    """The status people were told, after checking how."""
    (message,) = done.published
    status = str(message["MessageAttributes"]["status"]["StringValue"])
    assert message["TopicArn"] == f"arn:aws:sns:eu-west-1:{ACCOUNT}:trieur-outcomes"
    assert message["Subject"] == f"Trieur: questions {status} (camembert)"
    assert len(message["Subject"]) <= 100
    assert message["Message"]
    assert message["MessageAttributes"] == {
        "classifier": {"DataType": "String", "StringValue": "questions"},
        "run_id": {"DataType": "String", "StringValue": "0123456789abcdef"},
        "backend": {"DataType": "String", "StringValue": "camembert"},
        "status": {"DataType": "String", "StringValue": status},
    }
    return status


def test_to_a_live_endpoint(definition: dict[str, Any]) -> None:
    answers = Answers(
        RUN,
        CheckTraining=["TRAINING", "TRAINING", "TRAINED"],
        CreateEndpoint=["DEPLOYING"],
        CheckEndpoint=["DEPLOYING", "LIVE"],
    )
    done = walk(definition, RUN, answers)
    assert done.states == [
        *["CheckTraining", "IsTrained?"],
        *["WaitForTraining", "CheckTraining", "IsTrained?"] * 2,
        "CreateEndpoint",
        "IsDeploying?",
        *["WaitForEndpoint", "CheckEndpoint", "IsLive?"] * 2,
        "NotifyOutcome",
        "Succeeded?",
        "RunSucceeded",
    ]
    assert done.outcome == "SUCCEEDED"
    assert notified(done) == "LIVE"
    assert done.published[0]["Message"] == "It is LIVE."
    assert done.waited_seconds == 4 * 120


def test_an_endpoint_started_again_waits_for_no_training(definition: dict[str, Any]) -> None:
    answers = Answers(RUN, CheckTraining=["TRAINED"], CreateEndpoint=["DEPLOYING"], CheckEndpoint=["LIVE"])
    done = walk(definition, RUN, answers)
    assert done.states[:4] == ["CheckTraining", "IsTrained?", "CreateEndpoint", "IsDeploying?"]
    assert done.waited_seconds == 120


@pytest.mark.parametrize(
    ("answers", "status", "outcome"),
    [
        ({"CheckTraining": ["DEPLOYING"], "CheckEndpoint": ["DEPLOYING", "LIVE"]}, "LIVE", "SUCCEEDED"),
        ({"CheckTraining": ["LIVE"]}, "LIVE", "SUCCEEDED"),
        ({"CheckTraining": ["ROLLED_BACK"]}, "ROLLED_BACK", "FAILED"),
        ({"CheckTraining": ["TRAINED"], "CreateEndpoint": ["ROLLED_BACK"]}, "ROLLED_BACK", "FAILED"),
        ({"CheckTraining": ["TRAINED"], "CreateEndpoint": ["FAILED"]}, "FAILED", "FAILED"),
        ({"CheckTraining": ["DEPLOYING"], "CheckEndpoint": ["TRAINED"]}, "TRAINED", "SUCCEEDED"),
    ],
)
def test_a_run_that_another_execution_moves_on_is_not_failed(
    definition: dict[str, Any], answers: dict[str, list[str]], status: str, outcome: str
) -> None:
    """Whoever asks twice for an endpoint to be started has its run followed twice."""
    done = walk(definition, RUN, Answers(RUN, **answers))
    assert "RecordFailure" not in done.states
    assert (notified(done), done.outcome) == (status, outcome)


def test_every_lambda_gets_the_whole_state(definition: dict[str, Any]) -> None:
    answers = Answers(RUN, CheckTraining=["TRAINING", "TRAINED"], CreateEndpoint=["DEPLOYING"], CheckEndpoint=["LIVE"])
    walk(definition, RUN, answers)
    assert answers.inputs["CheckTraining"] == [RUN, {**RUN, "status": "TRAINING", "message": "It is TRAINING."}]
    assert answers.inputs["CreateEndpoint"] == [{**RUN, "status": "TRAINED", "message": "It is TRAINED."}]
    assert answers.inputs["CheckEndpoint"] == [{**RUN, "status": "DEPLOYING", "message": "It is DEPLOYING."}]


@pytest.mark.parametrize(
    ("answers", "status", "outcome"),
    [
        ({"CheckTraining": ["REFUSED"]}, "REFUSED", "SUCCEEDED"),
        ({"CheckTraining": ["FAILED"]}, "FAILED", "FAILED"),
        ({"CheckTraining": ["TRAINED"], "CreateEndpoint": ["LIVE"]}, "LIVE", "SUCCEEDED"),
        ({"CheckTraining": ["TRAINED"], "CreateEndpoint": ["REFUSED"]}, "REFUSED", "SUCCEEDED"),
        ({"CheckTraining": ["TRAINED"], "CreateEndpoint": ["TRAINED"]}, "TRAINED", "SUCCEEDED"),
        (
            {"CheckTraining": ["TRAINED"], "CreateEndpoint": ["DEPLOYING"], "CheckEndpoint": ["ROLLED_BACK"]},
            "ROLLED_BACK",
            "FAILED",
        ),
        (
            {"CheckTraining": ["TRAINED"], "CreateEndpoint": ["DEPLOYING"], "CheckEndpoint": ["REFUSED"]},
            "REFUSED",
            "SUCCEEDED",
        ),
        (
            {"CheckTraining": ["TRAINED"], "CreateEndpoint": ["DEPLOYING"], "CheckEndpoint": ["FAILED"]},
            "FAILED",
            "FAILED",
        ),
    ],
)
def test_every_end_is_told(
    definition: dict[str, Any], answers: dict[str, list[str]], status: str, outcome: str
) -> None:
    done = walk(definition, RUN, Answers(RUN, **answers))
    assert notified(done) == status
    assert done.outcome == outcome
    assert end(done) == ["NotifyOutcome", "Succeeded?", "RunSucceeded" if outcome == "SUCCEEDED" else "RunFailed"]
    if outcome == "FAILED":
        assert (done.error, done.cause) == (status, f"It is {status}.")


@pytest.mark.parametrize(
    "answers",
    [
        {"CheckTraining": [(BROKEN, 4)]},
        {"CheckTraining": ["TRAINED"], "CreateEndpoint": [(BROKEN, 4)]},
        {"CheckTraining": ["TRAINED"], "CreateEndpoint": ["DEPLOYING"], "CheckEndpoint": [(BROKEN, 4)]},
    ],
)
def test_a_broken_step_is_recorded_and_told(definition: dict[str, Any], answers: dict[str, Any]) -> None:
    asked = Answers(RUN, **answers, RecordFailure=["FAILED"])
    done = walk(definition, RUN, asked)
    (recorded,) = asked.inputs["RecordFailure"]
    assert recorded["error"] == {"Error": "KeyError", "Cause": '{"errorMessage": "x"}'}
    assert RUN.items() <= recorded.items()
    broken = list(answers)[-1]
    assert recorded.items() >= asked.inputs[broken][-1].items(), "the last good state is handed on"
    assert done.states[-5:] == [f"{broken} again", "RecordFailure", "NotifyOutcome", "Succeeded?", "RunFailed"]
    assert notified(done) == "FAILED"


def test_a_failure_that_cannot_be_recorded_is_told_all_the_same(definition: dict[str, Any]) -> None:
    asked = Answers(RUN, CheckTraining=[(BROKEN, 4)], RecordFailure=[(StepError("AccessDenied"), 4)])
    done = walk(definition, RUN, asked)
    assert done.states[-4:] == ["FailureNotRecorded", "NotifyOutcome", "Succeeded?", "RunFailed"]
    assert notified(done) == "FAILED"
    assert done.published[0]["Message"] == (
        "Run 0123456789abcdef of the classifier questions failed (KeyError), and that could not be written to its"
        " run.json: see the execution arn:execution."
    )


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        ({"CheckTraining": ["SINGING"]}, "SINGING"),
        ({"CheckTraining": ["TRAINED"], "CreateEndpoint": ["TRAINING"]}, "TRAINING"),
        ({"CheckTraining": ["TRAINED"], "CreateEndpoint": ["DEPLOYING"], "CheckEndpoint": ["TRAINING"]}, "TRAINING"),
    ],
)
def test_a_status_nobody_expects_is_a_failure(
    definition: dict[str, Any], answers: dict[str, list[str]], status: str
) -> None:
    asked = Answers(RUN, **answers, RecordFailure=["FAILED"])
    done = walk(definition, RUN, asked)
    (recorded,) = asked.inputs["RecordFailure"]
    assert recorded["error"]["Error"] == "UnknownStatus"
    assert recorded["error"]["Cause"].endswith(f"nobody expects there: {status}.")
    assert done.outcome == "FAILED"


def test_passing_faults_are_retried(definition: dict[str, Any]) -> None:
    answers = Answers(
        RUN,
        CheckTraining=[(StepError("Lambda.TooManyRequestsException"), 6), (BROKEN, 3), "TRAINED"],
        CreateEndpoint=[StepError("Lambda.ServiceException"), "DEPLOYING"],
        CheckEndpoint=[StepError("Lambda.SdkClientException"), "LIVE"],
        NotifyOutcome=[StepError("SNS.InternalError"), "SENT"],
    )
    assert walk(definition, RUN, answers).outcome == "SUCCEEDED"


def test_a_busy_endpoint_is_waited_for_a_day(definition: dict[str, Any]) -> None:
    busy = StepError("EndpointBusy")
    patient = Answers(RUN, CheckTraining=["TRAINED"], CreateEndpoint=[(busy, 720), "LIVE"])
    done = walk(definition, RUN, patient)
    assert done.outcome == "SUCCEEDED"
    assert done.waited_seconds == 24 * 3600
    never = Answers(RUN, CheckTraining=["TRAINED"], CreateEndpoint=[(busy, 721)], RecordFailure=["FAILED"])
    assert notified(walk(definition, RUN, never)) == "FAILED"
    assert never.inputs["RecordFailure"][0]["error"]["Error"] == "EndpointBusy"


def test_a_timeout_is_caught(definition: dict[str, Any]) -> None:
    answers = Answers(RUN, CheckTraining=[StepError("States.Timeout")], RecordFailure=["FAILED"])
    assert notified(walk(definition, RUN, answers)) == "FAILED"


def test_each_step_calls_its_function(definition: dict[str, Any]) -> None:
    functions = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function"
    called = {
        name: state["Parameters"]["FunctionName"].removeprefix(f"{functions}:")
        for name, state in definition["States"].items()
        if state["Type"] == "Task" and state["Resource"] == "arn:aws:states:::lambda:invoke"
    }
    assert called == {
        "CheckTraining": "trieur-check-model-status",
        "CreateEndpoint": "trieur-create-endpoint",
        "CheckEndpoint": "trieur-check-model-status",
        "RecordFailure": "trieur-check-model-status",
    }
