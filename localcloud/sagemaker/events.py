"""The state changes SageMaker tells EventBridge."""

from __future__ import annotations

import datetime
import logging
from typing import TYPE_CHECKING, Any

from localcloud.ministack import publish_event
from localcloud.roles import Place

if TYPE_CHECKING:
    from localcloud.sagemaker.training_job import TrainingJob
    from localcloud.sagemaker.transform_job import TransformJob

_logger = logging.getLogger("localcloud")


def publish_training_job(job: TrainingJob) -> None:
    _publish(job.place, "SageMaker Training Job State Change", job.arn, job.describe())


def publish_transform_job(job: TransformJob) -> None:
    _publish(job.place, "SageMaker Transform Job State Change", job.arn, job.describe())


def publish_endpoint(place: Place, arn: str, described: dict[str, Any]) -> None:
    _publish(place, "SageMaker Endpoint State Change", arn, described)


def _publish(place: Place, detail_type: str, arn: str, described: dict[str, Any]) -> None:
    try:
        publish_event(place.account, place.region, detail_type, "aws.sagemaker", [arn], _with_epochs(described))
    except Exception:
        # A rule's target that fails must not fail the job the event is about.
        _logger.exception("The event of %s was not delivered", arn)


def _with_epochs(value: Any) -> Any:
    """Times in milliseconds since 1970, as these events carry them."""
    if isinstance(value, dict):
        return {key: _with_epochs(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_epochs(item) for item in value]
    if isinstance(value, datetime.datetime):
        return int(value.timestamp() * 1000)
    return value
