"""A classifier with both backends: one run each, on one split, and neither in the other's way."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.comprehend_double import ComprehendError
from tests.unit.world import ARTIFACTS, AwsError, World, examples
from trieur.drops import Drop
from trieur.pipeline.start import Started, start_runs

BOTH = {"backend": "both", "comprehend": {"endpoint": "on-demand"}}


def dropped(world: World, settings: dict[str, Any] = BOTH) -> Drop:
    world.drop("datasets/questions/classifier.json", json.dumps(settings).encode())
    return world.drop("datasets/questions/drop.json", examples())


def start(world: World, drop: Drop) -> Started:
    return start_runs(drop, world.deployment, world.clients)


def runs(world: World) -> dict[str, dict[str, Any]]:
    found = [world.json(key) for key in world.artifacts() if key.endswith("run.json")]
    return {run["backend"]: run for run in found}


def body(world: World, key: str) -> bytes:
    return world.clients.s3.get_object(Bucket=ARTIFACTS, Key=key)["Body"].read()


def test_each_backend_has_its_run_on_the_same_split(world: World) -> None:
    started = start(world, dropped(world))

    found = runs(world)
    assert (started.outcome, len(started.run_ids)) == ("started", 2)
    assert {run["run_id"] for run in found.values()} == set(started.run_ids)
    camembert, comprehend = found["camembert"], found["comprehend"]
    for name in ("train", "validation", "test"):
        keys = [run["splits"][name]["key"] for run in (camembert, comprehend)]
        assert keys[0] != keys[1]
        assert body(world, keys[0]) == body(world, keys[1])
    assert len(world.sagemaker.jobs) == len(world.comprehend.classifiers) == 1
    assert sorted(world.executions()) == sorted(f"questions-{run_id}" for run_id in started.run_ids)


def test_the_same_drop_again_changes_nothing(world: World) -> None:
    drop = dropped(world)
    first, before = start(world, drop), runs(world)

    assert start(world, drop) == first
    assert runs(world) == before
    assert len(world.sagemaker.jobs) == len(world.comprehend.classifiers) == 1


@pytest.mark.parametrize("refused", ["camembert", "comprehend"])
def test_what_one_backend_refuses_does_not_stop_the_other(
    world: World, monkeypatch: pytest.MonkeyPatch, refused: str
) -> None:
    def refuse(_: object) -> None:
        raise AwsError("ResourceLimitExceeded", "The limit is 0 Instances.")

    if refused == "camembert":
        monkeypatch.setattr(world.sagemaker, "CreateTrainingJob", refuse)
    else:
        limit = ComprehendError("ResourceLimitExceededException", "The limit is 0 classifiers.")
        world.comprehend.errors["CreateDocumentClassifier"] = [limit]

    drop = dropped(world)
    started = start(world, drop)
    start(world, drop)

    found = runs(world)
    [other] = found.keys() - {refused}
    assert started.outcome == "started"
    assert (found[refused]["status"], found[other]["status"]) == ("REFUSED", "TRAINING")
    assert world.executions() == [f"questions-{found[other]['run_id']}"]
    rejection = world.json(f"runs/questions/{found[refused]['run_id']}/rejected.json")
    assert "limit is 0" in rejection["error"]
    [told] = world.notifications()
    assert refused in told["Subject"]
    assert "limit is 0" in told["Message"]


@pytest.mark.parametrize("failing", ["camembert", "comprehend"])
def test_a_fault_of_aws_with_one_backend_is_retried_once_the_other_has_started(
    world: World, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    def fail(_: object) -> None:
        raise AwsError("InternalFailure", "We are sorry.")

    drop = dropped(world)
    with monkeypatch.context() as broken:
        if failing == "camembert":
            broken.setattr(world.sagemaker, "CreateTrainingJob", fail)
        else:
            world.comprehend.errors["CreateDocumentClassifier"] = [ComprehendError("InternalFailure", "We are sorry.")]
        with pytest.raises(ClientError, match="We are sorry"):
            start(world, drop)
    assert len(world.executions()) == 1

    started = start(world, drop)

    assert len(world.executions()) == 2
    assert started.outcome == "started"
    assert world.notifications() == []


def test_a_retry_goes_by_the_settings_of_the_first_attempt(world: World) -> None:
    drop = dropped(world)
    first = start(world, drop)
    world.clients.s3.delete_object(Bucket=ARTIFACTS, Key=f"runs/questions/{first.run_ids[1]}/run.json")
    world.drop("datasets/questions/classifier.json", b'{"backend": "camembert"}')

    assert start(world, drop).run_ids == first.run_ids


def test_a_dataset_refused_for_itself_is_refused_once(world: World) -> None:
    world.drop("datasets/questions/classifier.json", json.dumps(BOTH).encode())

    refused = start(world, world.drop("datasets/questions/drop.json", b"no dataset"))

    assert (refused.outcome, len(refused.run_ids)) == ("refused", 1)
    assert len(world.notifications()) == 1
    assert runs(world) == {}


def test_a_region_without_comprehend_refuses_that_run_alone(world: World) -> None:
    elsewhere = world.deployment.model_copy(update={"comprehend_role_arn": ""})

    start_runs(dropped(world), elsewhere, world.clients)

    found = runs(world)
    assert (found["camembert"]["status"], found["comprehend"]["status"]) == ("TRAINING", "REFUSED")
    assert "eu-west-1" in found["comprehend"]["message"]
    assert world.comprehend.requests == []
