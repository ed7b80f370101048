"""Who may do what, to the last action: a permission added or widened by accident fails here."""

import json
from collections.abc import Sequence

import pytest

from tests.infra.conftest import KMS_KEY
from tests.infra.template import ACCOUNT, Statement, Template

INBOX = f"arn:aws:s3:::trieur-inbox-{ACCOUNT}-eu-west-1"
ARTIFACTS = f"arn:aws:s3:::trieur-artifacts-{ACCOUNT}-eu-west-1"
SAGEMAKER = f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}"
TOPIC = f"arn:aws:sns:eu-west-1:{ACCOUNT}:trieur-outcomes"
COMPREHEND = f"arn:aws:comprehend:eu-west-1:{ACCOUNT}"
MACHINES = f"arn:aws:states:eu-west-1:{ACCOUNT}:stateMachine"

FUNCTIONS = [
    "trieur-start-training",
    "trieur-check-model-status",
    "trieur-create-endpoint",
    "trieur-start-batch",
    "trieur-check-batch",
    "trieur-start-endpoint",
    "trieur-expire-endpoints",
]
TRAINING = "Lets SageMaker train Trieur's classifiers"
SERVING = "Lets SageMaker host Trieur's classifiers"
DATA_ACCESS = "Lets Comprehend read and write what Trieur's classifiers are made of and make"


def grants(resource: str, *actions: str, conditions: str = "{}") -> set[Statement]:
    return {Statement(action, resource, conditions) for action in actions}


def logs_of(function: str) -> set[Statement]:
    log_group = f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/aws/lambda/{function}:*"
    return grants(log_group, "logs:CreateLogStream", "logs:PutLogEvents")


RUNS = grants(ARTIFACTS, "s3:ListBucket") | grants(f"{ARTIFACTS}/runs/*", "s3:GetObject", "s3:PutObject")


LETTERS = grants(f"arn:aws:sqs:eu-west-1:{ACCOUNT}:trieur-dead-letters", "sqs:SendMessage")
NOTICES = grants(TOPIC, "sns:Publish")


def pass_role(template: Template, description: str, service: str) -> set[Statement]:
    (role,) = [
        logical_id
        for logical_id, role in template.of_type("AWS::IAM::Role").items()
        if role["Description"] == description
    ]
    return grants(
        f"arn:aws:iam::{ACCOUNT}:role/{role}",
        "iam:PassRole",
        conditions=json.dumps({"StringEquals": {"iam:PassedToService": f"{service}.amazonaws.com"}}),
    )


def test_start_training(template: Template) -> None:
    assert template.permissions("Role of trieur-start-training") == (
        logs_of("trieur-start-training")
        | RUNS
        | grants(f"{ARTIFACTS}/runs/*", "s3:AbortMultipartUpload")
        | grants(INBOX, "s3:ListBucket")
        | grants(f"{INBOX}/datasets/*", "s3:GetObject", "s3:GetObjectVersion")
        | grants(
            f"{SAGEMAKER}:training-job/trieur-*",
            "sagemaker:AddTags",
            "sagemaker:CreateTrainingJob",
            "sagemaker:DescribeTrainingJob",
        )
        | pass_role(template, TRAINING, "sagemaker")
        | grants(
            f"{COMPREHEND}:document-classifier/trieur-*",
            "comprehend:CreateDocumentClassifier",
            "comprehend:DescribeDocumentClassifier",
            "comprehend:TagResource",
        )
        | pass_role(template, DATA_ACCESS, "comprehend")
        | grants(f"{MACHINES}:trieur", "states:StartExecution")
        | NOTICES
        | LETTERS
    )


def test_check_model_status(template: Template) -> None:
    assert template.permissions("Role of trieur-check-model-status") == (
        logs_of("trieur-check-model-status")
        | RUNS
        | grants(f"{SAGEMAKER}:training-job/trieur-*", "sagemaker:DescribeTrainingJob")
        | grants(f"{SAGEMAKER}:endpoint/trieur-*", "sagemaker:DescribeEndpoint")
        | grants(f"{COMPREHEND}:document-classifier/trieur-*", "comprehend:DescribeDocumentClassifier")
        | grants(
            f"{COMPREHEND}:document-classifier-endpoint/trieur-*",
            "comprehend:ClassifyDocument",
            "comprehend:DescribeEndpoint",
        )
    )


def test_create_endpoint(template: Template) -> None:
    change = ("sagemaker:AddTags", "sagemaker:CreateEndpoint", "sagemaker:UpdateEndpoint")
    assert template.permissions("Role of trieur-create-endpoint") == (
        logs_of("trieur-create-endpoint")
        | RUNS
        | grants(f"{SAGEMAKER}:model/trieur-*", "sagemaker:AddTags", "sagemaker:CreateModel")
        | grants(
            f"{SAGEMAKER}:endpoint-config/trieur-*",
            *change,
            "sagemaker:CreateEndpointConfig",
            "sagemaker:DescribeEndpointConfig",
        )
        | grants(f"{SAGEMAKER}:endpoint/trieur-*", *change, "sagemaker:DeleteEndpoint", "sagemaker:DescribeEndpoint")
        | pass_role(template, SERVING, "sagemaker")
        | grants(f"{COMPREHEND}:document-classifier/trieur-*", "comprehend:CreateEndpoint", "comprehend:UpdateEndpoint")
        | grants(
            f"{COMPREHEND}:document-classifier-endpoint/trieur-*",
            "comprehend:CreateEndpoint",
            "comprehend:DeleteEndpoint",
            "comprehend:DescribeEndpoint",
            "comprehend:TagResource",
            "comprehend:UpdateEndpoint",
        )
    )


def test_start_batch(template: Template) -> None:
    assert template.permissions("Role of trieur-start-batch") == (
        logs_of("trieur-start-batch")
        | grants(INBOX, "s3:ListBucket")
        | grants(f"{INBOX}/batch/*", "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject")
        | grants(f"{INBOX}/datasets/*/classifier.json", "s3:GetObject")
        | grants(ARTIFACTS, "s3:ListBucket")
        | grants(f"{ARTIFACTS}/runs/*", "s3:GetObject")
        | grants(f"{ARTIFACTS}/batches/*", "s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject")
        | grants(f"{SAGEMAKER}:endpoint/trieur-*", "sagemaker:DescribeEndpoint")
        | grants(f"{SAGEMAKER}:model/trieur-*", "sagemaker:AddTags", "sagemaker:CreateModel")
        | grants(
            f"{SAGEMAKER}:transform-job/trieur-*",
            "sagemaker:AddTags",
            "sagemaker:CreateTransformJob",
            "sagemaker:DescribeTransformJob",
        )
        | pass_role(template, SERVING, "sagemaker")
        | grants(f"{COMPREHEND}:document-classifier-endpoint/trieur-*", "comprehend:DescribeEndpoint")
        | grants(f"{COMPREHEND}:document-classifier/trieur-*", "comprehend:StartDocumentClassificationJob")
        | grants(
            f"{COMPREHEND}:document-classification-job/*",
            "comprehend:DescribeDocumentClassificationJob",
            "comprehend:StartDocumentClassificationJob",
            "comprehend:TagResource",
        )
        | pass_role(template, DATA_ACCESS, "comprehend")
        | grants(f"{MACHINES}:trieur-batch", "states:StartExecution")
        | NOTICES
        | LETTERS
    )


def test_check_batch(template: Template) -> None:
    assert template.permissions("Role of trieur-check-batch") == (
        logs_of("trieur-check-batch")
        | grants(INBOX, "s3:ListBucket")
        | grants(f"{INBOX}/batch/*", "s3:AbortMultipartUpload", "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject")
        | grants(ARTIFACTS, "s3:ListBucket")
        | grants(f"{ARTIFACTS}/batches/*", "s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject")
        | grants(f"{SAGEMAKER}:transform-job/trieur-*", "sagemaker:DescribeTransformJob")
        | grants(f"{COMPREHEND}:document-classification-job/*", "comprehend:DescribeDocumentClassificationJob")
    )


def test_start_endpoint(template: Template) -> None:
    assert template.permissions("Role of trieur-start-endpoint") == (
        logs_of("trieur-start-endpoint")
        | RUNS
        | grants(INBOX, "s3:ListBucket")
        | grants(f"{INBOX}/datasets/*/classifier.json", "s3:GetObject")
        | grants(f"{SAGEMAKER}:endpoint/trieur-*", "sagemaker:DescribeEndpoint")
        | grants(f"{COMPREHEND}:document-classifier-endpoint/trieur-*", "comprehend:DescribeEndpoint")
        | grants(f"{MACHINES}:trieur", "states:StartExecution")
        | NOTICES
        | LETTERS
    )


def test_expire_endpoints(template: Template) -> None:
    assert template.permissions("Role of trieur-expire-endpoints") == (
        logs_of("trieur-expire-endpoints")
        | RUNS
        | grants("*", "comprehend:ListEndpoints", "cloudwatch:GetMetricData")
        | grants(f"{COMPREHEND}:document-classifier-endpoint/trieur-*", "comprehend:DeleteEndpoint")
        | NOTICES
    )


@pytest.mark.parametrize(
    ("name", "functions"),
    [("trieur", ["trieur-check-model-status", "trieur-create-endpoint"]), ("trieur-batch", ["trieur-check-batch"])],
)
def test_state_machine(template: Template, name: str, functions: list[str]) -> None:
    permissions = template.permissions(f"Role of the state machine {name}")
    everywhere = {statement for statement in permissions if statement.resource == "*"}
    assert permissions - everywhere == NOTICES | {
        Statement("lambda:InvokeFunction", f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:{function}")
        for function in functions
    }
    assert {statement.action.split(":")[0] for statement in everywhere} == {"logs", "xray"}


def sagemaker_basics(repository: str, log_groups: Sequence[str], namespaces: Sequence[str]) -> set[Statement]:
    logs = {
        statement
        for log_group in log_groups
        for statement in grants(
            f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:{log_group}",
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:DescribeLogStreams",
            "logs:PutLogEvents",
        )
    }
    return (
        logs
        | grants(repository, "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
        | grants("*", "ecr:GetAuthorizationToken")
        | grants(
            "*",
            "cloudwatch:PutMetricData",
            conditions=json.dumps({"StringEquals": {"cloudwatch:namespace": list(namespaces)}}),
        )
        | grants(ARTIFACTS, "s3:ListBucket")
    )


BUILT_IMAGES = f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/cdk-hnb659fds-container-assets-{ACCOUNT}-eu-west-1"


def test_training(template: Template) -> None:
    assert template.permissions(TRAINING) == (
        sagemaker_basics(BUILT_IMAGES, ["/aws/sagemaker/TrainingJobs*"], ["/aws/sagemaker/TrainingJobs"])
        | grants(f"{ARTIFACTS}/runs/*/splits/*", "s3:GetObject")
        | grants(f"{ARTIFACTS}/base-models/*", "s3:GetObject")
        | grants(f"{ARTIFACTS}/runs/*/output/*", "s3:PutObject")
        | grants(f"{ARTIFACTS}/checkpoints/*", "s3:DeleteObject", "s3:GetObject", "s3:PutObject")
    )


def test_serving(template: Template) -> None:
    assert template.permissions(SERVING) == (
        sagemaker_basics(
            BUILT_IMAGES,
            ["/aws/sagemaker/Endpoints/trieur-*", "/aws/sagemaker/TransformJobs*"],
            ["/aws/sagemaker/Endpoints", "/aws/sagemaker/TransformJobs"],
        )
        | grants(f"{ARTIFACTS}/runs/*/output/*", "s3:GetObject")
        | grants(f"{ARTIFACTS}/batches/*/input/*", "s3:GetObject")
        | grants(f"{ARTIFACTS}/batches/*/output/*", "s3:PutObject")
    )


def test_comprehend(template: Template) -> None:
    assert template.permissions(DATA_ACCESS) == (
        grants(ARTIFACTS, "s3:ListBucket")
        | grants(f"{ARTIFACTS}/runs/*/input/*", "s3:GetObject")
        | grants(f"{ARTIFACTS}/batches/*/input/*", "s3:GetObject")
        | grants(f"{ARTIFACTS}/runs/*/output/*", "s3:PutObject")
        | grants(f"{ARTIFACTS}/batches/*/output/*", "s3:PutObject")
    )


LENDING = json.dumps({"Bool": {"kms:GrantIsForAWSResource": "true"}})
THROUGH_S3 = json.dumps({"StringEquals": {"kms:ViaService": "s3.eu-central-1.amazonaws.com"}})
KEY_USERS = {
    DATA_ACCESS: grants(KMS_KEY, "kms:CreateGrant", "kms:Decrypt", "kms:GenerateDataKey"),
    "Role of sorter-start-training": grants(KMS_KEY, "kms:CreateGrant", conditions=LENDING),
    "Role of sorter-create-endpoint": grants(KMS_KEY, "kms:CreateGrant", conditions=LENDING),
    "Role of sorter-start-batch": grants(KMS_KEY, "kms:CreateGrant", conditions=LENDING),
    "Role of sorter-check-model-status": grants(KMS_KEY, "kms:Decrypt", conditions=THROUGH_S3),
    "Role of sorter-check-batch": grants(KMS_KEY, "kms:Decrypt", conditions=THROUGH_S3),
}


def test_a_key_of_one_s_own_is_for_those_who_need_it(other: Template) -> None:
    for role in other.of_type("AWS::IAM::Role").values():
        description = role["Description"]
        used = {statement for statement in other.permissions(description) if statement.action.startswith("kms:")}
        assert used == KEY_USERS.get(description, set()), description


def test_without_a_key_of_one_s_own_there_is_none(template: Template) -> None:
    for role in template.of_type("AWS::IAM::Role").values():
        assert not [s for s in template.permissions(role["Description"]) if s.action.startswith("kms:")]


def test_an_endpoint_gets_a_role_only_to_read_an_encrypted_model(template: Template, other: Template) -> None:
    passed = pass_role(other, DATA_ACCESS, "comprehend")
    assert passed <= other.permissions("Role of sorter-create-endpoint")
    assert not pass_role(template, DATA_ACCESS, "comprehend") & template.permissions("Role of trieur-create-endpoint")


def test_without_comprehend_nobody_may_do_anything_with_it(elsewhere: Template) -> None:
    descriptions = {role["Description"] for role in elsewhere.of_type("AWS::IAM::Role").values()}
    assert DATA_ACCESS not in descriptions
    assert "Role of trieur-expire-endpoints" not in descriptions
    assert "comprehend" not in json.dumps(elsewhere.of_type("AWS::IAM::Policy"))
    assert "comprehend" not in json.dumps(elsewhere.of_type("AWS::IAM::Role"))


def test_no_action_is_a_wildcard_and_no_other_role_exists(template: Template) -> None:
    descriptions = [role["Description"] for role in template.of_type("AWS::IAM::Role").values()]
    assert len(descriptions) == len(set(descriptions)) == len(FUNCTIONS) + 5
    for description in descriptions:
        permissions = template.permissions(description)
        assert permissions
        assert not [statement for statement in permissions if "*" in statement.action]
    assert len(template.of_type("AWS::IAM::Policy")) == len(descriptions)
    assert not template.of_type("AWS::IAM::ManagedPolicy")


def trust(template: Template, description: str) -> object:
    return template.role(description)["AssumeRolePolicyDocument"]["Statement"]


def test_sagemaker_trains_for_this_account_only(template: Template) -> None:
    assert trust(template, TRAINING) == [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": "sagemaker.amazonaws.com"},
            "Condition": {
                "StringEquals": {"aws:SourceAccount": ACCOUNT},
                "ArnLike": {"aws:SourceArn": f"{SAGEMAKER}:training-job/*"},
            },
        }
    ]


def test_sagemaker_hosts_for_this_account_only(template: Template) -> None:
    assert trust(template, SERVING) == [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": "sagemaker.amazonaws.com"},
            "Condition": {
                "StringEquals": {"aws:SourceAccount": ACCOUNT},
                "ArnLike": {"aws:SourceArn": f"{SAGEMAKER}:*"},
            },
        }
    ]


def comprehend_trust(place: str, *resources: str) -> object:
    account = place.rpartition(":")[2]
    return [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": "comprehend.amazonaws.com"},
            "Condition": {
                "StringEquals": {"aws:SourceAccount": account},
                "ArnLike": {"aws:SourceArn": [f"arn:aws:comprehend:{place}:{resource}" for resource in resources]},
            },
        }
    ]


def test_comprehend_works_for_this_deployment_s_classifiers_only(template: Template, other: Template) -> None:
    assert trust(template, DATA_ACCESS) == comprehend_trust(
        f"eu-west-1:{ACCOUNT}", "document-classifier/trieur-*", "document-classification-job/*"
    )
    assert trust(other, DATA_ACCESS) == comprehend_trust(
        "eu-central-1:444455556666",
        "document-classifier/sorter-*",
        "document-classification-job/*",
        "document-classifier-endpoint/sorter-*",
    )


@pytest.mark.parametrize("name", ["trieur", "trieur-batch"])
def test_step_functions_runs_the_one_state_machine_only(template: Template, name: str) -> None:
    assert trust(template, f"Role of the state machine {name}") == [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": "states.amazonaws.com"},
            "Condition": {
                "StringEquals": {"aws:SourceAccount": ACCOUNT},
                "ArnLike": {"aws:SourceArn": f"{MACHINES}:{name}"},
            },
        }
    ]


def test_functions_do_not_share_roles(template: Template) -> None:
    roles = {name: template.function(name)["Role"] for name in FUNCTIONS}
    assert len(set(roles.values())) == len(FUNCTIONS)
    for name in FUNCTIONS:
        assert trust(template, f"Role of {name}") == [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
        ]


def test_a_deployment_of_another_name_reaches_nothing_of_this_one(other: Template) -> None:
    for role in other.of_type("AWS::IAM::Role").values():
        for statement in other.permissions(role["Description"]):
            assert "trieur" not in statement.resource


def test_an_image_that_exists_is_the_only_one_that_may_be_pulled(other: Template) -> None:
    pulled = {s.resource for s in other.permissions(TRAINING) if s.action == "ecr:BatchGetImage"}
    assert pulled == {"arn:aws:ecr:eu-central-1:777788889999:repository/models/train"}
