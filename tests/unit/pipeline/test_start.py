import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.world import ARTIFACTS, INBOX, AwsError, World, examples
from trieur.drops import Drop
from trieur.pipeline.check import check_run
from trieur.pipeline.start import start_runs
from trieur.runs import RunReference


def start(world: World, drop: Drop):
    return start_runs(drop, world.deployment, world.clients)


def test_a_dataset_starts_one_run(world: World) -> None:
    started = start(world, world.drop("datasets/questions/drop.json", examples()))

    assert started.outcome == "started"
    run = world.json(f"runs/questions/{started.run_ids[0]}/run.json")
    assert (run["status"], run["dataset"]["key"]) == ("TRAINING", "datasets/questions/drop.json")
    assert sum(split["examples"] for split in run["splits"].values()) == 40
    job = world.sagemaker.jobs[f"trieur-questions-{started.run_ids[0]}"]
    assert job["ResourceConfig"]["InstanceType"] == "ml.m5.large", "the deployment's default"
    assert job["EnableNetworkIsolation"] is True
    assert {channel["ChannelName"] for channel in job["InputDataConfig"]} == {"train", "validation", "test"}
    assert job["HyperParameters"]["mode"] == "multi-class"
    assert all(isinstance(value, str) for value in job["HyperParameters"].values())
    assert world.executions() == [f"questions-{started.run_ids[0]}"]


def test_the_splits_hold_every_example_once(world: World) -> None:
    started = start(world, world.drop("datasets/questions/drop.json", examples()))

    rows = [
        json.loads(line)
        for name in ("train", "validation", "test")
        for line in world.clients.s3.get_object(
            Bucket=ARTIFACTS, Key=f"runs/questions/{started.run_ids[0]}/splits/{name}.jsonl"
        )["Body"]
        .read()
        .splitlines()
    ]
    assert sorted(row["text"] for row in rows) == sorted(row["text"] for row in json.loads(examples()))


def test_the_same_drop_again_changes_nothing(world: World) -> None:
    drop = world.drop("datasets/questions/drop.json", examples())
    first = start(world, drop)
    before = world.json(f"runs/questions/{first.run_ids[0]}/run.json")

    assert start(world, drop) == first
    assert len(world.sagemaker.jobs) == len(world.executions()) == 1
    assert world.json(f"runs/questions/{first.run_ids[0]}/run.json") == before


def test_the_same_drop_at_the_same_time_does_not_set_the_run_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one attempt starts the training, the other's execution finds it completed."""
    drop = world.drop("datasets/questions/drop.json", examples())
    create = world.sagemaker.CreateTrainingJob

    def create_slowly(request: dict[str, Any]) -> dict[str, Any]:
        monkeypatch.setattr(world.sagemaker, "CreateTrainingJob", create)
        (run_id,) = start(world, drop).run_ids
        world.complete_training(f"trieur-questions-{run_id}")
        check_run(
            RunReference(classifier="questions", run_id=run_id, backend="camembert"), world.deployment, world.clients
        )
        return create(request)

    monkeypatch.setattr(world.sagemaker, "CreateTrainingJob", create_slowly)

    (run_id,) = start(world, drop).run_ids

    run = world.json(f"runs/questions/{run_id}/run.json")
    assert (run["status"], run["training"]["billable_seconds"]) == ("TRAINED", 61)


def test_a_run_past_training_is_not_trained_again(world: World) -> None:
    drop = world.drop("datasets/questions/drop.json", examples())
    started = start(world, drop)
    key = f"runs/questions/{started.run_ids[0]}/run.json"
    run = world.json(key) | {"status": "LIVE"}
    world.clients.s3.put_object(Bucket=ARTIFACTS, Key=key, Body=json.dumps(run).encode())
    world.sagemaker.calls.clear()

    start(world, drop)

    assert world.sagemaker.calls == []
    assert world.json(key)["status"] == "LIVE"


def test_a_crash_after_the_run_was_written_is_made_good_by_the_retry(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop = world.drop("datasets/questions/drop.json", examples())
    with monkeypatch.context() as broken:
        broken.setattr(world.sagemaker, "CreateTrainingJob", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            start(world, drop)
    assert world.executions() == []

    started = start(world, drop)

    assert list(world.sagemaker.jobs) == [f"trieur-questions-{started.run_ids[0]}"]
    assert world.executions() == [f"questions-{started.run_ids[0]}"]


def test_an_older_version_arriving_late_starts_nothing(world: World) -> None:
    old = world.drop("datasets/questions/drop.json", examples())
    new = world.drop("datasets/questions/drop.json", examples(21))
    start(world, new)

    late = start(world, old)

    assert (late.outcome, len(world.sagemaker.jobs)) == ("ignored", 1)
    assert "older than the latest" in late.message


def test_a_dataset_deleted_meanwhile_starts_nothing(world: World) -> None:
    drop = world.drop("datasets/questions/drop.json", examples())
    world.clients.s3.delete_object(Bucket=INBOX, Key=drop.key)

    assert start(world, drop).outcome == "ignored"
    assert world.artifacts() == []


@pytest.mark.parametrize(
    ("key", "body", "reason"),
    [
        ("datasets/questions/drop.json", b'[{"text": "a", "label": "A"}', "truncated"),
        ("datasets/questions/drop.json", b"", "empty"),
        ("datasets/questions/drop.xlsx", examples(), ".jsonl"),
        ("datasets/Questions/drop.json", examples(), "cannot name a classifier"),
        ("datasets/drop.json", examples(), "belongs to no classifier"),
    ],
)
def test_a_refused_drop_is_filed_and_told_once_and_starts_nothing(
    world: World, key: str, body: bytes, reason: str
) -> None:
    drop = world.drop(key, body)
    refused = start(world, drop)
    again = start(world, drop)

    assert refused == again
    assert refused.outcome == "refused"
    assert world.artifacts() == [f"runs/{refused.classifier}/{refused.run_ids[0]}/rejected.json"]
    assert reason.lower() in world.json(world.artifacts()[0])["error"].lower()
    [notification] = world.notifications()
    assert refused.message in notification["Message"]
    assert notification["MessageAttributes"]["status"]["Value"] == "REFUSED"
    assert (world.sagemaker.calls, world.executions()) == ([], [])


@pytest.mark.parametrize(
    "key",
    [
        "datasets/",
        "datasets/questions/",
        "datasets/questions/classifier.json",
        "datasets/questions/.DS_Store",
        "elsewhere/questions/drop.json",
    ],
)
def test_what_is_no_dataset_is_left_alone(world: World, key: str) -> None:
    assert start(world, world.drop(key, b"")).outcome == "ignored"
    assert (world.artifacts(), world.notifications()) == ([], [])


@pytest.mark.parametrize(
    "key",
    [
        "datasets/questions/a b+c%20d.json",
        "datasets/questions/été.json",
        "datasets/questions/e\u0301te\u0301.json",
        "datasets/questions/2026/novembre/drop.json",
    ],
)
def test_any_key_works(world: World, key: str) -> None:
    started = start(world, world.drop(key, examples()))

    assert started.outcome == "started"
    assert world.json(f"runs/questions/{started.run_ids[0]}/run.json")["dataset"]["key"] == key


def test_accents_composed_or_not_name_different_drops(world: World) -> None:
    composed = start(world, world.drop("datasets/questions/é.json", examples()))
    decomposed = start(world, world.drop("datasets/questions/e\u0301.json", examples()))

    assert composed.run_ids[0] != decomposed.run_ids[0]


def test_the_classifiers_settings_lie_over_the_deployments(world: World) -> None:
    settings = {"hyperparameters": {"epochs": 3}, "language": "en", "base_model": f"s3://{ARTIFACTS}/base-models/x/"}
    world.drop("datasets/questions/classifier.json", json.dumps(settings).encode())

    started = start(world, world.drop("datasets/questions/drop.json", examples()))

    job = world.sagemaker.jobs[f"trieur-questions-{started.run_ids[0]}"]
    assert (job["HyperParameters"]["epochs"], job["HyperParameters"]["language"]) == ("3", "en")
    assert job["ResourceConfig"]["InstanceType"] == "ml.m5.large"
    channels = {c["ChannelName"]: c["DataSource"]["S3DataSource"]["S3Uri"] for c in job["InputDataConfig"]}
    assert channels["pretrained"] == settings["base_model"]
    assert "base_model" not in job["HyperParameters"]


def test_settings_that_cannot_be_used_refuse_the_dataset(world: World) -> None:
    world.drop("datasets/questions/classifier.json", b'{"hyperparameters": {"epoch": 3}}')

    refused = start(world, world.drop("datasets/questions/drop.json", examples()))

    assert refused.outcome == "refused"
    assert "hyperparameters.epoch" in refused.message


def test_a_refused_dataset_leaves_the_running_one_alone(world: World) -> None:
    good = start(world, world.drop("datasets/questions/drop.json", examples()))
    start(world, world.drop("datasets/questions/drop.json", b"not json"))

    assert world.json(f"runs/questions/{good.run_ids[0]}/run.json")["status"] == "TRAINING"
    assert len(world.sagemaker.jobs) == 1


def test_settings_spoilt_since_do_not_refuse_a_drop_that_has_its_run(world: World) -> None:
    drop = world.drop("datasets/questions/drop.json", examples())
    first = start(world, drop)
    world.drop("datasets/questions/classifier.json", b"{")

    assert start(world, drop) == first
    assert world.notifications() == []
    assert not any(key.endswith("rejected.json") for key in world.artifacts())


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (
            "ValidationException",
            'No S3 objects found under S3 URL "s3://artifacts/base-models/ml.zzz.large/" given in input data source. '
            "Please ensure that the bucket exists in the selected region.",
        ),
        (
            "ValidationException",
            "1 validation error detected: Value 'ml.zzz.large' at 'resourceConfig.instanceType' failed to satisfy "
            f"constraint: Member must satisfy enum value set: [{', '.join(map('ml.m{}.large'.format, range(200)))}]",
        ),
        (
            "ResourceLimitExceeded",
            "The account-level service limit 'ml.zzz.large for training job usage' is 0 Instances, with current "
            "utilization of 0 Instances and a request delta of 1 Instances.",
        ),
    ],
)
def test_a_training_that_aws_will_not_start_is_refused_and_told(
    world: World, monkeypatch: pytest.MonkeyPatch, code: str, message: str
) -> None:
    def refuse(_: object) -> None:
        raise AwsError(code, message)

    monkeypatch.setattr(world.sagemaker, "CreateTrainingJob", refuse)
    drop = world.drop("datasets/questions/drop.json", examples())

    refused = start(world, drop)
    start(world, drop)

    assert refused.outcome == "refused"
    [run] = [world.json(key) for key in world.artifacts() if key.endswith("run.json")]
    assert run["status"] == "REFUSED"
    [notification] = world.notifications()
    for told in (refused.message, run["message"], notification["Message"]):
        assert "ml.zzz.large" in told
        assert len(told) < 600
    assert world.executions() == []


def test_a_duplicate_is_not_refused_for_the_quota_that_its_own_training_uses_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: object) -> None:
        raise AwsError("ResourceLimitExceeded", "The account-level service limit is 1 Instances.")

    drop = world.drop("datasets/questions/drop.json", examples())
    first = start(world, drop)
    monkeypatch.setattr(world.sagemaker, "CreateTrainingJob", refuse)

    assert start(world, drop) == first
    assert world.notifications() == []


def test_what_may_pass_is_left_to_the_retry(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise AwsError("ValidationException", "Could not assume role arn:aws:iam::1:role/training.")

    monkeypatch.setattr(world.sagemaker, "CreateTrainingJob", refuse)

    with pytest.raises(ClientError, match="assume role"):
        start(world, world.drop("datasets/questions/drop.json", examples()))


def test_the_image_recorded_is_the_one_that_trains(world: World) -> None:
    drop = world.drop("datasets/questions/drop.json", examples())
    first = start(world, drop)
    redeployed = world.deployment.model_copy(update={"train_image": "another"})

    start_runs(drop, redeployed, world.clients)

    run = world.json(f"runs/questions/{first.run_ids[0]}/run.json")
    assert run["training"]["image"] == world.deployment.train_image
