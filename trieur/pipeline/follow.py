"""Having a run, or a batch, followed to its end by an execution of a state machine."""

import json
import logging

from trieur import names
from trieur.batches import BatchReference
from trieur.deployment import Clients, Deployment
from trieur.runs import RunReference

logger = logging.getLogger(__name__)


def follow(run: RunReference, deployment: Deployment, clients: Clients, start: str = "") -> None:
    """Start the execution unless it was started before; `start` tells a later start of the run's endpoint."""
    name = names.execution(run.classifier, run.run_id, start)
    _execute(deployment.state_machine_arn, name, run, clients)


def follow_batch(batch: BatchReference, deployment: Deployment, clients: Clients) -> None:
    """Start the execution unless it was started before."""
    name = names.execution(batch.classifier, batch.batch_id)
    _execute(deployment.batch_state_machine_arn, name, batch, clients)


def _execute(state_machine_arn: str, name: str, subject: RunReference | BatchReference, clients: Clients) -> None:
    reference = subject.model_dump()
    try:
        clients.stepfunctions.start_execution(stateMachineArn=state_machine_arn, name=name, input=json.dumps(reference))
    except clients.stepfunctions.exceptions.ExecutionAlreadyExists:
        logger.info("it is already followed, or was to its end", extra=reference)
