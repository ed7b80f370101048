"""IAM: what callers of transform jobs may ask, and what the jobs may do as their model's role."""

from __future__ import annotations

from tests.contract.localcloud.account import ACCOUNT, BUCKET, REGION, allow, refused, trust
from tests.contract.localcloud.transforms import Transforms

ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:transform-job"


def test_the_job_acts_as_the_models_role(transforms: Transforms) -> None:
    bucket, objects = f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"
    fetch = allow("s3:GetObject", resource=f"arn:aws:s3:::{BUCKET}/transform-models/*")
    seek = allow("s3:ListBucket", resource=bucket)
    read = allow("s3:GetObject", resource=objects)
    pull, log = allow("ecr:*"), allow("logs:*")

    for name, grants, expected in (
        ("no-list", [fetch, pull, log], f"Unable to list objects s3://{BUCKET}/no-list/in/ (AccessDenied"),
        ("no-read", [fetch, pull, log, seek], f"object s3://{BUCKET}/no-read/in/a.txt (AccessDenied"),
        ("no-write", [read, pull, log, seek], f"object s3://{BUCKET}/no-write/out/a.txt.out (AccessDenied"),
        ("no-pull", [read, log, seek], "does not have BatchGetImage permission"),
    ):
        model = transforms.model_of_role(name, grants)
        job = transforms.run(name, {"a.txt": b"one\n"}, ModelName=model)
        assert job["TransformJobStatus"] == "Failed"
        assert job["FailureReason"].startswith("ClientError: ")
        assert expected in job["FailureReason"]


def test_the_role_is_taken_on_for_the_job(transforms: Transforms) -> None:
    grants = [allow("s3:*", "logs:*", "ecr:*")]
    for name, of, expected in (("mine", "mine", "Completed"), ("yours", "mine", "Failed")):
        trusted = trust(ArnLike={"aws:SourceArn": f"{ARN}/trusted-{of}"})
        role = transforms.account.new_role(f"trusted-{name}", grants, trusted)
        # Without data: CreateModel would look for it under another source.
        transforms.sagemaker.create_model(
            ModelName=f"trusted-{name}", PrimaryContainer={"Image": transforms.image}, ExecutionRoleArn=role
        )
        job = transforms.run(f"trusted-{name}", {"a.txt": b"one\n"}, ModelName=f"trusted-{name}")
        assert job["TransformJobStatus"] == expected
    assert "cannot be assumed by the service principal" in job["FailureReason"]


def test_callers_need_grants(transforms: Transforms) -> None:
    start = allow("sagemaker:CreateTransformJob", resource=f"{ARN}/granted-*")
    client = transforms.account.as_user("transformer", [start])("sagemaker")
    transforms.account.put("granted-1/in/a.txt", b"one\n")

    def denied(action: str, resource: str) -> tuple[str, str]:
        return (
            "AccessDeniedException",
            f"User: arn:aws:iam::{ACCOUNT}:user/transformer is not authorized to perform: {action} on resource: "
            f"{resource} because no identity-based policy allows the {action} action",
        )

    name = {"TransformJobName": "granted-1"}
    assert refused(client.create_transform_job, **transforms.request("other")) == denied(
        "sagemaker:CreateTransformJob", f"{ARN}/other"
    )
    assert refused(client.describe_transform_job, **name) == denied(
        "sagemaker:DescribeTransformJob", f"{ARN}/granted-1"
    )
    assert refused(client.stop_transform_job, **name) == denied("sagemaker:StopTransformJob", f"{ARN}/granted-1")
    assert refused(client.list_transform_jobs) == denied("sagemaker:ListTransformJobs", "*")
    tagged = transforms.request("granted-1", Tags=[{"Key": "team", "Value": "sorting"}])
    assert refused(client.create_transform_job, **tagged) == denied("sagemaker:AddTags", f"{ARN}/granted-1")
    # The model's role was passed with the model: no iam:PassRole here.
    client.create_transform_job(**transforms.request("granted-1"))
    assert transforms.ended("granted-1")["TransformJobStatus"] == "Completed"


def test_instance_types_can_be_limited(transforms: Transforms) -> None:
    limit = {"ForAllValues:StringEquals": {"sagemaker:InstanceTypes": ["ml.m5.large"]}}
    grant = allow("sagemaker:CreateTransformJob", **limit)
    client = transforms.account.as_user("thrifty", [grant])("sagemaker")
    dear = {"InstanceType": "ml.p3.2xlarge", "InstanceCount": 1}

    assert refused(client.create_transform_job, **transforms.request("dear", TransformResources=dear))[0] == (
        "AccessDeniedException"
    )
    assert transforms.account.put("cheap/in/a.txt", b"one\n")
    client.create_transform_job(**transforms.request("cheap"))
    assert transforms.ended("cheap")["TransformJobStatus"] == "Completed"
