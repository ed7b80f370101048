"""The handlers do nothing of their own: event in, one core call, its result out."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from lambdas import check_batch, start_batch
from tests.unit.batches.bulk import answers, complete_transform, said, trained
from tests.unit.world import INBOX, World

CONTEXT = SimpleNamespace(
    function_name="f", memory_limit_in_mb=128, invoked_function_arn="arn:aws:lambda:eu-west-1:1:f", aws_request_id="1"
)


@pytest.fixture(autouse=True)
def _deployed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for handler in (start_batch, check_batch):
        monkeypatch.setattr(handler, "deployment", lambda: world.deployment)
        monkeypatch.setattr(handler, "clients", lambda: world.clients)


def started(world: World) -> dict[str, Any]:
    """What the state machine carries."""
    trained(world)
    drop = world.drop("batch/questions/a b.txt", b"a\n")
    event = {
        "detail-type": "Object Created",
        "detail": {"bucket": {"name": INBOX}, "object": {"key": drop.key, "version-id": drop.version}},
    }
    (batch_id,) = start_batch.handler(event, CONTEXT)["batch_ids"]
    return {"classifier": "questions", "batch_id": batch_id, "backend": "camembert"}


def test_from_event_to_predictions(world: World) -> None:
    state = started(world)
    assert check_batch.handler(state, CONTEXT)["status"] == "RUNNING"
    complete_transform(world, state["batch_id"])
    done = check_batch.handler(state, CONTEXT)

    assert done == {**state, "status": "COMPLETED", "message": done["message"]}
    assert answers(world, "batch/questions/a b.txt.camembert.predictions.jsonl") == [said("a")]
    assert json.dumps(done), "the state machine carries JSON"


@pytest.mark.parametrize("other", [{}, {"Event": "s3:TestEvent"}, {"detail-type": "Object Deleted", "detail": {}}])
def test_other_events_do_no_harm(other: dict[str, Any], world: World) -> None:
    assert start_batch.handler(other, CONTEXT)["outcome"] == "ignored"
    assert world.artifacts() == []


def test_a_failed_step_is_recorded_with_its_cause(world: World) -> None:
    state = started(world)
    cause = {"errorMessage": "No space left on device", "errorType": "OSError", "stackTrace": []}
    failed = check_batch.handler({**state, "error": {"Error": "OSError", "Cause": json.dumps(cause)}}, CONTEXT)

    assert failed["status"] == "FAILED"
    assert failed["message"] == "A step of the pipeline failed: OSError. No space left on device"
