"""What the state machines have in common, in the Amazon States Language.

Input: the reference of what is followed, `{"classifier", "<run or batch>_id", "backend"}`. Every Lambda gets the whole
state and answers with the next one, which adds `status` and `message` (one sentence for people).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

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


class States:
    """Makes the states of a machine that follows `what`, and tells the topic of that ARN how it ended."""

    def __init__(self, what: Literal["run", "batch"], *, topic: str, partition: str, settings: Settings) -> None:
        self._what = what
        self._topic = topic
        self._services = f"arn:{partition}:states:::"
        self.polling_seconds = settings.polling_minutes * 60

    def wait(self, then: str) -> State:
        return {"Type": "Wait", "Seconds": self.polling_seconds, "Next": then}

    def step(self, function: str, then: str, *, retry: Sequence[State] = ()) -> State:
        """Calls the Lambda function of that ARN."""
        return {
            "Type": "Task",
            "Resource": f"{self._services}lambda:invoke",
            "Parameters": {"FunctionName": function, "Payload.$": "$"},
            "OutputPath": "$.Payload",
            "Retry": [*retry, _SERVICE_FAULTS, _PASSING_FAULTS],
            "Catch": [_CATCH],
            "Next": then,
        }

    def endings(
        self, *, record_failure: str, subject: str, succeeded: Sequence[str], failed: Sequence[str]
    ) -> dict[str, State]:
        """What comes after NotifyOutcome, and the way there of what has gone wrong.

        `record_failure` is the ARN of the function that writes down an `error`; `subject` begins the notification's
        and has a `{}` for the classifier.
        """
        what, id_ = self._what, f"{self._what}_id"
        recording = self.step(record_failure, "NotifyOutcome")
        recording["Catch"] = [
            {"ErrorEquals": ["States.ALL"], "ResultPath": "$.unrecorded", "Next": "FailureNotRecorded"}
        ]
        good, bad = f"{what.capitalize()}Succeeded", f"{what.capitalize()}Failed"
        return {
            "UnknownStatus": {
                "Type": "Pass",
                "Parameters": {
                    "Error": "UnknownStatus",
                    "Cause.$": "States.Format('A step answered with a status nobody expects there: {}.', $.status)",
                },
                "ResultPath": "$.error",
                "Next": "RecordFailure",
            },
            "RecordFailure": recording,
            "FailureNotRecorded": {
                "Type": "Pass",
                "Parameters": {
                    "classifier.$": "$.classifier",
                    f"{id_}.$": f"$.{id_}",
                    "backend.$": "$.backend",
                    "status": "FAILED",
                    "message.$": (
                        f"States.Format('{what.capitalize()} {{}} of the classifier {{}} failed ({{}}), and that could"
                        f" not be written to its {what}.json: see the execution {{}}.',"
                        f" $.{id_}, $.classifier, $.error.Error, $$.Execution.Id)"
                    ),
                },
                "Next": "NotifyOutcome",
            },
            "NotifyOutcome": {
                "Type": "Task",
                "Resource": f"{self._services}sns:publish",
                "Parameters": {
                    "TopicArn": self._topic,
                    "Subject.$": f"States.Format('{subject} {{}} ({{}})', $.classifier, $.status, $.backend)",
                    "Message.$": "$.message",
                    "MessageAttributes": {
                        name: {"DataType": "String", "StringValue.$": f"$.{name}"}
                        for name in ("classifier", id_, "backend", "status")
                    },
                },
                "ResultPath": "$.notification",
                "Retry": [_PASSING_FAULTS],
                "Next": "Succeeded?",
            },
            "Succeeded?": choice(dict.fromkeys(succeeded, good) | dict.fromkeys(failed, bad), otherwise=bad),
            good: {"Type": "Succeed"},
            bad: {"Type": "Fail", "ErrorPath": "$.status", "CausePath": "$.message"},
        }


def choice(next_by_status: Mapping[str, str], *, otherwise: str = "UnknownStatus") -> State:
    return {
        "Type": "Choice",
        "Choices": [
            {"Variable": "$.status", "StringEquals": status, "Next": following}
            for status, following in next_by_status.items()
        ],
        "Default": otherwise,
    }
