"""Invoked by the state machine at every polling interval, and when one of its steps has failed."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.runtime import clients, deployment, logger
from lambdas.step_failures import step_failure
from trieur.pipeline.check import check_run, fail_run
from trieur.runs import RunReference


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Returns the run's status; with an `error` in the event, records it as the run's end."""
    reference = RunReference.model_validate(event)
    if "error" in event:
        run = fail_run(reference, step_failure(event["error"]), deployment(), clients())
    else:
        run = check_run(reference, deployment(), clients())
    logger.info(run.message, extra={"outcome": run.outcome()})
    return run.outcome()
