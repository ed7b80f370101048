"""Invoked by EventBridge for an event that asks to start an endpoint, and with the same event by `trieur start`."""

from dataclasses import asdict
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.runtime import clients, deployment, logger
from trieur.pipeline.restart import start_endpoint


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Start the endpoint from the classifier's newest model; returns what became of it."""
    # The same event may be delivered twice, under the same id; a direct call has none, and is answered.
    event_id = event.get("id")
    started = start_endpoint(
        event.get("detail"),
        event_id or context.aws_request_id,
        deployment(),
        clients(),
        answered=event_id is None,
    )
    logger.info(started.message, extra={"started": asdict(started)})
    return asdict(started)
