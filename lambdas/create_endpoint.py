"""Invoked by the state machine once a run's model has passed the gate."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.runtime import clients, deployment, logger
from trieur.pipeline.deploy import deploy_run
from trieur.runs import RunReference


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Create or update the endpoint; EndpointBusy reaches the state machine, which tries again later."""
    run = deploy_run(RunReference.model_validate(event), deployment(), clients())
    logger.info(run.message, extra={"outcome": run.outcome()})
    return run.outcome()
