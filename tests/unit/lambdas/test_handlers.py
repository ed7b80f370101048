"""The handlers do nothing of their own: event in, one core call, its result out."""

import importlib
import json
from types import SimpleNamespace
from typing import Any

import pytest

from lambdas import check_model_status, create_endpoint, runtime, start_training
from tests.unit.world import INBOX, World, examples

CONTEXT = SimpleNamespace(
    function_name="f", memory_limit_in_mb=128, invoked_function_arn="arn:aws:lambda:eu-west-1:1:f", aws_request_id="1"
)


@pytest.fixture(autouse=True)
def _deployed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for handler in (start_training, check_model_status, create_endpoint):
        monkeypatch.setattr(handler, "deployment", lambda: world.deployment)
        monkeypatch.setattr(handler, "clients", lambda: world.clients)


def event(key: str, version: str) -> dict[str, Any]:
    return {
        "detail-type": "Object Created",
        "detail": {"bucket": {"name": INBOX}, "object": {"key": key, "version-id": version, "sequencer": "1"}},
    }


def test_from_event_to_endpoint(world: World) -> None:
    drop = world.drop("datasets/questions/drop.json", examples())

    started = start_training.handler(event(drop.key, drop.version), CONTEXT)
    reference = {"classifier": "questions", "run_id": started["run_ids"][0], "backend": "camembert"}
    assert check_model_status.handler(reference, CONTEXT)["status"] == "TRAINING"
    world.complete_training(f"trieur-questions-{started['run_ids'][0]}")
    state = check_model_status.handler(reference, CONTEXT)
    assert state["status"] == "TRAINED"
    state = create_endpoint.handler(state, CONTEXT)
    assert state["status"] == "DEPLOYING"
    world.sagemaker.settle("trieur-questions")
    assert check_model_status.handler(state, CONTEXT)["status"] == "LIVE"


@pytest.mark.parametrize("other", [{}, {"Event": "s3:TestEvent"}, {"detail-type": "Object Deleted", "detail": {}}])
def test_other_events_do_no_harm(other: dict[str, Any], world: World) -> None:
    assert start_training.handler(other, CONTEXT)["outcome"] == "ignored"
    assert world.artifacts() == []


def test_a_failed_step_is_recorded_with_its_cause(world: World) -> None:
    drop = world.drop("datasets/questions/drop.json", examples())
    started = start_training.handler(event(drop.key, drop.version), CONTEXT)
    state = {"classifier": "questions", "run_id": started["run_ids"][0], "backend": "camembert"}

    cause = {"errorMessage": "There is no archive.", "errorType": "ArchiveRefused", "stackTrace": ["File x, line 1"]}
    failed = check_model_status.handler(
        {**state, "error": {"Error": "ArchiveRefused", "Cause": json.dumps(cause)}}, CONTEXT
    )

    assert failed["status"] == "FAILED"
    assert failed["message"] == "A step of the pipeline failed: ArchiveRefused. There is no archive."


@pytest.mark.parametrize("cause", ["Task timed out after 60.00 seconds", "[]", '"x"', "{}"])
def test_a_cause_of_another_kind_is_told_as_it_is(cause: str) -> None:
    sentence = check_model_status.step_failure({"Error": "States.Timeout", "Cause": cause})

    assert sentence == f"A step of the pipeline failed: States.Timeout. {cause}"


def test_a_missing_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRIEUR_INBOX_BUCKET", raising=False)
    monkeypatch.setenv("TRIEUR_NAME", "trieur")
    importlib.reload(runtime)

    with pytest.raises(ValueError, match="TRIEUR_INBOX_BUCKET"):
        runtime.deployment()
