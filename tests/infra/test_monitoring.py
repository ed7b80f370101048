import json
from typing import Any

import pytest

from tests.infra.template import ACCOUNT, Template

TOPIC = f"arn:aws:sns:eu-west-1:{ACCOUNT}:trieur-outcomes"
MACHINE = f"arn:aws:states:eu-west-1:{ACCOUNT}:stateMachine:trieur"

ALARMS = {
    "RunsFailed": ("AWS/States", "ExecutionsFailed", {"StateMachineArn": MACHINE}),
    "RunsTimedOut": ("AWS/States", "ExecutionsTimedOut", {"StateMachineArn": MACHINE}),
    "RunsAborted": ("AWS/States", "ExecutionsAborted", {"StateMachineArn": MACHINE}),
    "DeadLetters": ("AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": "trieur-dead-letters"}),
    **{
        f"{label}{metric}": ("AWS/Lambda", metric, {"FunctionName": function})
        for label, function in (
            ("StartTraining", "trieur-start-training"),
            ("CheckModelStatus", "trieur-check-model-status"),
            ("CreateEndpoint", "trieur-create-endpoint"),
        )
        for metric in ("Errors", "Throttles")
    },
}


def alarms(template: Template) -> dict[str, dict[str, Any]]:
    return {
        alarm["AlarmName"].removeprefix("trieur-"): alarm
        for alarm in template.of_type("AWS::CloudWatch::Alarm").values()
    }


def test_there_are_no_other_alarms(template: Template) -> None:
    assert set(alarms(template)) == set(ALARMS)


@pytest.mark.parametrize("name", ALARMS)
def test_one_occurrence_is_told(template: Template, name: str) -> None:
    alarm = alarms(template)[name]
    namespace, metric, dimensions = ALARMS[name]
    assert (alarm["Namespace"], alarm["MetricName"]) == (namespace, metric)
    found = {dimension["Name"]: dimension["Value"] for dimension in alarm["Dimensions"]}
    # Step Functions' metrics know a state machine by its ARN, the others by their names.
    assert found == dimensions
    assert alarm["Statistic"] == ("Maximum" if name == "DeadLetters" else "Sum")
    assert (alarm["Threshold"], alarm["EvaluationPeriods"], alarm["Period"]) == (1, 1, 300)
    assert alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
    assert alarm["TreatMissingData"] == "notBreaching"
    assert alarm["AlarmActions"] == [TOPIC]
    assert alarm["AlarmDescription"]


def test_the_topic_takes_messages_over_tls_and_from_alarms(template: Template) -> None:
    statements = template.only("AWS::SNS::TopicPolicy")["PolicyDocument"]["Statement"]
    (deny,) = [statement for statement in statements if statement["Effect"] == "Deny"]
    assert (deny["Action"], deny["Principal"], deny["Resource"]) == ("sns:Publish", "*", TOPIC)
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    (allow,) = [statement for statement in statements if statement["Effect"] == "Allow"]
    assert allow["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert allow["Action"] == "sns:Publish"
    assert allow["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def test_an_address_is_told_when_there_is_one(template: Template, other: Template) -> None:
    assert not template.of_type("AWS::SNS::Subscription")
    subscription = other.only("AWS::SNS::Subscription")
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "team@example.org")


def test_the_dashboard_shows_runs_functions_and_endpoints(template: Template) -> None:
    dashboard = template.only("AWS::CloudWatch::Dashboard")
    assert dashboard["DashboardName"] == "trieur"
    widgets = json.loads(dashboard["DashboardBody"])["widgets"]
    titles = {widget["properties"]["title"] for widget in widgets}
    assert titles == {
        *("Alarms", "Runs", "Time of a run", "Dead letters"),
        *("Lambda errors", "Lambda duration", "Lambda throttles"),
        *("Endpoint calls", "Endpoint errors", "Time in the model, microseconds"),
    }
    (shown,) = [widget for widget in widgets if widget["type"] == "alarm"]
    assert len(shown["properties"]["alarms"]) == len(ALARMS)
