import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.world import ARTIFACTS, METRICS, World, examples, tar_gz
from trieur.backends.base import EndpointBusy
from trieur.backends.output_archive import ArchiveRefused
from trieur.pipeline.check import check_run, fail_run
from trieur.pipeline.deploy import deploy_run
from trieur.pipeline.start import start_runs
from trieur.runs import Run, RunReference, RunStatus, RunStore

ENDPOINT = "trieur-questions"


def started(
    world: World, key: str = "datasets/questions/drop.json", count: int = 20, sequencer: str = ""
) -> RunReference:
    outcome = start_runs(world.drop(key, examples(count), sequencer), world.deployment, world.clients)
    assert outcome.outcome == "started"
    return RunReference(classifier="questions", run_id=outcome.run_ids[0], backend="camembert")


def trained(
    world: World, key: str = "datasets/questions/drop.json", count: int = 20, sequencer: str = ""
) -> RunReference:
    run = started(world, key, count, sequencer)
    world.complete_training(job(run))
    assert check(world, run).status is RunStatus.TRAINED
    return run


def job(run: RunReference) -> str:
    return f"trieur-questions-{run.run_id}"


def check(world: World, run: RunReference) -> Run:
    return check_run(run, world.deployment, world.clients)


def deploy(world: World, run: RunReference) -> Run:
    return deploy_run(run, world.deployment, world.clients)


def age(world: World, run: RunReference, seconds: int) -> None:
    """Let the run's dataset have been dropped `seconds` earlier than now."""
    key = f"{run.prefix}run.json"
    record = world.json(key)
    record["dataset"]["dropped_at"] = (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()
    world.clients.s3.put_object(Bucket=ARTIFACTS, Key=key, Body=json.dumps(record).encode())


def test_training_goes_on(world: World) -> None:
    run = started(world)
    world.sagemaker.jobs[job(run)]["SecondaryStatus"] = "Downloading"

    outcome = check(world, run).outcome()

    assert outcome == {**run.model_dump(), "status": "TRAINING", "message": "Training: Downloading."}


def test_a_trained_model_that_passes_the_gate_leaves_metrics_and_report(world: World) -> None:
    run = trained(world)

    record = world.json(f"{run.prefix}run.json")
    assert record["metrics"] == METRICS
    assert record["gate"] == {"passed": True, "reasons": []}
    assert record["training"]["billable_seconds"] == 61
    assert f"{run.prefix}report/report.html" in world.artifacts()
    types = {
        "report.html": "text/html; charset=utf-8",
        "metrics.json": "application/json",
        "model_card.md": "text/markdown; charset=utf-8",
        "errors.jsonl": "application/jsonlines",
    }
    for name, expected in types.items():
        head = world.clients.s3.head_object(Bucket=ARTIFACTS, Key=f"{run.prefix}report/{name}")
        assert head["ContentType"] == expected
    assert f"s3://{ARTIFACTS}/{run.prefix}report/report.html" in record["message"]


def test_a_model_no_better_than_the_majority_is_refused_and_not_deployed(world: World) -> None:
    run = started(world)
    world.complete_training(job(run), METRICS | {"test": METRICS["test"] | {"accuracy": 0.34}})

    assert check(world, run).status is RunStatus.REFUSED
    assert deploy(world, run).status is RunStatus.REFUSED
    assert world.sagemaker.endpoints == {}


@pytest.mark.parametrize(
    ("ending", "message"),
    [
        (
            {"TrainingJobStatus": "Failed", "SecondaryStatus": "Failed", "FailureReason": "AlgorithmError: no disk"},
            "AlgorithmError: no disk",
        ),
        ({"TrainingJobStatus": "Stopped", "SecondaryStatus": "MaxRuntimeExceeded"}, "MaxRuntimeExceeded"),
    ],
)
def test_training_that_ends_badly_fails_the_run_for_good(world: World, ending: dict[str, str], message: str) -> None:
    run = started(world)
    world.sagemaker.jobs[job(run)] |= ending

    failed = check(world, run)

    assert failed.status is RunStatus.FAILED
    assert message in failed.message
    assert check(world, run) == failed
    assert deploy(world, run) == failed


def test_an_unreadable_archive_is_said(world: World) -> None:
    run = started(world)
    world.complete_training(job(run))
    [key] = [key for key in world.artifacts() if key.endswith("output.tar.gz")]
    world.clients.s3.put_object(Bucket=ARTIFACTS, Key=key, Body=tar_gz({"metrics.json": b"{}"})[:30])

    with pytest.raises(ArchiveRefused, match="cannot be read as a tar"):
        check(world, run)


def test_the_first_model_creates_the_endpoint(world: World) -> None:
    run = trained(world)

    deploying = deploy(world, run)
    assert (deploying.status, check(world, run).status) == (RunStatus.DEPLOYING, RunStatus.DEPLOYING)
    world.sagemaker.settle(ENDPOINT)
    live = check(world, run)

    assert live.status is RunStatus.LIVE
    assert "Accuracy 0.900" in live.message
    [variant] = world.sagemaker.configs[job(run)]["ProductionVariants"]
    assert variant["ServerlessConfig"] == {"MemorySizeInMB": 2048, "MaxConcurrency": 5}
    assert world.sagemaker.models[job(run)]["PrimaryContainer"]["ModelDataUrl"].endswith("/output/model.tar.gz")
    assert world.sagemaker.models[job(run)]["EnableNetworkIsolation"] is False, "serverless forbids it"


def test_deploying_again_changes_nothing(world: World) -> None:
    run = trained(world)
    first = deploy(world, run)
    # The Lambda died before it could record what it had done.
    RunStore(world.clients.s3, ARTIFACTS).update(first, status=RunStatus.TRAINED, endpoint=None)

    assert deploy(world, run).endpoint == first.endpoint
    assert world.sagemaker.calls.count("CreateEndpoint") == 1
    assert "UpdateEndpoint" not in world.sagemaker.calls


def test_the_next_dataset_updates_the_endpoint_in_place(world: World) -> None:
    first = trained(world)
    deploy(world, first)
    world.sagemaker.settle(ENDPOINT)
    check(world, first)
    second = trained(world, count=21)

    deploy(world, second)
    assert check(world, second).status is RunStatus.DEPLOYING
    world.sagemaker.settle(ENDPOINT)

    assert check(world, second).status is RunStatus.LIVE
    assert world.sagemaker.calls.count("CreateEndpoint") == world.sagemaker.calls.count("UpdateEndpoint") == 1


def test_a_deployment_that_rolls_back_says_so(world: World) -> None:
    first = trained(world)
    deploy(world, first)
    world.sagemaker.settle(ENDPOINT)
    age(world, first, 60)
    second = trained(world, count=21)
    deploy(world, second)
    world.sagemaker.roll_back(ENDPOINT, "The container did not pass the ping health check.")

    run = check(world, second)

    assert run.status is RunStatus.ROLLED_BACK
    assert job(first) in run.message
    assert "ping" in run.message


def test_a_configuration_that_aws_does_not_know_yet_is_waited_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, pauses = trained(world), list[float]()
    hidden = dict[str, Any]()

    def create_config(request: dict[str, Any]) -> dict[str, Any]:
        hidden[request["EndpointConfigName"]] = request
        return {"EndpointConfigArn": "arn"}

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            world.sagemaker.configs |= hidden

    monkeypatch.setattr(world.sagemaker, "CreateEndpointConfig", create_config)
    monkeypatch.setattr("trieur.backends.camembert.endpoints.time.sleep", pause)

    assert deploy(world, run).status is RunStatus.DEPLOYING
    assert pauses == [0.25, 0.5, 1]


def test_an_endpoint_that_another_run_is_changing_is_tried_again_later(world: World) -> None:
    first, second = trained(world), trained(world, "datasets/questions/other.json", 21)
    deploy(world, first)

    with pytest.raises(EndpointBusy, match="Creating"):
        deploy(world, second)

    world.sagemaker.settle(ENDPOINT)
    assert deploy(world, second).status is RunStatus.DEPLOYING


def test_a_slower_older_dataset_never_replaces_a_newer_one(world: World) -> None:
    older, newer = trained(world), trained(world, "datasets/questions/other.json", 21)
    age(world, older, 60)
    deploy(world, newer)
    world.sagemaker.settle(ENDPOINT)
    check(world, newer)

    refused = deploy(world, older)

    assert refused.status is RunStatus.REFUSED
    assert newer.run_id in refused.message
    assert world.sagemaker.endpoints[ENDPOINT]["EndpointConfigName"] == job(newer)


def test_an_older_dataset_waits_for_an_endpoint_that_may_never_answer_with_the_newer(world: World) -> None:
    older, newer = trained(world), trained(world, "datasets/questions/other.json", 21)
    age(world, older, 60)
    deploy(world, newer)

    with pytest.raises(EndpointBusy, match="Creating"):
        deploy(world, older)

    world.sagemaker.endpoints[ENDPOINT] |= {"EndpointStatus": "Failed", "FailureReason": "No capacity."}
    with pytest.raises(EndpointBusy, match="deleted"):
        deploy(world, older)
    assert deploy(world, older).status is RunStatus.DEPLOYING


def test_versions_of_one_key_are_ordered_by_their_sequencer(world: World) -> None:
    older = trained(world, count=20, sequencer="0055AED6DCD90281E5")
    newer = trained(world, count=21, sequencer="0055AED6DCD90281E6")
    age(world, newer, 60)
    deploy(world, newer)
    world.sagemaker.settle(ENDPOINT)

    assert deploy(world, older).status is RunStatus.REFUSED


def test_an_endpoint_whose_creation_failed_is_made_anew(world: World) -> None:
    first = trained(world)
    deploy(world, first)
    world.sagemaker.endpoints[ENDPOINT] |= {"EndpointStatus": "Failed", "FailureReason": "No capacity."}
    assert check(world, first).message == f"Endpoint {ENDPOINT} is Failed: No capacity."
    second = trained(world, count=21)

    with pytest.raises(EndpointBusy):
        deploy(world, second)

    assert deploy(world, second).status is RunStatus.DEPLOYING
    assert world.sagemaker.endpoints[ENDPOINT]["EndpointConfigName"] == job(second)


def test_a_serverless_endpoint_is_not_taken_down_to_become_real_time(world: World) -> None:
    first = trained(world)
    deploy(world, first)
    world.sagemaker.settle(ENDPOINT)
    world.drop("datasets/questions/classifier.json", b'{"endpoint": {"kind": "real-time"}}')
    second = trained(world, count=21)

    refused = deploy(world, second)

    assert refused.status is RunStatus.REFUSED
    assert "delete-endpoint" in refused.message
    assert world.sagemaker.endpoints[ENDPOINT]["EndpointStatus"] == "InService"


def test_a_classifier_without_endpoint_ends_trained(world: World) -> None:
    world.drop("datasets/questions/classifier.json", b'{"endpoint": {"kind": "none"}}')
    run = trained(world)

    assert deploy(world, run).status is RunStatus.TRAINED
    assert world.sagemaker.endpoints == {}


def test_an_endpoint_deleted_by_hand_meanwhile_fails_the_run(world: World) -> None:
    run = trained(world)
    deploy(world, run)
    del world.sagemaker.endpoints[ENDPOINT]

    assert check(world, run).status is RunStatus.FAILED


def test_a_failed_step_ends_the_run(world: World) -> None:
    run = started(world)

    fail_run(run, "A step of the pipeline failed: Lambda.Unknown.", world.deployment, world.clients)

    assert check(world, run).status is RunStatus.FAILED


def test_a_failed_step_after_the_end_changes_nothing(world: World) -> None:
    run = trained(world)
    deploy(world, run)
    world.sagemaker.settle(ENDPOINT)
    live = check(world, run)

    assert fail_run(run, "The notification was lost.", world.deployment, world.clients) == live


def test_a_run_that_is_gone_is_said(world: World) -> None:
    with pytest.raises(LookupError, match="was the run deleted"):
        check(world, RunReference(classifier="questions", run_id="0" * 16, backend="camembert"))
