"""Every step of a batch may be broken off before or after any call to AWS, and is then tried again."""

from typing import Any

import pytest

from tests.unit.batches.bulk import (
    answers,
    batch_executions,
    complete_classification,
    complete_transform,
    inbox_keys,
    said,
    settings,
    trained,
)
from tests.unit.faults import Faults
from tests.unit.world import World
from trieur.batches import BatchReference, BatchStatus
from trieur.pipeline.check_batch import check_batch
from trieur.pipeline.start_batch import start_batch


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_batch_broken_off_anywhere_is_made_good_by_its_retry(world: World, when: str) -> None:
    settings(world, backend="both")
    trained(world, "camembert", "a" * 16)
    trained(world, "comprehend", "b" * 16)
    faults, drops = Faults(world, when), 0

    def step(function: Any, subject: Any) -> Any:
        return faults.retried(function, subject, world.deployment, world.clients)

    while faults.calls >= faults.at:
        faults.at, faults.calls, drops = faults.at + 1, 0, drops + 1
        key = f"batch/questions/{drops}.txt"
        camembert, comprehend = step(start_batch, world.drop(key, b"a\n\nb\n")).batch_ids
        complete_transform(world, camembert)
        complete_classification(world)
        for backend, batch_id in (("camembert", camembert), ("comprehend", comprehend)):
            reference = BatchReference.model_validate(
                {"classifier": "questions", "batch_id": batch_id, "backend": backend}
            )
            assert step(check_batch, reference).status is BatchStatus.COMPLETED
            assert answers(world, f"{key}.{backend}.predictions.jsonl") == [said("a"), [], said("b")]

    assert drops > 30
    assert len(world.sagemaker.transform_jobs) == len(world.comprehend.jobs) == drops
    assert len(batch_executions(world)) == 2 * drops
    assert len([key for key in world.artifacts("batches/") if key.endswith("batch.json")]) == 2 * drops
    assert len(inbox_keys(world)) == 3 * drops
    assert world.notifications() == []


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("body", [b"\n", b"a\n"], ids=["no-text", "no-comprehend"])
def test_a_refusal_broken_off_anywhere_is_told_and_filed(world: World, when: str, body: bytes) -> None:
    settings(world, backend="comprehend")
    trained(world, "comprehend")
    world.deployment = world.deployment.model_copy(update={"comprehend_role_arn": ""})
    faults, drops = Faults(world, when), 0
    while faults.calls >= faults.at:
        faults.at, faults.calls, drops = faults.at + 1, 0, drops + 1
        drop = world.drop(f"batch/questions/{drops}.txt", body)
        assert faults.retried(start_batch, drop, world.deployment, world.clients).outcome == "refused"
        assert 1 <= len(world.notifications()) <= 2
        assert len(inbox_keys(world)) == 2 * drops
    assert drops > 4
