"""The states a run goes through, in the Amazon States Language.

Input: a run reference, `{"classifier", "run_id", "backend"}`. Every Lambda gets the whole state and answers with the
next one, which adds `status` and `message` (one sentence for people).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from infra.settings import Settings

State = dict[str, Any]

# Faults of the Lambda service itself, as AWS advises.
_SERVICE_FAULTS: Final[State] = {
    "ErrorEquals": [
        "Lambda.ClientExecutionTimeoutException",
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.TooManyRequestsException",
    ],
    "IntervalSeconds": 2,
    "MaxAttempts": 6,
    "BackoffRate": 2,
    "JitterStrategy": "FULL",
}
# Every step is safe to repeat, so one broken connection does not cost hours of training.
_PASSING_FAULTS: Final[State] = {
    "ErrorEquals": ["States.TaskFailed"],
    "IntervalSeconds": 10,
    "MaxAttempts": 3,
    "BackoffRate": 3,
}
_CATCH: Final[State] = {"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "RecordFailure"}


def definition(
    *, check_model_status: str, create_endpoint: str, topic: str, partition: str, settings: Settings
) -> State:
    """The state machine's definition; the first three are the ARNs it calls."""
    lambda_invoke = f"arn:{partition}:states:::lambda:invoke"
    seconds = settings.polling_minutes * 60

    def step(function: str, then: str, *, retry: Sequence[State] = ()) -> State:
        return {
            "Type": "Task",
            "Resource": lambda_invoke,
            "Parameters": {"FunctionName": function, "Payload.$": "$"},
            "OutputPath": "$.Payload",
            "Retry": [*retry, _SERVICE_FAULTS, _PASSING_FAULTS],
            "Catch": [_CATCH],
            "Next": then,
        }

    # Another run is being deployed to the same endpoint: its turn comes, within a day or never.
    busy: State = {
        "ErrorEquals": ["EndpointBusy"],
        "IntervalSeconds": seconds,
        "MaxAttempts": 24 * 60 // settings.polling_minutes,
        "BackoffRate": 1,
    }
    record_failure = step(check_model_status, "NotifyOutcome")
    record_failure["Catch"] = [
        {"ErrorEquals": ["States.ALL"], "ResultPath": "$.unrecorded", "Next": "FailureNotRecorded"}
    ]
    return {
        "Comment": "From a training job that was started to an endpoint that is live",
        "StartAt": "WaitForTraining",
        "TimeoutSeconds": settings.execution_seconds,
        "States": {
            "WaitForTraining": {"Type": "Wait", "Seconds": seconds, "Next": "CheckTraining"},
            "CheckTraining": step(check_model_status, "IsTrained?"),
            "IsTrained?": _choice(
                {
                    "TRAINING": "WaitForTraining",
                    "TRAINED": "CreateEndpoint",
                    "REFUSED": "NotifyOutcome",
                    "FAILED": "NotifyOutcome",
                }
            ),
            "CreateEndpoint": step(create_endpoint, "IsDeploying?", retry=[busy]),
            "IsDeploying?": _choice(
                {
                    "DEPLOYING": "WaitForEndpoint",
                    "LIVE": "NotifyOutcome",
                    "REFUSED": "NotifyOutcome",
                    "TRAINED": "NotifyOutcome",
                }
            ),
            "WaitForEndpoint": {"Type": "Wait", "Seconds": seconds, "Next": "CheckEndpoint"},
            "CheckEndpoint": step(check_model_status, "IsLive?"),
            "IsLive?": _choice(
                {
                    "DEPLOYING": "WaitForEndpoint",
                    "LIVE": "NotifyOutcome",
                    "ROLLED_BACK": "NotifyOutcome",
                    "REFUSED": "NotifyOutcome",
                    "FAILED": "NotifyOutcome",
                }
            ),
            "UnknownStatus": {
                "Type": "Pass",
                "Parameters": {
                    "Error": "UnknownStatus",
                    "Cause.$": "States.Format('A step answered with a status nobody expects there: {}.', $.status)",
                },
                "ResultPath": "$.error",
                "Next": "RecordFailure",
            },
            "RecordFailure": record_failure,
            "FailureNotRecorded": {
                "Type": "Pass",
                "Parameters": {
                    "classifier.$": "$.classifier",
                    "run_id.$": "$.run_id",
                    "backend.$": "$.backend",
                    "status": "FAILED",
                    "message.$": (
                        "States.Format('Run {} of the classifier {} failed ({}), and that could not be written to its"
                        " run.json: see the execution {}.',"
                        " $.run_id, $.classifier, $.error.Error, $$.Execution.Id)"
                    ),
                },
                "Next": "NotifyOutcome",
            },
            "NotifyOutcome": {
                "Type": "Task",
                "Resource": f"arn:{partition}:states:::sns:publish",
                "Parameters": {
                    "TopicArn": topic,
                    "Subject.$": "States.Format('Trieur: {} {}', $.classifier, $.status)",
                    "Message.$": "$.message",
                    "MessageAttributes": {
                        name: {"DataType": "String", "StringValue.$": f"$.{name}"}
                        for name in ("classifier", "run_id", "status")
                    },
                },
                "ResultPath": "$.notification",
                "Retry": [_PASSING_FAULTS],
                "Next": "Succeeded?",
            },
            "Succeeded?": _choice(
                {
                    "LIVE": "RunSucceeded",
                    "REFUSED": "RunSucceeded",
                    "TRAINED": "RunSucceeded",
                    "FAILED": "RunFailed",
                    "ROLLED_BACK": "RunFailed",
                },
                otherwise="RunFailed",
            ),
            "RunSucceeded": {"Type": "Succeed"},
            "RunFailed": {"Type": "Fail", "ErrorPath": "$.status", "CausePath": "$.message"},
        },
    }


def _choice(next_by_status: Mapping[str, str], *, otherwise: str = "UnknownStatus") -> State:
    return {
        "Type": "Choice",
        "Choices": [
            {"Variable": "$.status", "StringEquals": status, "Next": following}
            for status, following in next_by_status.items()
        ],
        "Default": otherwise,
    }
