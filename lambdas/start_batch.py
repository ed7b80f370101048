"""Invoked by EventBridge for every object created under batch/ in the inbox bucket."""

from dataclasses import asdict
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.runtime import clients, deployment, logger
from trieur.drops import Drop, DropIgnored
from trieur.pipeline.start_batch import start_batch


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Start the batches that the drop asks for; returns what became of the drop."""
    try:
        drop = Drop.from_event(event)
    except DropIgnored as reason:
        logger.info("ignored", extra={"reason": str(reason)})
        return {"outcome": "ignored", "message": f"Nothing to do: {reason}."}
    started = asdict(start_batch(drop, deployment(), clients()))
    logger.info(started["outcome"], extra={"drop": asdict(drop), "started": started})
    return started
