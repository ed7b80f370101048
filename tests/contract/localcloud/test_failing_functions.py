"""Functions that raise: what a caller, a state machine and a dead-letter queue learn of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from localcloud import LocalCloud
from tests.contract.localcloud.account import ACCOUNT, REGION, trust, until
from tests.contract.localcloud.small_app import SmallApp
from tests.contract.localcloud.test_deployment_of_apps import function, lambda_role

HANDLER = """
class EndpointBusy(Exception):
    pass

def handler(event, context):
    raise EndpointBusy("line one\\nline two: still busy" if event else "")
"""
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:small"
LETTERS = f"arn:aws:sqs:{REGION}:{ACCOUNT}:letters"


def app(folder: Path) -> Path:
    small = SmallApp(folder)
    code = small.add_zip("code", {"package/__init__.py": "", "package/module.py": HANDLER})
    role = lambda_role()
    send = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": LETTERS}
    role["Properties"]["Policies"].append(
        {"PolicyName": "send", "PolicyDocument": {"Version": "2012-10-17", "Statement": [send]}}
    )
    failures = {
        "FunctionName": {"Ref": "Function"},
        "Qualifier": "$LATEST",
        "MaximumRetryAttempts": 1,
        "DestinationConfig": {"OnFailure": {"Destination": {"Fn::GetAtt": ["Letters", "Arn"]}}},
    }
    rule = {
        "EventPattern": {"source": ["tests"]},
        "State": "ENABLED",
        "Targets": [{"Id": "small", "Arn": {"Fn::GetAtt": ["Function", "Arn"]}}],
    }
    call = {"FunctionName": "small", "Payload.$": "$"}
    caught = [{"ErrorEquals": ["EndpointBusy"], "Next": "Busy"}]
    task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": call, "Catch": caught}
    states = {"StartAt": "Call", "States": {"Call": {**task, "End": True}, "Busy": {"Type": "Succeed"}}}
    machine = {
        "StateMachineName": "calls",
        "RoleArn": {"Fn::GetAtt": ["StepsRole", "Arn"]},
        "DefinitionString": json.dumps(states),
    }
    steps_role = {"AssumeRolePolicyDocument": trust("states.amazonaws.com")}
    return small.write(
        {
            "Role": role,
            "Function": function(code),
            "Letters": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "letters"}},
            "Failures": {"Type": "AWS::Lambda::EventInvokeConfig", "Properties": failures},
            "Rule": {"Type": "AWS::Events::Rule", "Properties": rule},
            "StepsRole": {"Type": "AWS::IAM::Role", "Properties": steps_role},
            "Machine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": machine},
        }
    )


def test_a_failure_is_known_by_its_class_and_an_event_nobody_could_handle_is_kept(tmp_path: Path) -> None:
    with LocalCloud(tmp_path / "state", app=app(tmp_path / "app")) as cloud:
        session = cloud.session()

        for event in ({}, {"some": "thing"}):
            answer = session.client("lambda").invoke(FunctionName="small", Payload=json.dumps(event).encode())
            assert answer["FunctionError"] == "Unhandled"
            assert json.loads(answer["Payload"].read())["errorType"] == "EndpointBusy"

        steps = session.client("stepfunctions")
        machine = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:calls"
        execution = steps.start_execution(stateMachineArn=machine, input='{"some": "thing"}')["executionArn"]
        ended = until(
            lambda: steps.describe_execution(executionArn=execution), lambda execution: execution["status"] != "RUNNING"
        )
        assert ended["status"] == "SUCCEEDED", "the state machine catches by the class"

        event = {"Source": "tests", "DetailType": "try", "Detail": '{"number": 1}'}
        session.client("events").put_events(Entries=[event])
        queue = session.client("sqs").get_queue_url(QueueName="letters")["QueueUrl"]
        [letter] = until(lambda: messages(session, queue), lambda found: len(found) > 0)
        assert letter["requestPayload"]["detail"] == {"number": 1}
        assert letter["responsePayload"]["errorType"] == "EndpointBusy"
        attempts = [line for line in account_log(session) if line.startswith("START")]
        assert len(attempts) == 2 + 1 + 2, "two calls, one step, one event tried twice"


def messages(session: Any, queue: str) -> list[dict[str, Any]]:
    found = session.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=0).get("Messages", [])
    return [json.loads(message["Body"]) for message in found]


def account_log(session: Any) -> list[str]:
    found = session.client("logs").filter_log_events(logGroupName="/aws/lambda/small")["events"]
    return [event["message"] for event in found]
