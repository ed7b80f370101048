"""CheckpointConfig: a folder of the container, and what of it is in S3 before, while and after it runs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.localcloud.account import BUCKET, Account, allow, refused, until
from tests.contract.localcloud.counting import Counting


@pytest.fixture(scope="module")
def counting(account: Account, tmp_path_factory: pytest.TempPathFactory) -> Counting:
    return Counting(account, tmp_path_factory.mktemp("counting"))


def test_checkpoints_are_in_s3_while_the_job_runs(counting: Counting) -> None:
    counting.start("running", "wait")

    kept = until(lambda: counting.kept("running"), lambda kept: kept.get("deep/count") == "3")

    assert kept == {"deep/count": "3"}
    job = counting.account.sagemaker.describe_training_job(TrainingJobName="running")
    assert job["TrainingJobStatus"] == "InProgress"
    assert job["CheckpointConfig"] == {"S3Uri": f"s3://{BUCKET}/checkpoints/running"}
    counting.account.sagemaker.stop_training_job(TrainingJobName="running")
    counting.account.ended("running")


def test_a_job_goes_on_where_a_stopped_one_was(counting: Counting) -> None:
    counting.start("first", "wait", at="shared")
    until(lambda: counting.said("first"), lambda lines: "waiting" in lines)
    counting.account.sagemaker.stop_training_job(TrainingJobName="first")
    counting.account.ended("first")
    assert counting.kept("shared") == {"deep/count": "3", "farewell": "asked to end"}

    counting.train("second", "wait", at="shared")

    assert counting.said("second") == ["begun at 3"]
    # What the container has deleted is deleted.
    assert counting.kept("shared") == {"deep/count": "5"}


def test_a_failed_job_keeps_its_checkpoints(counting: Counting) -> None:
    job = counting.train("broken", "fail")

    assert job["FailureReason"] == "AlgorithmError: , exit code: 1"
    assert counting.kept("broken") == {"deep/count": "5"}


def test_the_local_path_is_honoured(counting: Counting) -> None:
    config = {"S3Uri": f"s3://{BUCKET}/checkpoints/elsewhere/", "LocalPath": "/opt/ml/else/where"}
    job = counting.train("elsewhere", HyperParameters={"folder": "else/where"}, CheckpointConfig=config)

    assert job["TrainingJobStatus"] == "Completed"
    assert job["CheckpointConfig"] == config
    assert counting.kept("elsewhere") == {"deep/count": "5"}


def test_without_a_configuration_there_is_no_folder(counting: Counting) -> None:
    request = counting.request("folderless")
    del request["CheckpointConfig"]
    counting.account.sagemaker.create_training_job(**request)

    job = counting.account.ended("folderless")

    assert "CheckpointConfig" not in job
    assert job["FailureReason"] == "AlgorithmError: , exit code: 1"
    assert any("No such file or directory" in line for line in counting.said("folderless"))


@pytest.mark.parametrize(
    ("missing", "reason"),
    [
        ("GetObject", "ClientError: Data download failed:Unable to download object"),
        ("PutObject", "ClientError: Artifact upload failed:Unable to upload object"),
        ("DeleteObject", "ClientError: Artifact upload failed:Unable to upload object"),
    ],
)
def test_a_role_needs_a_grant_for_each_way(counting: Counting, missing: str, reason: str) -> None:
    name = missing.lower()
    for key in ("deep/count", "farewell"):
        counting.account.put(f"checkpoints/{name}/{key}", b"3")
    mine = f"arn:aws:s3:::{BUCKET}/checkpoints/*"
    may = [f"s3:{action}" for action in ("GetObject", "PutObject", "DeleteObject") if action != missing]
    role = counting.account.new_role(
        f"without-{name}",
        [
            allow("ecr:*", "logs:*", "s3:ListBucket"),
            allow("s3:GetObject", resource=f"arn:aws:s3:::{BUCKET}/data/*"),
            allow("s3:PutObject", resource=f"arn:aws:s3:::{BUCKET}/runs/*"),
            allow(*may, resource=mine),
        ],
    )

    job = counting.train(name, RoleArn=role)

    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith(f"{reason} s3://{BUCKET}/checkpoints/{name}/")
    assert "AccessDenied" in job["FailureReason"]


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            {"S3Uri": f"s3://{BUCKET}/checkpoints/", "LocalPath": "/tmp/checkpoints"},
            "The local AWS keeps checkpoints in a folder of their own below /opt/ml: CheckpointConfig.LocalPath is "
            "/tmp/checkpoints.",
        ),
        (
            {"S3Uri": f"s3://{BUCKET}/checkpoints/", "LocalPath": "/opt/ml/../checkpoints"},
            "The local AWS keeps checkpoints in a folder of their own below /opt/ml: CheckpointConfig.LocalPath is "
            "/opt/ml/../checkpoints.",
        ),
        (
            {"S3Uri": f"https://s3.eu-west-1.amazonaws.com/{BUCKET}/checkpoints/"},
            "The local AWS keeps checkpoints at a CheckpointConfig.S3Uri of s3://.",
        ),
    ],
)
def test_checkpoints_that_cannot_be_kept_are_refused(counting: Counting, config: dict[str, str], message: str) -> None:
    request = counting.request("refused", CheckpointConfig=config)

    assert refused(counting.account.sagemaker.create_training_job, **request) == ("ValidationException", message)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 60}},
            "Invalid MaxWaitTimeInSeconds. It is only supported when EnableManagedSpotTraining is set to true",
        ),
        (
            {
                "EnableManagedSpotTraining": True,
                "StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 59},
            },
            "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds",
        ),
        (
            {"EnableManagedSpotTraining": True, "StoppingCondition": {"MaxRuntimeInSeconds": 60}},
            "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds",
        ),
    ],
)
def test_the_wait_belongs_to_spot_and_includes_the_training(
    account: Account, changes: dict[str, Any], message: str
) -> None:
    assert refused(account.sagemaker.create_training_job, **account.training("hasty", **changes)) == (
        "ValidationException",
        message,
    )


def test_a_job_whose_wait_is_over_is_stopped(account: Account) -> None:
    job = account.train(
        "impatient",
        HyperParameters={"sleep": "60"},
        EnableManagedSpotTraining=True,
        StoppingCondition={"MaxRuntimeInSeconds": 1, "MaxWaitTimeInSeconds": 1},
    )

    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxWaitTimeExceeded")
    passed = [transition["Status"] for transition in job["SecondaryStatusTransitions"]]
    assert passed == ["Starting", "Downloading", "Training", "Stopping", "MaxWaitTimeExceeded"]
