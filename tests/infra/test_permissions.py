"""Who may do what, to the last action: a permission added or widened by accident fails here."""

import json

from tests.infra.template import ACCOUNT, Statement, Template

INBOX = f"arn:aws:s3:::trieur-inbox-{ACCOUNT}-eu-west-1"
ARTIFACTS = f"arn:aws:s3:::trieur-artifacts-{ACCOUNT}-eu-west-1"
SAGEMAKER = f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}"
TOPIC = f"arn:aws:sns:eu-west-1:{ACCOUNT}:trieur-outcomes"
PASSED_TO_SAGEMAKER = json.dumps({"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}})

FUNCTIONS = ["trieur-start-training", "trieur-check-model-status", "trieur-create-endpoint"]


def grants(resource: str, *actions: str, conditions: str = "{}") -> set[Statement]:
    return {Statement(action, resource, conditions) for action in actions}


def logs_of(function: str) -> set[Statement]:
    log_group = f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/aws/lambda/{function}:*"
    return grants(log_group, "logs:CreateLogStream", "logs:PutLogEvents")


RUNS = grants(ARTIFACTS, "s3:ListBucket") | grants(f"{ARTIFACTS}/runs/*", "s3:GetObject", "s3:PutObject")


def pass_role(template: Template, description: str) -> set[Statement]:
    (role,) = [
        logical_id
        for logical_id, role in template.of_type("AWS::IAM::Role").items()
        if role["Description"] == description
    ]
    return grants(f"arn:aws:iam::{ACCOUNT}:role/{role}", "iam:PassRole", conditions=PASSED_TO_SAGEMAKER)


def test_start_training(template: Template) -> None:
    machine = f"arn:aws:states:eu-west-1:{ACCOUNT}"
    assert template.permissions("Role of trieur-start-training") == (
        logs_of("trieur-start-training")
        | RUNS
        | grants(INBOX, "s3:ListBucket")
        | grants(f"{INBOX}/datasets/*", "s3:GetObject", "s3:GetObjectVersion")
        | grants(
            f"{SAGEMAKER}:training-job/trieur-*",
            "sagemaker:AddTags",
            "sagemaker:CreateTrainingJob",
            "sagemaker:DescribeTrainingJob",
        )
        | pass_role(template, "Lets SageMaker train Trieur's classifiers")
        | grants(f"{machine}:stateMachine:trieur", "states:StartExecution")
        | grants(TOPIC, "sns:Publish")
        | grants(f"arn:aws:sqs:eu-west-1:{ACCOUNT}:trieur-dead-letters", "sqs:SendMessage")
    )


def test_check_model_status(template: Template) -> None:
    assert template.permissions("Role of trieur-check-model-status") == (
        logs_of("trieur-check-model-status")
        | RUNS
        | grants(f"{SAGEMAKER}:training-job/trieur-*", "sagemaker:DescribeTrainingJob")
        | grants(f"{SAGEMAKER}:endpoint/trieur-*", "sagemaker:DescribeEndpoint")
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
        | pass_role(template, "Lets SageMaker host Trieur's classifiers")
    )


def test_state_machine(template: Template) -> None:
    functions = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function"
    permissions = template.permissions("Role of the state machine")
    everywhere = {statement for statement in permissions if statement.resource == "*"}
    assert permissions - everywhere == (
        grants(f"{functions}:trieur-check-model-status", "lambda:InvokeFunction")
        | grants(f"{functions}:trieur-create-endpoint", "lambda:InvokeFunction")
        | grants(TOPIC, "sns:Publish")
    )
    assert {statement.action.split(":")[0] for statement in everywhere} == {"logs", "xray"}


def sagemaker_basics(repository: str, log_groups: str, namespace: str) -> set[Statement]:
    return (
        grants(repository, "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
        | grants("*", "ecr:GetAuthorizationToken")
        | grants(
            f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:{log_groups}",
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:DescribeLogStreams",
            "logs:PutLogEvents",
        )
        | grants(
            "*",
            "cloudwatch:PutMetricData",
            conditions=json.dumps({"StringEquals": {"cloudwatch:namespace": namespace}}),
        )
        | grants(ARTIFACTS, "s3:ListBucket")
    )


BUILT_IMAGES = f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/cdk-hnb659fds-container-assets-{ACCOUNT}-eu-west-1"


def test_training(template: Template) -> None:
    assert template.permissions("Lets SageMaker train") == (
        sagemaker_basics(BUILT_IMAGES, "/aws/sagemaker/TrainingJobs*", "/aws/sagemaker/TrainingJobs")
        | grants(f"{ARTIFACTS}/runs/*/splits/*", "s3:GetObject")
        | grants(f"{ARTIFACTS}/base-models/*", "s3:GetObject")
        | grants(f"{ARTIFACTS}/runs/*/output/*", "s3:PutObject")
    )


def test_serving(template: Template) -> None:
    assert template.permissions("Lets SageMaker host") == (
        sagemaker_basics(BUILT_IMAGES, "/aws/sagemaker/Endpoints/trieur-*", "/aws/sagemaker/Endpoints")
        | grants(f"{ARTIFACTS}/runs/*/output/*", "s3:GetObject")
    )


def test_no_action_is_a_wildcard_and_no_other_role_exists(template: Template) -> None:
    descriptions = [role["Description"] for role in template.of_type("AWS::IAM::Role").values()]
    assert len(descriptions) == 6
    for description in descriptions:
        permissions = template.permissions(description)
        assert permissions
        assert not [statement for statement in permissions if "*" in statement.action]
    assert len(template.of_type("AWS::IAM::Policy")) == 6
    assert not template.of_type("AWS::IAM::ManagedPolicy")


def trust(template: Template, description: str) -> object:
    return template.role(description)["AssumeRolePolicyDocument"]["Statement"]


def test_sagemaker_trains_for_this_account_only(template: Template) -> None:
    assert trust(template, "Lets SageMaker train") == [
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
    assert trust(template, "Lets SageMaker host") == [
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


def test_step_functions_runs_this_state_machine_only(template: Template) -> None:
    assert trust(template, "Role of the state machine") == [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": "states.amazonaws.com"},
            "Condition": {
                "StringEquals": {"aws:SourceAccount": ACCOUNT},
                "ArnLike": {"aws:SourceArn": f"arn:aws:states:eu-west-1:{ACCOUNT}:stateMachine:trieur"},
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
    pulled = {s.resource for s in other.permissions("Lets SageMaker train") if s.action == "ecr:BatchGetImage"}
    assert pulled == {"arn:aws:ecr:eu-central-1:777788889999:repository/models/train"}
