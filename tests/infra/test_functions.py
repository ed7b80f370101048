import json
import re
from typing import Any

import pytest

from tests.infra.conftest import KMS_KEY
from tests.infra.template import ACCOUNT, Assembly, Template
from trieur.deployment import Deployment
from trieur.settings import ComprehendSettings

FUNCTIONS = {
    "trieur-start-training": ("lambdas.start_training.handler", 3008, 300),
    "trieur-check-model-status": ("lambdas.check_model_status.handler", 1024, 600),
    "trieur-create-endpoint": ("lambdas.create_endpoint.handler", 512, 60),
    "trieur-start-batch": ("lambdas.start_batch.handler", 3008, 300),
    "trieur-check-batch": ("lambdas.check_batch.handler", 3008, 900),
    "trieur-start-endpoint": ("lambdas.start_endpoint.handler", 512, 60),
    "trieur-expire-endpoints": ("lambdas.expire_endpoints.handler", 512, 60),
}


def test_there_are_no_others(template: Template) -> None:
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


def test_only_a_batch_needs_more_room_for_files(template: Template) -> None:
    storage = {name: template.function(name).get("EphemeralStorage") for name in FUNCTIONS}
    assert storage == dict.fromkeys(FUNCTIONS) | {"trieur-check-batch": {"Size": 2048}}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_they_log_json_into_a_group_that_forgets(template: Template, name: str) -> None:
    logging = template.function(name)["LoggingConfig"]
    assert (logging["LogFormat"], logging["LogGroup"]) == ("JSON", f"/aws/lambda/{name}")
    assert template.named("AWS::Logs::LogGroup", "LogGroupName", f"/aws/lambda/{name}")["RetentionInDays"] == 90


def test_every_log_group_forgets_as_told(template: Template, other: Template) -> None:
    assert [group["RetentionInDays"] for group in template.of_type("AWS::Logs::LogGroup").values()] == [90] * 9
    assert [group["RetentionInDays"] for group in other.of_type("AWS::Logs::LogGroup").values()] == [30] * 9


def environment(template: Template, name: str) -> dict[str, Any]:
    return dict(template.function(name)["Environment"]["Variables"])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_their_environment_is_a_deployment(template: Template, name: str) -> None:
    deployment = Deployment.from_environment(environment(template, name))
    assert deployment.name == "trieur"
    assert deployment.inbox_bucket == f"trieur-inbox-{ACCOUNT}-eu-west-1"
    assert deployment.artifacts_bucket == f"trieur-artifacts-{ACCOUNT}-eu-west-1"
    assert deployment.state_machine_arn == f"arn:aws:states:eu-west-1:{ACCOUNT}:stateMachine:trieur"
    assert deployment.batch_state_machine_arn == f"arn:aws:states:eu-west-1:{ACCOUNT}:stateMachine:trieur-batch"
    assert deployment.topic_arn == f"arn:aws:sns:eu-west-1:{ACCOUNT}:trieur-outcomes"
    built = re.escape(f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/cdk-hnb659fds-container-assets-{ACCOUNT}-eu-west-1")
    for image in (deployment.train_image, deployment.serve_image):
        assert re.fullmatch(built + ":[0-9a-f]{64}", image)
    roles = (deployment.training_role_arn, deployment.serving_role_arn, deployment.comprehend_role_arn)
    assert len(set(roles)) == 3
    assert all(role.startswith(f"arn:aws:iam::{ACCOUNT}:role/") for role in roles)
    assert deployment.comprehend_kms_key_arn == ""
    assert deployment.defaults["backend"] == "camembert"


def test_the_roles_they_hand_on_are_the_ones_they_may_pass(template: Template) -> None:
    variables = environment(template, "trieur-start-training")
    for function, roles in (
        ("trieur-start-training", {"TRIEUR_TRAINING_ROLE_ARN", "TRIEUR_COMPREHEND_ROLE_ARN"}),
        ("trieur-create-endpoint", {"TRIEUR_SERVING_ROLE_ARN"}),
        ("trieur-start-batch", {"TRIEUR_SERVING_ROLE_ARN", "TRIEUR_COMPREHEND_ROLE_ARN"}),
    ):
        permissions = template.permissions(f"Role of {function}")
        assert {s.resource for s in permissions if s.action == "iam:PassRole"} == {variables[role] for role in roles}


def test_a_region_without_comprehend_has_no_role_for_it(elsewhere: Template) -> None:
    deployment = Deployment.from_environment(environment(elsewhere, "trieur-start-training"))
    assert deployment.comprehend_role_arn == ""
    assert deployment.region == "eu-west-3"


def test_the_key_is_the_one_of_the_settings(other: Template) -> None:
    deployment = Deployment.from_environment(environment(other, "sorter-start-training"))
    assert deployment.comprehend_kms_key_arn == KMS_KEY


def test_defaults_follow_the_settings(other: Template) -> None:
    variables = environment(other, "sorter-start-training")
    defaults = json.loads(variables["TRIEUR_DEFAULTS"])
    assert defaults["endpoint"]["kind"] == "real-time"
    assert defaults["training"]["instance_type"] == "ml.g4dn.xlarge"
    assert defaults["backend"] == "both"
    assert defaults["comprehend"] == ComprehendSettings(endpoint="on-demand", idle_hours=0.5).model_dump()
    assert defaults["batch"] == {"instance_type": "ml.m5.large"}
    assert variables["TRIEUR_NAME"] == "sorter"


def test_an_existing_image_is_taken_as_it_is(other: Template, other_assembly: Assembly) -> None:
    variables = environment(other, "sorter-start-training")
    assert variables["TRIEUR_TRAIN_IMAGE"] == "777788889999.dkr.ecr.eu-central-1.amazonaws.com/models/train:3"
    assert len(other_assembly.assets["dockerImages"]) == 1, "only the serving image is still to be built"


def test_layer_of_the_region_and_version(other: Template) -> None:
    (layer,) = other.function("sorter-start-training")["Layers"]
    assert layer == "arn:aws:lambda:eu-central-1:017000801446:layer:AWSLambdaPowertoolsPythonV3-python314-arm64:40"


KEPT = ["trieur-start-training", "trieur-start-batch", "trieur-start-endpoint"]


def test_nothing_else_is_kept(template: Template) -> None:
    asynchronous = template.of_type("AWS::Lambda::EventInvokeConfig").values()
    assert [config["FunctionName"] for config in asynchronous] == KEPT


@pytest.mark.parametrize("name", KEPT)
def test_an_event_that_cannot_be_handled_is_kept(template: Template, name: str) -> None:
    assert template.named("AWS::Lambda::EventInvokeConfig", "FunctionName", name) == {
        "FunctionName": name,
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
