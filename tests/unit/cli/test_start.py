"""`trieur start`: what the function answers, and what is said when AWS cannot be asked."""

import io
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, NoRegionError
from typer.testing import CliRunner, Result

from trieur.cli.main import app

ANSWER = {
    "outcome": "starting",
    "message": "The endpoint of questions on comprehend is being created with run 0123456789abcdef.",
    "classifier": "questions",
    "backend": "comprehend",
    "run_id": "0123456789abcdef",
}


class Lambda:
    """The client: notes what it is asked, and answers or raises as it is told."""

    def __init__(self, answer: dict[str, Any] | Exception, function_error: str | None = None) -> None:
        self.answer, self.function_error = answer, function_error
        self.asked: list[tuple[str, Any]] = []

    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:
        self.asked.append((FunctionName, json.loads(Payload)))
        if isinstance(self.answer, Exception):
            raise self.answer
        failed = {"FunctionError": self.function_error} if self.function_error else {}
        return {"Payload": io.BytesIO(json.dumps(self.answer).encode()), **failed}


def run(monkeypatch: pytest.MonkeyPatch, client: Lambda, *arguments: str) -> Result:
    monkeypatch.setattr("trieur.cli.start.boto3.client", lambda _service: client)
    return CliRunner(env={"COLUMNS": "100", "NO_COLOR": "1"}).invoke(app, ["start", *arguments])


def test_it_asks_the_deployments_function(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Lambda(ANSWER)
    result = run(monkeypatch, client, "questions")
    assert (result.exit_code, result.stdout) == (0, ANSWER["message"] + "\n")
    [(function, event)] = client.asked
    assert function == "trieur-start-endpoint"
    assert event == {"detail-type": "Start Endpoint", "detail": {"classifier": "questions"}}


def test_backend_and_deployment_are_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Lambda(ANSWER)
    result = run(monkeypatch, client, "questions", "--backend", "comprehend", "--deployment", "sorter", "--json")
    assert json.loads(result.stdout) == ANSWER
    [(function, event)] = client.asked
    assert function == "sorter-start-endpoint"
    assert event["detail"] == {"classifier": "questions", "backend": "comprehend"}


def test_a_refusal_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = {**ANSWER, "outcome": "refused", "message": "It has no model."}
    result = run(monkeypatch, Lambda(refusal), "questions")
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", "It has no model.\n")
    result = run(monkeypatch, Lambda(refusal), "questions", "--json")
    assert (result.exit_code, json.loads(result.stdout)["outcome"]) == (1, "refused")


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "Not you."}}, "Invoke")


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (NoRegionError(), "AWS_DEFAULT_REGION"),
        (NoCredentialsError(), "aws configure"),
        (EndpointConnectionError(endpoint_url="https://lambda"), "could not be reached"),
        (ValueError("Invalid endpoint: https://lambda..amazonaws.com"), "could not be reached"),
        (refused("ResourceNotFoundException"), "deployment's name and region"),
        (refused("AccessDeniedException"), "Not you."),
    ],
)
def test_what_keeps_aws_from_being_asked_is_said_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch, error: Exception, remedy: str
) -> None:
    result = run(monkeypatch, Lambda(error), "questions")
    assert (result.exit_code, result.stdout) == (3, "")
    assert remedy in result.stderr
    result = run(monkeypatch, Lambda(error), "questions", "--json")
    assert remedy in json.loads(result.stdout)["message"]


def test_a_function_that_fails_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(monkeypatch, Lambda({"errorMessage": "no such key"}, "Unhandled"), "questions")
    assert result.exit_code == 3
    assert "no such key" in result.stderr


@pytest.mark.parametrize("arguments", [[], ["questions", "--backend", "bert"], ["a", "b"], ["Questions"], ["a--b"]])
def test_wrong_usage(monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    assert run(monkeypatch, Lambda(ANSWER), *arguments).exit_code == 2
