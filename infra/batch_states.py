"""The states a batch goes through."""

from infra.settings import Settings
from infra.states import State, States, choice


def batch_definition(*, check_batch: str, topic: str, partition: str, settings: Settings) -> State:
    """The definition of the state machine that follows batches; the first two are the ARNs it calls."""
    states = States("batch", topic=topic, partition=partition, settings=settings)
    return {
        "Comment": "From a batch job that was started to predictions beside the request",
        "StartAt": "WaitForBatch",
        "TimeoutSeconds": settings.execution_seconds,
        "States": {
            "WaitForBatch": states.wait("CheckBatch"),
            "CheckBatch": states.step(check_batch, "IsDone?"),
            "IsDone?": choice(
                {"RUNNING": "WaitForBatch", "COMPLETED": "NotifyOutcome", "FAILED": "NotifyOutcome"},
            ),
            **states.endings(
                record_failure=check_batch,
                subject="Trieur: batch of {}",
                succeeded=["COMPLETED"],
                failed=["FAILED"],
            ),
        },
    }
