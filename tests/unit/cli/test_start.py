"""`trieur start`: what the function answers, and what is said when it cannot be asked."""

import io
import json
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from typer.testing import CliRunner, Result

from tests.unit.deployed import Deployed, refused
from trieur.cli.main import app

ANSWER = {
    "outcome": "starting",
    "message": "The endpoint of questions on comprehend is being created with run 0123456789abcdef.",
    "classifier": "questions",
    "backend": "comprehend",
    "run_id": "0123456789abcdef",
}


class Lambda:
    """Notes what a real client asks it, and answers as it is told."""

    def __init__(self, deployed: Deployed, answer: Any, function_error: str | None = None) -> None:
        self.given, self.function_error = answer, function_error
        self.asked: list[tuple[str, Any]] = []
        deployed.session.events.register("before-call.lambda", self.answer)

    def answer(self, params: dict[str, Any], **_: Any) -> Any:
        self.asked.append((params["url_path"].split("/")[3], json.loads(params["body"])))
        if isinstance(self.given, tuple):
            return self.given
        body = io.BytesIO(json.dumps(self.given).encode())
        failed = {"FunctionError": self.function_error} if self.function_error else {}
        parsed = {"Payload": body, **failed, "ResponseMetadata": {"HTTPStatusCode": 200}}
        return AWSResponse("https://example.invalid", 200, {}, io.BytesIO(b"")), parsed


def run(*arguments: str) -> Result:
    return CliRunner(env={"COLUMNS": "100", "NO_COLOR": "1"}).invoke(app, ["start", *arguments])


def test_it_asks_the_deployments_function(deployed: Deployed) -> None:
    function = Lambda(deployed, ANSWER)
    result = run("questions")
    assert (result.exit_code, result.stdout) == (0, f"{ANSWER['message']}\n")
    [(name, event)] = function.asked
    assert name == "trieur-start-endpoint"
    assert event == {"detail-type": "Start Endpoint", "detail": {"classifier": "questions"}}


def test_backend_and_stack_are_handed_on(deployed: Deployed) -> None:
    outputs = dict(deployed.stacks.outputs["Trieur"])
    outputs["StateMachineArn"] = outputs["StateMachineArn"].replace("stateMachine:trieur", "stateMachine:sorter")
    deployed.stacks.outputs["Sorter"] = outputs
    function = Lambda(deployed, ANSWER)
    result = run("questions", "--backend", "comprehend", "--stack", "Sorter", "--json")
    assert json.loads(result.stdout) == ANSWER
    [(name, event)] = function.asked
    assert name == "sorter-start-endpoint"
    assert event["detail"] == {"classifier": "questions", "backend": "comprehend"}


def test_a_refusal_is_said(deployed: Deployed) -> None:
    Lambda(deployed, {**ANSWER, "outcome": "refused", "message": "It has no model."})
    result = run("questions")
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", "It has no model.\n")
    result = run("questions", "--json")
    assert (result.exit_code, json.loads(result.stdout)["outcome"]) == (1, "refused")


@pytest.mark.parametrize(
    ("code", "said"),
    [("ResourceNotFoundException", "no function trieur-start-endpoint"), ("AccessDeniedException", "denies")],
)
def test_a_function_that_cannot_be_asked_is_said(deployed: Deployed, code: str, said: str) -> None:
    Lambda(deployed, refused(code, "Not you."))
    result = run("questions")
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    result = run("questions", "--json")
    assert said in json.loads(result.stdout)["error"]


def test_a_function_that_fails_is_said(deployed: Deployed) -> None:
    Lambda(deployed, {"errorMessage": "no such key"}, "Unhandled")
    result = run("questions")
    assert result.exit_code == 2
    assert "no such key" in result.stderr


@pytest.mark.usefixtures("deployed")
@pytest.mark.parametrize("arguments", [[], ["questions", "--backend", "bert"], ["a", "b"], ["Questions"], ["a--b"]])
def test_wrong_usage(arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2
