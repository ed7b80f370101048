"""IAM: what callers may ask, and what jobs and endpoints may do as their roles."""

from __future__ import annotations

import json

import pytest

from tests.contract.localcloud.account import ACCOUNT, BUCKET, REGION, Account, allow, channel, refused, trust

SAGEMAKER = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"
PASSED = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}


def denied(user: str, action: str, resource: str) -> tuple[str, str]:
    return (
        "AccessDeniedException",
        f"User: arn:aws:iam::{ACCOUNT}:user/{user} is not authorized to perform: {action} on resource: {resource} "
        f"because no identity-based policy allows the {action} action",
    )


def test_without_a_grant_nothing_is_allowed(account: Account) -> None:
    nobody = account.as_user("nobody", [allow("s3:ListAllMyBuckets")])

    for call, action in (("list_training_jobs", "ListTrainingJobs"), ("list_endpoints", "ListEndpoints")):
        assert refused(getattr(nobody("sagemaker"), call)) == denied("nobody", f"sagemaker:{action}", "*")
    assert refused(nobody("sagemaker").describe_endpoint, EndpointName="any") == denied(
        "nobody", "sagemaker:DescribeEndpoint", f"{SAGEMAKER}:endpoint/any"
    )
    assert refused(nobody("sagemaker-runtime").invoke_endpoint, EndpointName="any", Body=b"text") == denied(
        "nobody", "sagemaker:InvokeEndpoint", f"{SAGEMAKER}:endpoint/any"
    )


def test_a_grant_holds_for_its_resources_only(account: Account) -> None:
    mine = allow("sagemaker:DescribeTrainingJob", resource=f"{SAGEMAKER}:training-job/mine-*")
    client = account.as_user("owner", [mine])("sagemaker")

    assert refused(client.describe_training_job, TrainingJobName="mine-1")[1] == "Requested resource not found."
    assert refused(client.describe_training_job, TrainingJobName="yours-1") == denied(
        "owner", "sagemaker:DescribeTrainingJob", f"{SAGEMAKER}:training-job/yours-1"
    )


def test_an_explicit_deny_wins(account: Account) -> None:
    deny = {"Effect": "Deny", "Action": "sagemaker:List*", "Resource": "*"}
    client = account.as_user("barred", [allow("sagemaker:*"), deny])("sagemaker")

    code, message = refused(client.list_models)

    assert code == "AccessDeniedException"
    assert message.endswith("on resource: * with an explicit deny in an identity-based policy")


def test_a_role_must_be_passed(account: Account) -> None:
    client = account.as_user("starter", [allow("sagemaker:CreateTrainingJob", "sagemaker:CreateModel")])("sagemaker")
    model = {"ModelName": "m", "PrimaryContainer": {"Image": account.serve_image}, "ExecutionRoleArn": account.role}

    expected = denied("starter", "iam:PassRole", account.role)
    assert refused(client.create_training_job, **account.training("unpassed")) == expected
    assert refused(client.create_model, **model) == expected


def test_a_role_is_passed_to_the_service_the_grant_names(account: Account) -> None:
    to_lambda = {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
    start = allow("sagemaker:CreateTrainingJob")
    wrong = account.as_user("misdirected", [start, allow("iam:PassRole", **to_lambda)])("sagemaker")
    right = account.as_user("directed", [start, allow("iam:PassRole", resource=account.role, **PASSED)])("sagemaker")

    assert refused(wrong.create_training_job, **account.training("misdirected")) == denied(
        "misdirected", "iam:PassRole", account.role
    )
    right.create_training_job(**account.training("directed"))
    assert account.ended("directed")["TrainingJobStatus"] == "Completed"


def test_tags_at_creation_need_their_own_grant(account: Account) -> None:
    grants = [allow("sagemaker:CreateTrainingJob"), allow("iam:PassRole", **PASSED)]
    client = account.as_user("tagger", grants)("sagemaker")

    request = account.training("tagged-job", Tags=[{"Key": "team", "Value": "sorting"}])
    assert refused(client.create_training_job, **request) == denied(
        "tagger", "sagemaker:AddTags", f"{SAGEMAKER}:training-job/tagged-job"
    )


def test_an_endpoint_needs_a_grant_on_its_configuration_too(account: Account) -> None:
    grant = allow("sagemaker:CreateEndpoint", resource=f"{SAGEMAKER}:endpoint/*")
    client = account.as_user("half", [grant])("sagemaker")

    assert refused(client.create_endpoint, EndpointName="e", EndpointConfigName="c") == denied(
        "half", "sagemaker:CreateEndpoint", f"{SAGEMAKER}:endpoint-config/c"
    )


@pytest.mark.parametrize(
    ("key", "value", "request_key", "asked"),
    [
        ("sagemaker:InstanceTypes", ["ml.m5.large"], "ResourceConfig", "ml.m5.xlarge"),
        ("sagemaker:NetworkIsolation", "true", "EnableNetworkIsolation", False),
    ],
)
def test_condition_keys_are_filled(account: Account, key: str, value: object, request_key: str, asked: object) -> None:
    operator = "Bool" if key == "sagemaker:NetworkIsolation" else "ForAllValues:StringEquals"
    name = key.partition(":")[2].lower()
    grant = allow("sagemaker:CreateTrainingJob", **{operator: {key: value}})
    client = account.as_user(name, [grant, allow("iam:PassRole", **PASSED)])("sagemaker")
    size = {"InstanceCount": 1, "VolumeSizeInGB": 10}

    def changes(wanted: object) -> dict[str, object]:
        return {request_key: {**size, "InstanceType": wanted} if request_key == "ResourceConfig" else wanted}

    refusal = refused(client.create_training_job, **account.training(f"not-{name}", **changes(asked)))
    assert refusal == denied(name, "sagemaker:CreateTrainingJob", f"{SAGEMAKER}:training-job/not-{name}")
    allowed = "ml.m5.large" if request_key == "ResourceConfig" else True
    client.create_training_job(**account.training(f"may-{name}", **changes(allowed)))
    assert account.ended(f"may-{name}")["TrainingJobStatus"] == "Completed"


def test_a_wrong_signature_is_refused(account: Account) -> None:
    account.as_user("signer", [allow("sagemaker:*")])
    key = account.iam.create_access_key(UserName="signer")["AccessKey"]["AccessKeyId"]
    forger = account.cloud.session().client("sagemaker", aws_access_key_id=key, aws_secret_access_key="guessed")

    assert refused(forger.list_models)[0] == "SignatureDoesNotMatch"
    stranger = account.cloud.session().client(
        "sagemaker", aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="guessed"
    )
    assert refused(stranger.list_models)[0] == "UnrecognizedClientException"


def test_sagemaker_must_be_trusted_by_the_role(account: Account) -> None:
    role = account.new_role("for-lambda", [allow("s3:*")], trust("lambda.amazonaws.com"))

    for arn in (role, f"arn:aws:iam::{ACCOUNT}:role/nobody"):
        assert refused(account.sagemaker.create_training_job, **account.training("untrusted", RoleArn=arn)) == (
            "ValidationException",
            f"Could not assume role {arn}. Please ensure that the role exists and allows principal "
            "'sagemaker.amazonaws.com' to assume the role.",
        )


@pytest.mark.parametrize(
    ("name", "conditions", "trusted"),
    [
        ("own-account", {"StringEquals": {"aws:SourceAccount": ACCOUNT}}, True),
        ("other-account", {"StringEquals": {"aws:SourceAccount": "123456789012"}}, False),
        ("own-jobs", {"ArnLike": {"aws:SourceArn": f"{SAGEMAKER}:training-job/*"}}, True),
        ("other-jobs", {"ArnLike": {"aws:SourceArn": f"{SAGEMAKER}:training-job/special-*"}}, False),
    ],
)
def test_the_trust_policys_conditions_hold(
    account: Account, name: str, conditions: dict[str, dict[str, str]], trusted: bool
) -> None:
    role = account.new_role(f"trust-{name}", [allow("s3:*", "ecr:*")], trust(**conditions))
    request = account.training(f"trust-{name}", RoleArn=role)

    if trusted:
        account.sagemaker.create_training_job(**request)
        assert account.ended(f"trust-{name}")["TrainingJobStatus"] == "Completed"
    else:
        assert refused(account.sagemaker.create_training_job, **request)[1].startswith("Could not assume role")


def test_hosting_gives_its_whole_region_as_source(account: Account) -> None:
    whole = account.new_role(
        "hosting-whole", [allow("s3:*", "ecr:*")], trust(ArnLike={"aws:SourceArn": f"{SAGEMAKER}:*"})
    )
    endpoints = account.new_role(
        "hosting-endpoints", [allow("s3:*", "ecr:*")], trust(ArnLike={"aws:SourceArn": f"{SAGEMAKER}:endpoint/*"})
    )

    account.model("trusting", "hello", ExecutionRoleArn=whole)
    container = account.sagemaker.describe_model(ModelName="trusting")["PrimaryContainer"]
    request = {"ModelName": "wary", "PrimaryContainer": container, "ExecutionRoleArn": endpoints}
    assert refused(account.sagemaker.create_model, **request)[1].startswith("Could not access model data at s3://")


LIST, GET, PUT = "s3:ListBucket", "s3:GetObject", "s3:PutObject"


@pytest.mark.parametrize(
    ("name", "grants", "reason"),
    [
        (
            "no-get",
            [LIST, PUT, "ecr:*"],
            "ClientError: Data download failed:Unable to download object "
            f"s3://{BUCKET}/data/train.jsonl (AccessDenied:",
        ),
        (
            "no-put",
            [LIST, GET, "ecr:*"],
            "ClientError: Artifact upload failed:Unable to upload object "
            f"s3://{BUCKET}/runs/role-no-put/output/output.tar.gz (AccessDenied:",
        ),
        ("no-pull", [LIST, GET, PUT], "ClientError: Cannot pull algorithm container."),
    ],
)
def test_a_job_fails_for_what_its_role_may_not_do(account: Account, name: str, grants: list[str], reason: str) -> None:
    role = account.new_role(f"role-{name}", [allow(*grants)])

    job = account.train(f"role-{name}", RoleArn=role)

    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith(reason)


def test_a_role_that_cannot_list_finds_no_objects(account: Account) -> None:
    role = account.new_role("blind", [allow(GET, PUT, "ecr:*")])
    request = account.training("blind", RoleArn=role, InputDataConfig=[channel("train", f"s3://{BUCKET}/data/")])

    code, message = refused(account.sagemaker.create_training_job, **request)

    assert code == "ValidationException"
    assert message.startswith(f'No S3 objects found under S3 URL "s3://{BUCKET}/data/" given in input data source.')


def test_a_job_without_the_right_to_log_runs_unlogged(account: Account) -> None:
    role = account.new_role("silent", [allow(LIST, GET, PUT, "ecr:*")])

    assert account.train("silent", RoleArn=role)["TrainingJobStatus"] == "Completed"
    streams = account.logs.describe_log_streams(
        logGroupName="/aws/sagemaker/TrainingJobs", logStreamNamePrefix="silent/"
    )["logStreams"]
    assert streams == []


def test_an_endpoint_fails_for_what_its_role_may_not_do(account: Account) -> None:
    role = account.new_role("no-image", [allow("s3:*")])
    name = account.model("no-image", "hello", ExecutionRoleArn=role)
    variant = {"VariantName": "AllTraffic", "ModelName": name, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    account.sagemaker.create_endpoint_config(EndpointConfigName="no-image", ProductionVariants=[variant])
    account.sagemaker.create_endpoint(EndpointName="no-image", EndpointConfigName="no-image")

    assert account.settled("no-image")["FailureReason"] == (
        f"The role '{role}' does not have BatchGetImage permission for the image: '{account.serve_image}'."
    )


def test_buckets_that_ask_for_tls_are_served(account: Account) -> None:
    account.s3.create_bucket(Bucket="tls-only", CreateBucketConfiguration={"LocationConstraint": REGION})
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::tls-only", "arn:aws:s3:::tls-only/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    account.s3.put_bucket_policy(Bucket="tls-only", Policy=policy)
    writer = account.as_user("writer", [allow("s3:PutObject", resource="arn:aws:s3:::tls-only/*")])("s3")

    writer.put_object(Bucket="tls-only", Key="a", Body=b"kept")
    assert refused(writer.get_object, Bucket="tls-only", Key="a")[0] == "AccessDenied"
