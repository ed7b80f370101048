"""How drops, requests and the clock reach their functions, and where goes what does not."""

from typing import Any

import pytest

from tests.infra.template import ACCOUNT, Template
from trieur.batch_drops import BATCH_PREFIX
from trieur.drops import DATASETS_PREFIX
from trieur.pipeline.restart import START_ENDPOINT

LETTERS = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:trieur-dead-letters"
EVENT_RULES = {
    "trieur-drop": "trieur-start-training",
    "trieur-batch": "trieur-start-batch",
    "trieur-start": "trieur-start-endpoint",
}
RULES = EVENT_RULES | {"trieur-idle": "trieur-expire-endpoints"}


def function_arn(name: str) -> str:
    return f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:{name}"


def rule_arn(name: str) -> str:
    return f"arn:aws:events:eu-west-1:{ACCOUNT}:rule/{name}"


def dropped(prefix: str) -> dict[str, Any]:
    return {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {
            "bucket": {"name": [f"trieur-inbox-{ACCOUNT}-eu-west-1"]},
            "object": {"key": [{"prefix": prefix}]},
        },
    }


def test_there_are_no_other_rules(template: Template) -> None:
    assert {rule["Name"]: rule["State"] for rule in template.of_type("AWS::Events::Rule").values()} == dict.fromkeys(
        RULES, "ENABLED"
    )


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("trieur-drop", dropped(DATASETS_PREFIX)),
        ("trieur-batch", dropped(BATCH_PREFIX)),
        ("trieur-start", {"source": ["trieur"], "detail-type": [START_ENDPOINT]}),
    ],
)
def test_each_takes_what_is_meant_for_it_only(template: Template, name: str, pattern: dict[str, Any]) -> None:
    rule = template.rule(name)
    assert rule["EventPattern"] == pattern
    assert "ScheduleExpression" not in rule


def test_an_endpoint_is_asked_for_by_the_deployments_name(other: Template) -> None:
    assert other.rule("sorter-start")["EventPattern"]["source"] == ["sorter"]


def test_one_prefix_is_not_within_the_other() -> None:
    assert not DATASETS_PREFIX.startswith(BATCH_PREFIX)
    assert not BATCH_PREFIX.startswith(DATASETS_PREFIX)


@pytest.mark.parametrize("name", EVENT_RULES)
def test_delivery_is_tried_for_a_day_then_kept(template: Template, name: str) -> None:
    (target,) = template.rule(name)["Targets"]
    assert target["Arn"] == function_arn(EVENT_RULES[name])
    assert target["DeadLetterConfig"] == {"Arn": LETTERS}
    assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 24 * 3600, "MaximumRetryAttempts": 185}


def test_idle_endpoints_are_looked_for_every_ten_minutes(template: Template) -> None:
    rule = template.rule("trieur-idle")
    assert rule["ScheduleExpression"] == "rate(10 minutes)"
    assert "EventPattern" not in rule
    (target,) = rule["Targets"]
    assert target["Arn"] == function_arn("trieur-expire-endpoints")
    assert target["RetryPolicy"] == {"MaximumRetryAttempts": 0}
    assert "DeadLetterConfig" not in target


def test_without_comprehend_nothing_is_looked_for(elsewhere: Template) -> None:
    assert {rule["Name"] for rule in elsewhere.of_type("AWS::Events::Rule").values()} == set(EVENT_RULES)
    assert "trieur-expire-endpoints" not in {
        function["FunctionName"] for function in elsewhere.of_type("AWS::Lambda::Function").values()
    }


@pytest.mark.parametrize("name", RULES)
def test_only_its_rule_may_call_a_function(template: Template, name: str) -> None:
    permission = template.named("AWS::Lambda::Permission", "SourceArn", rule_arn(name))
    assert permission == {
        "Action": "lambda:InvokeFunction",
        "FunctionName": function_arn(RULES[name]),
        "Principal": "events.amazonaws.com",
        "SourceArn": rule_arn(name),
    }
    assert len(template.of_type("AWS::Lambda::Permission")) == len(RULES)


def test_dead_letters_are_encrypted_and_kept_for_a_fortnight(template: Template) -> None:
    queue = template.only("AWS::SQS::Queue")
    assert queue == {
        "QueueName": "trieur-dead-letters",
        "SqsManagedSseEnabled": True,
        "MessageRetentionPeriod": 1209600,
    }


def test_dead_letters_come_over_tls_from_the_rules_only(template: Template) -> None:
    policy = template.only("AWS::SQS::QueuePolicy")
    statements = policy["PolicyDocument"]["Statement"]
    (deny,) = [statement for statement in statements if statement["Effect"] == "Deny"]
    assert deny["Action"] == "sqs:*"
    assert deny["Principal"] == {"AWS": "*"}
    assert deny["Resource"] == LETTERS
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    allowed = [statement for statement in statements if statement["Effect"] == "Allow"]
    for allow in allowed:
        assert allow["Action"] == "sqs:SendMessage"
        assert allow["Principal"] == {"Service": "events.amazonaws.com"}
    assert [allow["Condition"] for allow in allowed] == [
        {"ArnEquals": {"aws:SourceArn": rule_arn(name)}} for name in EVENT_RULES
    ]
