"""IAM: what callers may ask of Comprehend, and what it may do as a data access role."""

from __future__ import annotations

from typing import Any

import pytest

from localcloud import LocalCloud
from tests.contract.localcloud.account import ACCOUNT, allow, refused, trust, until
from tests.contract.localcloud.comprehend_account import BUCKET, COMPREHEND, ComprehendAccount

PASSED = {"StringEquals": {"iam:PassedToService": "comprehend.amazonaws.com"}}
READ = ("s3:GetObject", "s3:ListBucket")
CLASSIFIER = f"{COMPREHEND}:document-classifier/any/version/v1"
ENDPOINT = f"{COMPREHEND}:document-classifier-endpoint/any"
JOB = f"{COMPREHEND}:document-classification-job/any"


@pytest.fixture(scope="module")
def account(cloud: LocalCloud) -> ComprehendAccount:
    return ComprehendAccount(cloud)


@pytest.fixture(scope="module")
def model(account: ComprehendAccount) -> str:
    arn: str = account.train("sorter")["DocumentClassifierArn"]
    return arn


def denied(user: str, action: str, resource: str) -> tuple[str, str]:
    return (
        "AccessDeniedException",
        f"User: arn:aws:iam::{ACCOUNT}:user/{user} is not authorized to perform: {action} on resource: {resource} "
        f"because no identity-based policy allows the {action} action",
    )


def test_without_a_grant_nothing_is_allowed(account: ComprehendAccount) -> None:
    client = account.as_user("nobody", [allow("s3:ListAllMyBuckets")])
    bucket = {"S3Uri": f"s3://{BUCKET}/any"}
    job = {"InputDataConfig": bucket, "OutputDataConfig": bucket, "DataAccessRoleArn": account.role}
    calls: list[tuple[str, dict[str, Any], str, str]] = [
        ("create_document_classifier", account.request("any"), "CreateDocumentClassifier", CLASSIFIER),
        (
            "describe_document_classifier",
            {"DocumentClassifierArn": CLASSIFIER},
            "DescribeDocumentClassifier",
            CLASSIFIER,
        ),
        (
            "stop_training_document_classifier",
            {"DocumentClassifierArn": CLASSIFIER},
            "StopTrainingDocumentClassifier",
            CLASSIFIER,
        ),
        ("delete_document_classifier", {"DocumentClassifierArn": CLASSIFIER}, "DeleteDocumentClassifier", CLASSIFIER),
        ("list_document_classifiers", {}, "ListDocumentClassifiers", "*"),
        ("list_document_classifier_summaries", {}, "ListDocumentClassifierSummaries", "*"),
        (
            "create_endpoint",
            {"EndpointName": "any", "ModelArn": CLASSIFIER, "DesiredInferenceUnits": 1},
            "CreateEndpoint",
            ENDPOINT,
        ),
        ("describe_endpoint", {"EndpointArn": ENDPOINT}, "DescribeEndpoint", ENDPOINT),
        ("update_endpoint", {"EndpointArn": ENDPOINT, "DesiredInferenceUnits": 1}, "UpdateEndpoint", ENDPOINT),
        ("delete_endpoint", {"EndpointArn": ENDPOINT}, "DeleteEndpoint", ENDPOINT),
        ("list_endpoints", {}, "ListEndpoints", "*"),
        ("classify_document", {"EndpointArn": ENDPOINT, "Text": "Bien"}, "ClassifyDocument", ENDPOINT),
        (
            "start_document_classification_job",
            {"DocumentClassifierArn": CLASSIFIER, **job},
            "StartDocumentClassificationJob",
            f"{COMPREHEND}:document-classification-job/*",
        ),
        ("describe_document_classification_job", {"JobId": "any"}, "DescribeDocumentClassificationJob", JOB),
        ("list_document_classification_jobs", {}, "ListDocumentClassificationJobs", "*"),
        ("tag_resource", {"ResourceArn": ENDPOINT, "Tags": [{"Key": "a", "Value": "b"}]}, "TagResource", ENDPOINT),
        ("untag_resource", {"ResourceArn": ENDPOINT, "TagKeys": ["a"]}, "UntagResource", ENDPOINT),
        ("list_tags_for_resource", {"ResourceArn": ENDPOINT}, "ListTagsForResource", ENDPOINT),
    ]
    for call, request, action, resource in calls:
        assert refused(getattr(client, call), **request) == denied("nobody", f"comprehend:{action}", resource)


def test_a_grant_holds_for_its_resources_only(account: ComprehendAccount) -> None:
    mine = f"{COMPREHEND}:document-classifier/mine/version/*"
    describe = account.as_user("owner", [allow("comprehend:*", resource=mine)]).describe_document_classifier
    theirs = f"{COMPREHEND}:document-classifier/theirs/version/v1"

    assert refused(describe, DocumentClassifierArn=mine.replace("*", "v1"))[0] == "ResourceNotFoundException"
    assert refused(describe, DocumentClassifierArn=theirs) == denied(
        "owner", "comprehend:DescribeDocumentClassifier", theirs
    )


def test_an_endpoint_needs_a_grant_on_its_model_too(account: ComprehendAccount, model: str) -> None:
    on_endpoints = allow("comprehend:*", resource=f"{COMPREHEND}:document-classifier-endpoint/*")
    half = account.as_user("half", [on_endpoints])
    request = {"EndpointName": "shared", "ModelArn": model, "DesiredInferenceUnits": 1}

    assert refused(half.create_endpoint, **request) == denied("half", "comprehend:CreateEndpoint", model)
    whole = account.as_user("whole", [on_endpoints, allow("comprehend:CreateEndpoint", resource=model)])
    arn = whole.create_endpoint(**request)["EndpointArn"]
    account.settled(arn)
    update = {"EndpointArn": arn, "DesiredModelArn": model}
    assert refused(half.update_endpoint, **update) == denied("half", "comprehend:UpdateEndpoint", model)
    assert half.classify_document(EndpointArn=arn, Text="J'adore !")["Classes"]
    half.delete_endpoint(EndpointArn=arn)


def test_a_job_needs_a_grant_on_its_model_too(account: ComprehendAccount, model: str) -> None:
    grants = [
        allow("comprehend:*", resource=f"{COMPREHEND}:document-classification-job/*"),
        allow("iam:PassRole", resource=account.role, **PASSED),
    ]
    request = {
        "DocumentClassifierArn": model,
        "InputDataConfig": {"S3Uri": account.put("permitted.txt", b"Bien")},
        "OutputDataConfig": {"S3Uri": f"s3://{BUCKET}/permitted"},
        "DataAccessRoleArn": account.role,
    }
    half = account.as_user("half-job", grants)

    assert refused(half.start_document_classification_job, **request) == denied(
        "half-job", "comprehend:StartDocumentClassificationJob", model
    )
    whole = account.as_user("whole-job", [*grants, allow("comprehend:*", resource=model)])
    job_id = whole.start_document_classification_job(**request)["JobId"]
    whole.describe_document_classification_job(JobId=job_id)


def test_a_role_must_be_passed_to_comprehend(account: ComprehendAccount) -> None:
    create = allow("comprehend:CreateDocumentClassifier")
    to_sagemaker = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    unpassed = account.as_user("unpassed", [create])
    misdirected = account.as_user("misdirected", [create, allow("iam:PassRole", **to_sagemaker)])
    directed = account.as_user("directed", [create, allow("iam:PassRole", resource=account.role, **PASSED)])

    for client, name in ((unpassed, "unpassed"), (misdirected, "misdirected")):
        refusal = refused(client.create_document_classifier, **account.request(name))
        assert refusal == denied(name, "iam:PassRole", account.role)
    arn = directed.create_document_classifier(**account.request("directed"))["DocumentClassifierArn"]
    assert account.ended(arn)["Status"] == "TRAINED"


def test_tags_at_creation_need_their_own_grant(account: ComprehendAccount) -> None:
    grants = [allow("comprehend:CreateDocumentClassifier"), allow("iam:PassRole", **PASSED)]
    request = account.request("tagging", Tags=[{"Key": "team", "Value": "tri"}])
    arn = f"{COMPREHEND}:document-classifier/tagging/version/v1"
    tagger = account.as_user("tagger", grants)

    assert refused(tagger.create_document_classifier, **request) == denied("tagger", "comprehend:TagResource", arn)


@pytest.mark.parametrize("key", ["comprehend:VolumeKmsKey", "comprehend:ModelKmsKey", "comprehend:OutputKmsKey"])
def test_condition_keys_are_filled(account: ComprehendAccount, key: str) -> None:
    kms_key = account.cloud.session().client("kms").create_key()["KeyMetadata"]["Arn"]
    name = key.partition(":")[2].lower()
    create = allow("comprehend:CreateDocumentClassifier", StringEquals={key: kms_key})
    client = account.as_user(name, [create, allow("iam:PassRole", **PASSED)])
    output: dict[str, Any] = {"S3Uri": f"s3://{BUCKET}/{name}"}
    if key == "comprehend:OutputKmsKey":
        allowed = {"OutputDataConfig": {**output, "KmsKeyId": kms_key}}
    else:
        allowed = {f"{key.partition(':')[2]}Id": kms_key}

    assert refused(client.create_document_classifier, **account.request(name))[0] == "AccessDeniedException"
    arn = client.create_document_classifier(**account.request(name, **allowed))["DocumentClassifierArn"]
    account.ended(arn)


def test_a_wrong_signature_is_refused(account: ComprehendAccount) -> None:
    account.as_user("signer", [allow("comprehend:*")])
    key = account.iam.create_access_key(UserName="signer")["AccessKey"]["AccessKeyId"]
    forger = account.cloud.session().client("comprehend", aws_access_key_id=key, aws_secret_access_key="guessed")

    assert refused(forger.list_endpoints)[0] == "SignatureDoesNotMatch"


@pytest.mark.parametrize(
    ("name", "trusted", "status"),
    [
        ("own", trust("comprehend.amazonaws.com", StringEquals={"aws:SourceAccount": ACCOUNT}), "TRAINED"),
        (
            "own-source",
            trust(
                "comprehend.amazonaws.com",
                ArnLike={"aws:SourceArn": f"{COMPREHEND}:document-classifier/trust-own-source/version/*"},
            ),
            "TRAINED",
        ),
        (
            "other-source",
            trust("comprehend.amazonaws.com", ArnLike={"aws:SourceArn": f"{COMPREHEND}:document-classifier/other/*"}),
            "IN_ERROR",
        ),
        ("other-service", trust(), "IN_ERROR"),
    ],
)
def test_the_trust_policy_holds(account: ComprehendAccount, name: str, trusted: dict[str, Any], status: str) -> None:
    role = account.new_role(f"trust-{name}", [allow(*READ)], trusted)

    classifier = account.train(f"trust-{name}", DataAccessRoleArn=role)

    assert classifier["Status"] == status
    if status == "IN_ERROR":
        arn = classifier["DocumentClassifierArn"]
        assert classifier["Message"] == (
            f"NO_READ_ACCESS_TO_INPUT: The data access role {role} cannot be assumed. It must exist, and its trust "
            f"policy must let the principal comprehend.amazonaws.com assume it for {arn}."
        )


def test_a_role_that_does_not_exist_fails_the_training(account: ComprehendAccount) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/nobody"

    classifier = account.train("no-role", DataAccessRoleArn=role)

    assert classifier["Status"] == "IN_ERROR"
    assert classifier["Message"].startswith(f"NO_READ_ACCESS_TO_INPUT: The data access role {role} cannot be assumed.")


@pytest.mark.parametrize(
    ("name", "grants", "message"),
    [
        (
            "no-list",
            ["s3:GetObject", "s3:PutObject"],
            "NO_READ_ACCESS_TO_INPUT: The provided data access role does not have proper access to the input data. "
            f"{{role}} cannot read s3://{BUCKET}/train.csv (AccessDenied:",
        ),
        (
            "no-get",
            ["s3:ListBucket", "s3:PutObject"],
            "NO_READ_ACCESS_TO_INPUT: The provided data access role does not have proper access to the input data. "
            f"{{role}} cannot read s3://{BUCKET}/train.csv (AccessDenied:",
        ),
        (
            "no-put",
            READ,
            "NO_WRITE_ACCESS_TO_OUTPUT: The provided data access role does not have proper access to the output data. "
            f"{{role}} cannot write s3://{BUCKET}/role-no-put/{ACCOUNT}-CL",
        ),
    ],
)
def test_trainings_and_jobs_fail_for_what_their_role_may_not_do(
    account: ComprehendAccount, model: str, name: str, grants: list[str], message: str
) -> None:
    role = account.new_role(f"role-{name}", [allow(*grants)])
    output = {"S3Uri": f"s3://{BUCKET}/role-{name}"}

    classifier = account.train(f"role-{name}", DataAccessRoleArn=role, OutputDataConfig=output)
    job_id = account.comprehend.start_document_classification_job(
        DocumentClassifierArn=model,
        InputDataConfig={"S3Uri": account.train_uri},
        OutputDataConfig=output,
        DataAccessRoleArn=role,
    )["JobId"]
    job = until(
        lambda: account.comprehend.describe_document_classification_job(JobId=job_id),
        lambda answer: answer["DocumentClassificationJobProperties"]["JobStatus"] in ("COMPLETED", "FAILED"),
    )["DocumentClassificationJobProperties"]

    assert classifier["Status"] == "IN_ERROR"
    assert classifier["Message"].startswith(message.format(role=role))
    assert job["JobStatus"] == "FAILED"
    assert job["Message"].startswith(message.format(role=role))


def test_a_jobs_role_is_assumed_for_the_job(account: ComprehendAccount, model: str) -> None:
    role = account.new_role(
        "jobs-only",
        [allow(*READ, "s3:PutObject")],
        trust("comprehend.amazonaws.com", ArnLike={"aws:SourceArn": f"{COMPREHEND}:document-classification-job/*"}),
    )
    assert account.train("not-a-job", DataAccessRoleArn=role)["Status"] == "IN_ERROR"
    job_id = account.comprehend.start_document_classification_job(
        DocumentClassifierArn=model,
        InputDataConfig={"S3Uri": account.train_uri},
        OutputDataConfig={"S3Uri": f"s3://{BUCKET}/jobs-only"},
        DataAccessRoleArn=role,
    )["JobId"]

    answer = until(
        lambda: account.comprehend.describe_document_classification_job(JobId=job_id),
        lambda answer: answer["DocumentClassificationJobProperties"]["JobStatus"] in ("COMPLETED", "FAILED"),
    )
    assert answer["DocumentClassificationJobProperties"]["JobStatus"] == "COMPLETED"
