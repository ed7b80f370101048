import json
from typing import Any

import pytest

from tests.infra.template import ACCOUNT, Template

TOPIC = f"arn:aws:sns:eu-west-1:{ACCOUNT}:trieur-outcomes"
MACHINES = {
    "Runs": f"arn:aws:states:eu-west-1:{ACCOUNT}:stateMachine:trieur",
    "Batches": f"arn:aws:states:eu-west-1:{ACCOUNT}:stateMachine:trieur-batch",
}

ALARMS = {
    **{
        f"{what}{end}": ("AWS/States", f"Executions{end}", {"StateMachineArn": machine})
        for what, machine in MACHINES.items()
        for end in ("Failed", "TimedOut", "Aborted")
    },
    "DeadLetters": ("AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": "trieur-dead-letters"}),
    **{
        f"{label}{metric}": ("AWS/Lambda", metric, {"FunctionName": function})
        for label, function in (
            ("StartTraining", "trieur-start-training"),
            ("CheckModelStatus", "trieur-check-model-status"),
            ("CreateEndpoint", "trieur-create-endpoint"),
            ("StartBatch", "trieur-start-batch"),
            ("CheckBatch", "trieur-check-batch"),
            ("StartEndpoint", "trieur-start-endpoint"),
            ("ExpireEndpoints", "trieur-expire-endpoints"),
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


def test_what_does_not_exist_raises_no_alarm(elsewhere: Template) -> None:
    missing = {"ExpireEndpointsErrors", "ExpireEndpointsThrottles"}
    assert set(alarms(elsewhere)) == set(ALARMS) - missing


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


UNITS = "Comprehend's inference units, paid for and used"


def widgets(template: Template) -> dict[str, dict[str, Any]]:
    """Title to widget."""
    dashboard = template.only("AWS::CloudWatch::Dashboard")
    assert dashboard["DashboardName"] == "trieur"
    return {widget["properties"]["title"]: widget for widget in json.loads(dashboard["DashboardBody"])["widgets"]}


def test_the_dashboard_shows_runs_batches_functions_and_endpoints(template: Template) -> None:
    shown = widgets(template)
    assert set(shown) == {
        *("Alarms", "Runs", "Time of a run", "Dead letters"),
        *("Batches", "Time of a batch", UNITS),
        *("Lambda errors", "Lambda duration", "Lambda throttles"),
        *("Endpoint calls", "Endpoint errors", "Time in the model, microseconds"),
    }
    assert len(shown["Alarms"]["properties"]["alarms"]) == len(ALARMS)
    for title, arn in MACHINES.items():
        assert {metric[3] for metric in shown[title]["properties"]["metrics"]} == {arn}


def test_comprehend_s_endpoints_are_searched_for_by_the_deployment_s_name(template: Template) -> None:
    expressions = [metric[0]["expression"] for metric in widgets(template)[UNITS]["properties"]["metrics"]]
    assert expressions == [
        "SEARCH('{AWS/Comprehend,EndpointArn} MetricName=\"ProvisionedInferenceUnits\" EndpointArn=trieur', 'Average')",
        "SEARCH('{AWS/Comprehend,EndpointArn} MetricName=\"ConsumedInferenceUnits\" EndpointArn=trieur', 'Sum')",
    ]


def test_where_there_is_no_comprehend_none_is_shown(elsewhere: Template) -> None:
    assert UNITS not in widgets(elsewhere)
