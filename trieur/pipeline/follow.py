"""Having a run, or a batch, followed to its end by an execution of a state machine."""

import json
import logging
from datetime import datetime, timedelta
from typing import Final

from trieur import names
from trieur.batches import BatchReference
from trieur.deployment import Clients, Deployment
from trieur.runs import Run, RunReference, RunStatus

logger = logging.getLogger(__name__)

# An execution polls at least every hour and records what it finds; an endpoint is created in less than one.
ABANDONED_AFTER: Final = timedelta(hours=3)


def is_abandoned(run: Run, moment: datetime) -> bool:
    """Whether nothing has been recorded of a DEPLOYING run for so long that its execution has died, or was stopped."""
    return run.status is RunStatus.DEPLOYING and moment - run.updated_at > ABANDONED_AFTER


def follow(run: RunReference, deployment: Deployment, clients: Clients, start: str = "") -> bool:
    """Start the execution unless it was started before; `start` tells a later start of the run's endpoint.

    False when it was, and has ended since.
    """
    name = names.execution(run.classifier, run.run_id, start)
    return _execute(deployment.state_machine_arn, name, run, clients)


def follow_batch(batch: BatchReference, deployment: Deployment, clients: Clients) -> None:
    """Start the execution unless it was started before."""
    name = names.execution(batch.classifier, batch.batch_id)
    _execute(deployment.batch_state_machine_arn, name, batch, clients)


def _execute(state_machine_arn: str, name: str, subject: RunReference | BatchReference, clients: Clients) -> bool:
    reference = subject.model_dump()
    try:
        clients.stepfunctions.start_execution(stateMachineArn=state_machine_arn, name=name, input=json.dumps(reference))
    except clients.stepfunctions.exceptions.ExecutionAlreadyExists:
        logger.info("it was followed to its end", extra=reference)
        return False
    return True
