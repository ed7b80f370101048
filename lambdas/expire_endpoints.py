"""Invoked on a schedule."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.runtime import clients, deployment, logger
from trieur.pipeline.idle import expire_idle_endpoints


@logger.inject_lambda_context
def handler(_event: dict[str, Any], _context: LambdaContext) -> list[dict[str, Any]]:
    """Delete the endpoints nobody asks; returns those that were deleted."""
    expired = expire_idle_endpoints(datetime.now(UTC), deployment(), clients())
    for endpoint in expired:
        logger.info(endpoint.message, extra={"expired": asdict(endpoint)})
    return [asdict(endpoint) for endpoint in expired]
