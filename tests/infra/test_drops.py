"""How a dropped dataset reaches `start_training`, and where it goes when it does not."""

from tests.infra.template import ACCOUNT, Template

START = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:trieur-start-training"
RULE = f"arn:aws:events:eu-west-1:{ACCOUNT}:rule/trieur-drop"
LETTERS = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:trieur-dead-letters"


def test_the_rule_takes_datasets_of_the_inbox_only(template: Template) -> None:
    rule = template.only("AWS::Events::Rule")
    assert (rule["Name"], rule["State"]) == ("trieur-drop", "ENABLED")
    assert rule["EventPattern"] == {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {
            "bucket": {"name": [f"trieur-inbox-{ACCOUNT}-eu-west-1"]},
            "object": {"key": [{"prefix": "datasets/"}]},
        },
    }


def test_delivery_is_tried_for_a_day_then_kept(template: Template) -> None:
    (target,) = template.only("AWS::Events::Rule")["Targets"]
    assert target["Arn"] == START
    assert target["DeadLetterConfig"] == {"Arn": LETTERS}
    assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 24 * 3600, "MaximumRetryAttempts": 185}


def test_only_this_rule_may_call_the_function(template: Template) -> None:
    permission = template.only("AWS::Lambda::Permission")
    assert permission == {
        "Action": "lambda:InvokeFunction",
        "FunctionName": START,
        "Principal": "events.amazonaws.com",
        "SourceArn": RULE,
    }


def test_dead_letters_are_encrypted_and_kept_for_a_fortnight(template: Template) -> None:
    queue = template.only("AWS::SQS::Queue")
    assert queue == {
        "QueueName": "trieur-dead-letters",
        "SqsManagedSseEnabled": True,
        "MessageRetentionPeriod": 1209600,
    }


def test_dead_letters_come_over_tls_from_the_rule_only(template: Template) -> None:
    policy = template.only("AWS::SQS::QueuePolicy")
    statements = policy["PolicyDocument"]["Statement"]
    (deny,) = [statement for statement in statements if statement["Effect"] == "Deny"]
    assert deny["Action"] == "sqs:*"
    assert deny["Principal"] == {"AWS": "*"}
    assert deny["Resource"] == LETTERS
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    (allow,) = [statement for statement in statements if statement["Effect"] == "Allow"]
    assert allow["Action"] == "sqs:SendMessage"
    assert allow["Principal"] == {"Service": "events.amazonaws.com"}
    assert allow["Condition"] == {"ArnEquals": {"aws:SourceArn": RULE}}
