"""The states a run goes through."""

from infra.settings import Settings
from infra.states import State, States, choice


def run_definition(
    *, check_model_status: str, create_endpoint: str, topic: str, partition: str, settings: Settings
) -> State:
    """The definition of the state machine that follows runs; the first three are the ARNs it calls."""
    states = States("run", topic=topic, partition=partition, settings=settings)
    # Another run is being deployed to the same endpoint: its turn comes, within a day or never.
    busy: State = {
        "ErrorEquals": ["EndpointBusy"],
        "IntervalSeconds": states.polling_seconds,
        "MaxAttempts": 24 * 60 // settings.polling_minutes,
        "BackoffRate": 1,
    }
    return {
        "Comment": "From a training job that was started to an endpoint that is live",
        # Not with the wait: a run whose endpoint is started anew has long been trained.
        "StartAt": "CheckTraining",
        "TimeoutSeconds": settings.execution_seconds,
        "States": {
            "WaitForTraining": states.wait("CheckTraining"),
            "CheckTraining": states.step(check_model_status, "IsTrained?"),
            # Two executions follow a run whose endpoint was asked for twice: each goes on from where the other is.
            "IsTrained?": choice(
                {
                    "TRAINING": "WaitForTraining",
                    "TRAINED": "CreateEndpoint",
                    "DEPLOYING": "WaitForEndpoint",
                    "LIVE": "NotifyOutcome",
                    "ROLLED_BACK": "NotifyOutcome",
                    "REFUSED": "NotifyOutcome",
                    "FAILED": "NotifyOutcome",
                }
            ),
            "CreateEndpoint": states.step(create_endpoint, "IsDeploying?", retry=[busy]),
            "IsDeploying?": choice(
                {
                    "DEPLOYING": "WaitForEndpoint",
                    "LIVE": "NotifyOutcome",
                    "REFUSED": "NotifyOutcome",
                    "TRAINED": "NotifyOutcome",
                    "ROLLED_BACK": "NotifyOutcome",
                    "FAILED": "NotifyOutcome",
                }
            ),
            "WaitForEndpoint": states.wait("CheckEndpoint"),
            "CheckEndpoint": states.step(check_model_status, "IsLive?"),
            "IsLive?": choice(
                {
                    "DEPLOYING": "WaitForEndpoint",
                    "LIVE": "NotifyOutcome",
                    # The endpoint was live for less than a wait, and has been deleted as idle.
                    "TRAINED": "NotifyOutcome",
                    "ROLLED_BACK": "NotifyOutcome",
                    "REFUSED": "NotifyOutcome",
                    "FAILED": "NotifyOutcome",
                }
            ),
            **states.endings(
                record_failure=check_model_status,
                subject="Trieur: {}",
                succeeded=["LIVE", "REFUSED", "TRAINED"],
                failed=["FAILED", "ROLLED_BACK"],
            ),
        },
    }
