"""Training jobs from CreateTrainingJob to their end, as plain boto3 sees them."""

from __future__ import annotations

import io
import json
import tarfile
from typing import Any

import pytest

from tests.contract.localcloud.account import ACCOUNT, BUCKET, REGION, Account, channel, refused, until

METRICS = [{"Name": "loss", "Regex": "loss=([0-9.]+)"}, {"Name": "never", "Regex": "never=([0-9.]+)"}]


def algorithm(account: Account) -> dict[str, Any]:
    return {"TrainingImage": account.train_image, "TrainingInputMode": "File", "MetricDefinitions": METRICS}


def unpacked(account: Account, key: str) -> dict[str, str]:
    body = account.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    files = {}
    with tarfile.open(fileobj=io.BytesIO(body)) as tar:
        for member in tar.getmembers():
            stream = tar.extractfile(member)
            if stream is not None:
                files[member.name] = stream.read().decode()
    return files


def in_training(account: Account, name: str) -> None:
    until(
        lambda: account.sagemaker.describe_training_job(TrainingJobName=name)["SecondaryStatus"],
        lambda status: status == "Training",
    )
    group = "/aws/sagemaker/TrainingJobs"
    until(lambda: account.log_lines(group, name), lambda lines: "sleeping" in lines)


def test_a_job_completes_and_leaves_what_sagemaker_leaves(account: Account) -> None:
    job = account.train("whole", HyperParameters={"epochs": "3"}, AlgorithmSpecification=algorithm(account))

    assert job["TrainingJobStatus"] == job["SecondaryStatus"] == "Completed"
    assert job["TrainingJobArn"] == f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:training-job/whole"
    passed = [transition["Status"] for transition in job["SecondaryStatusTransitions"]]
    assert passed == ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    assert all(transition["EndTime"] >= transition["StartTime"] for transition in job["SecondaryStatusTransitions"])
    assert job["ModelArtifacts"]["S3ModelArtifacts"] == f"s3://{BUCKET}/runs/whole/output/model.tar.gz"
    assert [(metric["MetricName"], metric["Value"]) for metric in job["FinalMetricDataList"]] == [("loss", 0.25)]
    assert job["BillableTimeInSeconds"] == job["TrainingTimeInSeconds"] >= 1
    assert "FailureReason" not in job
    assert unpacked(account, "runs/whole/output/model.tar.gz") == {"weights.bin": "trained"}
    lines = account.log_lines("/aws/sagemaker/TrainingJobs", "whole/algo-1-")
    assert lines == ["hello from whole", "loss=0.75 accuracy=0.5", "loss=0.25 accuracy=0.9"]


def test_the_container_sees_the_opt_ml_contract(account: Account) -> None:
    channels = [
        channel("exact", f"s3://{BUCKET}/data/train.jsonl"),
        channel("folder", f"s3://{BUCKET}/data/deep/"),
        channel("bare", f"s3://{BUCKET}/data/deep"),
    ]
    account.train("contract", HyperParameters={"epochs": "3"}, InputDataConfig=channels)

    seen = json.loads(unpacked(account, "runs/contract/output/output.tar.gz")["seen.json"])
    config = {name: json.loads(text) for name, text in seen.items() if name.startswith("input/config/")}
    assert config["input/config/hyperparameters.json"] == {"epochs": "3"}
    assert config["input/config/inputdataconfig.json"]["exact"] == {
        "TrainingInputMode": "File",
        "S3DistributionType": "FullyReplicated",
        "RecordWrapperType": "None",
    }
    assert config["input/config/resourceconfig.json"]["current_host"] == "algo-1"
    assert config["input/config/resourceconfig.json"]["hosts"] == ["algo-1"]
    # A key is a prefix like any other: what merely begins with it comes along.
    assert {name: text for name, text in seen.items() if name.startswith("input/data/")} == {
        "input/data/exact/train.jsonl": "one",
        "input/data/exact/train.jsonl.bak": "two",
        "input/data/folder/a/b.jsonl": "three",
        "input/data/bare/a/b.jsonl": "three",
    }


def test_a_failing_container_gives_its_sentence_and_exit_code(account: Account) -> None:
    job = account.train("failing", HyperParameters={"fail": "Row 3 has no label."})

    assert job["TrainingJobStatus"] == job["SecondaryStatus"] == "Failed"
    assert job["FailureReason"] == "AlgorithmError: Row 3 has no label., exit code: 3"
    assert unpacked(account, "runs/failing/output/output.tar.gz") == {"trace.txt": "what happened"}
    assert "Uploading" not in [transition["Status"] for transition in job["SecondaryStatusTransitions"]]


def test_a_failure_is_cut_to_what_a_failure_reason_holds(account: Account) -> None:
    job = account.train("verbose", HyperParameters={"fail": "x" * 2000})

    assert job["FailureReason"] == f"AlgorithmError: {'x' * 1024}, exit code: 3"


def test_an_unknown_image_cannot_be_pulled(account: Account) -> None:
    unknown = {"TrainingImage": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/images:none", "TrainingInputMode": "File"}
    job = account.train("imageless", AlgorithmSpecification=unknown)

    assert job["FailureReason"] == (
        "ClientError: Cannot pull algorithm container. Either the image does not exist or its permissions are "
        "incorrect."
    )


def test_a_stopped_job_keeps_its_model(account: Account) -> None:
    account.sagemaker.create_training_job(**account.training("stopped", HyperParameters={"sleep": "60", "keep": "1"}))
    in_training(account, "stopped")

    account.sagemaker.stop_training_job(TrainingJobName="stopped")
    job = account.ended("stopped")

    assert job["TrainingJobStatus"] == job["SecondaryStatus"] == "Stopped"
    assert "Stopping" in [transition["Status"] for transition in job["SecondaryStatusTransitions"]]
    assert unpacked(account, "runs/stopped/output/model.tar.gz") == {"weights.bin": "half trained"}
    assert refused(account.sagemaker.stop_training_job, TrainingJobName="stopped") == (
        "ValidationException",
        "The request was rejected because the training job is in status Stopped.",
    )


def test_a_job_that_ignores_sigterm_is_killed(account: Account) -> None:
    account.sagemaker.create_training_job(**account.training("deaf", HyperParameters={"sleep": "60", "deaf": "1"}))
    in_training(account, "deaf")

    account.sagemaker.stop_training_job(TrainingJobName="deaf")

    assert account.ended("deaf")["TrainingJobStatus"] == "Stopped"


def test_a_job_out_of_time_is_stopped(account: Account) -> None:
    job = account.train("late", HyperParameters={"sleep": "60"}, StoppingCondition={"MaxRuntimeInSeconds": 1})

    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")
    assert unpacked(account, "runs/late/output/model.tar.gz") == {}


def test_a_name_is_given_once(account: Account) -> None:
    account.train("once")

    assert refused(account.sagemaker.create_training_job, **account.training("Once")) == (
        "ResourceInUse",
        "Training job names must be unique within an AWS account and region, and a training job with this name already "
        f"exists (arn:aws:sagemaker:{REGION}:{ACCOUNT}:training-job/once)",
    )


@pytest.mark.parametrize("call", ["describe_training_job", "stop_training_job"])
def test_an_unknown_job_is_a_validation_exception(account: Account, call: str) -> None:
    # Not the ResourceNotFound of the model: see boto3's issue 2808.
    assert refused(getattr(account.sagemaker, call), TrainingJobName="unknown") == (
        "ValidationException",
        "Requested resource not found.",
    )


def test_a_channel_without_objects_is_refused_at_once(account: Account) -> None:
    nothing = [channel("train", f"s3://{BUCKET}/nothing/here")]

    assert refused(account.sagemaker.create_training_job, **account.training("empty", InputDataConfig=nothing)) == (
        "ValidationException",
        f'No S3 objects found under S3 URL "s3://{BUCKET}/nothing/here" given in input data source. Please ensure that '
        f"the bucket exists in the selected region ({REGION}), that objects exist under that S3 prefix, and that the "
        f'role "{account.role}" has "s3:ListBucket" permissions on bucket "{BUCKET}".',
    )


def test_names_are_checked_against_the_service_model(account: Account) -> None:
    assert refused(account.sagemaker.create_training_job, **account.training("under_score")) == (
        "ValidationException",
        "1 validation error detected: Value 'under_score' at 'trainingJobName' failed to satisfy constraint: Member "
        "must satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}",
    )


def test_a_value_out_of_its_set_is_refused(account: Account) -> None:
    resources = {"InstanceType": "ml.none.huge", "InstanceCount": 1, "VolumeSizeInGB": 10}

    code, message = refused(
        account.sagemaker.create_training_job, **account.training("typed", ResourceConfig=resources)
    )

    assert code == "ValidationException"
    assert message.startswith(
        "1 validation error detected: Value 'ml.none.huge' at 'resourceConfig.instanceType' failed to satisfy "
        "constraint: Member must satisfy enum value set: ["
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"RetryStrategy": {"MaximumRetryAttempts": 1}}, "RetryStrategy is not offered by the local AWS."),
        (
            {"ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 2, "VolumeSizeInGB": 10}},
            "The local AWS trains on one instance: InstanceCount must be 1.",
        ),
    ],
)
def test_what_is_not_offered_is_refused_rather_than_ignored(
    account: Account, changes: dict[str, Any], message: str
) -> None:
    assert refused(account.sagemaker.create_training_job, **account.training("extra", **changes)) == (
        "ValidationException",
        message,
    )


def test_environment_and_isolation_reach_the_container(
    account: Account, tmp_path_factory: pytest.TempPathFactory
) -> None:
    program = """
    import json, os, pathlib
    path = pathlib.Path(os.environ["OPT_ML"]) / "output" / "data" / "environment.json"
    path.write_text(json.dumps(dict(os.environ)))
    """
    image = account.image(tmp_path_factory.mktemp("printer"), "environment", program)
    account.train(
        "environment",
        AlgorithmSpecification={"TrainingImage": image, "TrainingInputMode": "File"},
        Environment={"COLOUR": "blue"},
        EnableNetworkIsolation=True,
    )

    environment = json.loads(unpacked(account, "runs/environment/output/output.tar.gz")["environment.json"])
    assert environment["COLOUR"] == "blue"
    assert environment["HF_HUB_OFFLINE"] == "1"
    assert environment["TRAINING_JOB_NAME"] == "environment"
    assert environment["TRAINING_JOB_ARN"].endswith(":training-job/environment")
    assert environment["AWS_REGION"] == REGION
    assert not any(name.startswith("AWS_SECRET") for name in environment)


def test_eventbridge_is_told_of_every_change(account: Account) -> None:
    session = account.cloud.session()
    queue = session.client("sqs").create_queue(QueueName="changes")["QueueUrl"]
    pattern = {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Training Job State Change"],
        "detail": {"TrainingJobName": ["told"], "TrainingJobStatus": ["Completed"]},
    }
    session.client("events").put_rule(Name="changes", EventPattern=json.dumps(pattern))
    target = {"Id": "queue", "Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:changes"}
    session.client("events").put_targets(Rule="changes", Targets=[target])

    arn = account.train("told")["TrainingJobArn"]
    messages = until(lambda: session.client("sqs").receive_message(QueueUrl=queue).get("Messages"), bool)

    event = json.loads(messages[0]["Body"])
    assert event["resources"] == [arn]
    assert event["detail"]["SecondaryStatus"] == "Completed"
    assert isinstance(event["detail"]["CreationTime"], int)
