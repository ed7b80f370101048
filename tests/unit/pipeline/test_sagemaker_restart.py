"""SageMaker endpoints that are started again, under settings that may have changed."""

from typing import Any

import pytest

from tests.unit.world import AwsError, World, examples
from trieur.pipeline.check import check_run
from trieur.pipeline.deploy import deploy_run
from trieur.pipeline.restart import StartedEndpoint, start_endpoint
from trieur.pipeline.start import start_runs
from trieur.runs import RunReference, RunStatus

ENDPOINT = "trieur-questions"


def deleted(world: World) -> RunReference:
    """A run that was live until its endpoint was deleted by hand."""
    drop = world.drop("datasets/questions/drop.json", examples())
    run = RunReference(
        classifier="questions",
        run_id=start_runs(drop, world.deployment, world.clients).run_ids[0],
        backend="camembert",
    )
    world.complete_training(f"trieur-questions-{run.run_id}")
    check_run(run, world.deployment, world.clients)
    deploy_run(run, world.deployment, world.clients)
    world.sagemaker.settle(ENDPOINT)
    assert check_run(run, world.deployment, world.clients).status is RunStatus.LIVE
    world.sagemaker.endpoints.clear()
    return run


def start(world: World) -> StartedEndpoint:
    return start_endpoint({"classifier": "questions"}, "one", world.deployment, world.clients)


def test_an_endpoint_deleted_by_hand_starts_again(world: World) -> None:
    run = deleted(world)

    assert start(world).outcome == "starting"
    assert deploy_run(run, world.deployment, world.clients).status is RunStatus.DEPLOYING


@pytest.mark.parametrize(
    "settings", [b'{"endpoint": {"kind": "real-time"}}', b'{"endpoint": {"kind": "serverless", "memory_mb": 4096}}']
)
def test_a_configuration_made_for_other_settings_is_not_deployed_for_these(world: World, settings: bytes) -> None:
    run = deleted(world)
    world.drop("datasets/questions/classifier.json", settings)
    start(world)

    refused = deploy_run(run, world.deployment, world.clients)

    assert refused.status is RunStatus.REFUSED
    assert f"delete-endpoint-config --endpoint-config-name {ENDPOINT}-{run.run_id}" in refused.message
    assert world.sagemaker.endpoints == {}
    del world.sagemaker.configs[f"{ENDPOINT}-{run.run_id}"]
    assert start_endpoint({"classifier": "questions"}, "two", world.deployment, world.clients).outcome == "starting"
    assert deploy_run(run, world.deployment, world.clients).status is RunStatus.DEPLOYING


def test_a_model_without_a_network_is_not_made_serverless(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    run = deleted(world)
    world.sagemaker.configs.clear()
    start(world)

    def refuse(_request: dict[str, Any]) -> dict[str, Any]:
        raise AwsError("ValidationException", "Network isolation is not supported for serverless inference.")

    monkeypatch.setattr(world.sagemaker, "CreateEndpointConfig", refuse)
    refused = deploy_run(run, world.deployment, world.clients)

    assert refused.status is RunStatus.REFUSED
    assert f"delete-model --model-name {ENDPOINT}-{run.run_id}" in refused.message
