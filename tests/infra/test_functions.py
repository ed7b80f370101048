import json
import re
from typing import Any

import pytest

from tests.infra.template import ACCOUNT, Assembly, Template
from trieur.deployment import Deployment

FUNCTIONS = {
    "trieur-start-training": ("lambdas.start_training.handler", 3008, 300),
    "trieur-check-model-status": ("lambdas.check_model_status.handler", 512, 60),
    "trieur-create-endpoint": ("lambdas.create_endpoint.handler", 512, 60),
}


def test_there_are_three(template: Template) -> None:
    names = {function["FunctionName"] for function in template.of_type("AWS::Lambda::Function").values()}
    assert names == set(FUNCTIONS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_they_run_on(template: Template, name: str) -> None:
    function = template.function(name)
    assert function["Runtime"] == "python3.14"
    assert function["Architectures"] == ["arm64"]
    assert (function["Handler"], function["MemorySize"], function["Timeout"]) == FUNCTIONS[name]
    assert function["Layers"] == [
        "arn:aws:lambda:eu-west-1:017000801446:layer:AWSLambdaPowertoolsPythonV3-python314-arm64:37"
    ]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_they_log_json_into_a_group_that_forgets(template: Template, name: str) -> None:
    logging = template.function(name)["LoggingConfig"]
    assert (logging["LogFormat"], logging["LogGroup"]) == ("JSON", f"/aws/lambda/{name}")
    assert template.named("AWS::Logs::LogGroup", "LogGroupName", f"/aws/lambda/{name}")["RetentionInDays"] == 90


def test_every_log_group_forgets_as_told(template: Template, other: Template) -> None:
    assert [group["RetentionInDays"] for group in template.of_type("AWS::Logs::LogGroup").values()] == [90] * 4
    assert [group["RetentionInDays"] for group in other.of_type("AWS::Logs::LogGroup").values()] == [30] * 4


def environment(template: Template, name: str) -> dict[str, Any]:
    return dict(template.function(name)["Environment"]["Variables"])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_their_environment_is_a_deployment(template: Template, name: str) -> None:
    deployment = Deployment.from_environment(environment(template, name))
    assert deployment.name == "trieur"
    assert deployment.inbox_bucket == f"trieur-inbox-{ACCOUNT}-eu-west-1"
    assert deployment.artifacts_bucket == f"trieur-artifacts-{ACCOUNT}-eu-west-1"
    assert deployment.state_machine_arn == f"arn:aws:states:eu-west-1:{ACCOUNT}:stateMachine:trieur"
    assert deployment.topic_arn == f"arn:aws:sns:eu-west-1:{ACCOUNT}:trieur-outcomes"
    built = re.escape(f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/cdk-hnb659fds-container-assets-{ACCOUNT}-eu-west-1")
    for image in (deployment.train_image, deployment.serve_image):
        assert re.fullmatch(built + ":[0-9a-f]{64}", image)
    assert deployment.training_role_arn != deployment.serving_role_arn
    assert deployment.defaults["backend"] == "camembert"


def test_the_roles_they_hand_on_are_the_ones_they_may_pass(template: Template) -> None:
    variables = environment(template, "trieur-start-training")
    for function, variable in (
        ("trieur-start-training", "TRIEUR_TRAINING_ROLE_ARN"),
        ("trieur-create-endpoint", "TRIEUR_SERVING_ROLE_ARN"),
    ):
        permissions = template.permissions(f"Role of {function}")
        assert {s.resource for s in permissions if s.action == "iam:PassRole"} == {variables[variable]}


def test_defaults_follow_the_settings(other: Template) -> None:
    variables = environment(other, "sorter-start-training")
    defaults = json.loads(variables["TRIEUR_DEFAULTS"])
    assert defaults["endpoint"]["kind"] == "real-time"
    assert defaults["training"]["instance_type"] == "ml.g4dn.xlarge"
    assert variables["TRIEUR_NAME"] == "sorter"


def test_an_existing_image_is_taken_as_it_is(other: Template, other_assembly: Assembly) -> None:
    variables = environment(other, "sorter-start-training")
    assert variables["TRIEUR_TRAIN_IMAGE"] == "777788889999.dkr.ecr.eu-central-1.amazonaws.com/models/train:3"
    assert len(other_assembly.assets["dockerImages"]) == 1, "only the serving image is still to be built"


def test_layer_of_the_region_and_version(other: Template) -> None:
    (layer,) = other.function("sorter-start-training")["Layers"]
    assert layer == "arn:aws:lambda:eu-central-1:017000801446:layer:AWSLambdaPowertoolsPythonV3-python314-arm64:40"


def test_a_drop_that_cannot_be_handled_is_kept(template: Template) -> None:
    asynchronous = template.only("AWS::Lambda::EventInvokeConfig")
    assert asynchronous == {
        "FunctionName": "trieur-start-training",
        "Qualifier": "$LATEST",
        "MaximumRetryAttempts": 2,
        "MaximumEventAgeInSeconds": 21600,
        "DestinationConfig": {"OnFailure": {"Destination": f"arn:aws:sqs:eu-west-1:{ACCOUNT}:trieur-dead-letters"}},
    }


@pytest.mark.parametrize("name", FUNCTIONS)
def test_they_wait_for_their_permissions(template: Template, name: str) -> None:
    (waits,) = [
        resource["DependsOn"]
        for resource in template.raw("AWS::Lambda::Function").values()
        if resource["Properties"]["FunctionName"] == name
    ]
    (policy,) = waits
    assert template.raw("AWS::IAM::Policy")[policy]
