"""Having a run followed to its end by an execution of the state machine."""

import json
import logging

from trieur import names
from trieur.deployment import Clients, Deployment
from trieur.runs import RunReference

logger = logging.getLogger(__name__)


def follow(run: RunReference, deployment: Deployment, clients: Clients, start: str = "") -> None:
    """Start the execution unless it was started before; `start` tells a later start of the run's endpoint."""
    try:
        clients.stepfunctions.start_execution(
            stateMachineArn=deployment.state_machine_arn,
            name=names.execution(run.classifier, run.run_id, start),
            input=json.dumps(run.model_dump()),
        )
    except clients.stepfunctions.exceptions.ExecutionAlreadyExists:
        logger.info("the run is already followed, or was to its end", extra=run.model_dump())
