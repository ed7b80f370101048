"""Invoked by the batches' state machine at every polling interval, and when one of its steps has failed."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.runtime import clients, deployment, logger
from lambdas.step_failures import step_failure
from trieur.batches import BatchReference
from trieur.pipeline.check_batch import check_batch, fail_batch


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Returns the batch's status; with an `error` in the event, records it as the batch's end."""
    reference = BatchReference.model_validate(event)
    if "error" in event:
        batch = fail_batch(reference, step_failure(event["error"]), deployment(), clients())
    else:
        batch = check_batch(reference, deployment(), clients())
    logger.info(batch.message, extra={"outcome": batch.outcome()})
    return batch.outcome()
