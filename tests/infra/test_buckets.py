from typing import Any

import pytest

from tests.infra.template import ACCOUNT, Template
from trieur.settings import LONGEST_TRAINING_SECONDS

NAMES = ["trieur-inbox", "trieur-artifacts", "trieur-access-logs"]


def bucket(template: Template, name: str) -> dict[str, Any]:
    return template.named("AWS::S3::Bucket", "BucketName", f"{name}-{ACCOUNT}-eu-west-1")


def rules(template: Template, name: str) -> dict[str, dict[str, Any]]:
    found = bucket(template, name)["LifecycleConfiguration"]["Rules"]
    assert all(rule["Status"] == "Enabled" for rule in found)
    return {rule["Id"]: rule for rule in found}


def test_there_are_no_other_buckets(template: Template) -> None:
    assert {properties["BucketName"] for properties in template.of_type("AWS::S3::Bucket").values()} == {
        f"{name}-{ACCOUNT}-eu-west-1" for name in NAMES
    }


@pytest.mark.parametrize("name", NAMES)
def test_encrypted_and_private(template: Template, name: str) -> None:
    properties = bucket(template, name)
    (encryption,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert properties["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    }
    assert properties["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]


@pytest.mark.parametrize("name", NAMES)
def test_tls_only_and_open_to_nobody_else(template: Template, name: str) -> None:
    arn = f"arn:aws:s3:::{name}-{ACCOUNT}-eu-west-1"
    policy = template.named("AWS::S3::BucketPolicy", "Bucket", f"{name}-{ACCOUNT}-eu-west-1")
    statements = policy["PolicyDocument"]["Statement"]
    (deny,) = [statement for statement in statements if statement["Effect"] == "Deny"]
    assert deny["Principal"] == {"AWS": "*"}
    assert deny["Action"] == "s3:*"
    assert deny["Resource"] == [arn, f"{arn}/*"]
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    allowed = [statement["Principal"] for statement in statements if statement["Effect"] == "Allow"]
    assert all(principal == {"Service": "logging.s3.amazonaws.com"} for principal in allowed)
    assert len(allowed) == (2 if name == "trieur-access-logs" else 0)


@pytest.mark.parametrize("name", ["trieur-inbox", "trieur-artifacts"])
def test_versioned_logged_and_tidied(template: Template, name: str) -> None:
    properties = bucket(template, name)
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    assert properties["LoggingConfiguration"] == {
        "DestinationBucketName": f"trieur-access-logs-{ACCOUNT}-eu-west-1",
        "LogFilePrefix": name.removeprefix("trieur-") + "/",
    }
    tidy = rules(template, name)
    assert tidy["abort-incomplete-uploads"]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}
    assert tidy["forget-old-versions"]["ExpiredObjectDeleteMarker"] is True
    days = tidy["forget-old-versions"]["NoncurrentVersionExpiration"]["NoncurrentDays"]
    assert days == (365 if name == "trieur-inbox" else 30)


def test_nothing_current_ever_expires_but_access_logs_and_checkpoints(template: Template) -> None:
    expiring = [
        (name, rule.get("Prefix"))
        for name in NAMES
        for rule in rules(template, name).values()
        if "ExpirationInDays" in rule
    ]
    assert expiring == [("trieur-artifacts", "checkpoints/"), ("trieur-access-logs", None)]


def test_checkpoints_outlive_the_longest_training_and_the_ones_they_replace_do_not(template: Template) -> None:
    rule = rules(template, "trieur-artifacts")["forget-checkpoints"]
    assert rule["ExpirationInDays"] * 24 * 3600 > LONGEST_TRAINING_SECONDS
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}


@pytest.mark.parametrize(("what", "prefix"), [("runs", "runs/"), ("batches", "batches/")])
def test_what_is_old_is_stored_cheaply_and_stays_readable_at_once(template: Template, what: str, prefix: str) -> None:
    rule = rules(template, "trieur-artifacts")[f"store-old-{what}-cheaply"]
    assert rule["Prefix"] == prefix
    assert rule["Transitions"] == [{"StorageClass": "INTELLIGENT_TIERING", "TransitionInDays": 30}]


def test_only_the_inbox_tells_event_bridge_and_no_lambda_helps(template: Template) -> None:
    assert bucket(template, "trieur-inbox")["NotificationConfiguration"] == {
        "EventBridgeConfiguration": {"EventBridgeEnabled": True}
    }
    assert "NotificationConfiguration" not in bucket(template, "trieur-artifacts")
    assert not [
        resource["Type"]
        for resource in template.document["Resources"].values()
        if resource["Type"].startswith(("Custom::", "AWS::CloudFormation::CustomResource"))
    ]


def test_data_outlives_the_stack_unless_told_otherwise(template: Template, other: Template) -> None:
    for kept in template.raw("AWS::S3::Bucket").values():
        assert (kept["DeletionPolicy"], kept["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
    for deleted in other.raw("AWS::S3::Bucket").values():
        assert deleted["DeletionPolicy"] == "Delete"


def test_names_follow_the_settings(other: Template) -> None:
    assert {properties["BucketName"] for properties in other.of_type("AWS::S3::Bucket").values()} == {
        f"sorter-{name}-444455556666-eu-central-1" for name in ("inbox", "artifacts", "access-logs")
    }
