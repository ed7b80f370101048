"""Deleting Comprehend endpoints that nobody asks: each of their units costs money as long as they stand."""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from trieur import names
from trieur.backends.comprehend.resources import endpoint_arn
from trieur.deployment import Clients, Deployment
from trieur.notices import notify
from trieur.pipeline.follow import is_abandoned
from trieur.runs import Run, RunStatus, RunStore

if TYPE_CHECKING:
    from mypy_boto3_comprehend.type_defs import EndpointPropertiesTypeDef

logger = logging.getLogger(__name__)

# CloudWatch sums over whole minutes, but keeps them for 15 days only, and over five minutes for 63 days.
PERIOD: Final = timedelta(minutes=1)
_KEPT: Final = ((timedelta(days=15), PERIOD), (timedelta(days=63), timedelta(minutes=5)))
_LONGEST_PERIOD: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Expired:
    """An endpoint that was deleted, and the run it answered for."""

    classifier: str
    run_id: str
    endpoint: str
    message: str


def expire_idle_endpoints(moment: datetime, deployment: Deployment, clients: Clients) -> list[Expired]:
    """Delete every Comprehend endpoint of ours without calls for as many hours as its run's settings allow.

    `moment` is now, with its time zone. An endpoint that cannot be deleted keeps no other; botocore's error is raised
    once every one had its turn.
    """
    store = RunStore(clients.s3, deployment.artifacts_bucket)
    expired: list[Expired] = []
    failures: list[ClientError] = []
    for endpoint, run in _endpoints_in_service(store, moment, deployment, clients):
        try:
            idle = timedelta(hours=run.settings.comprehend.idle_hours)
            arn = endpoint["EndpointArn"]
            if moment - endpoint["LastModifiedTime"] >= idle and not _was_called(arn, moment, idle, clients):
                expired.append(_expire(arn, run, store, deployment, clients))
        except ClientError as error:
            logger.warning("the endpoint could not be expired", exc_info=error, extra=run.reference.model_dump())
            failures.append(error)
    if failures:
        raise failures[0]
    return expired


def _expire(arn: str, run: Run, store: RunStore, deployment: Deployment, clients: Clients) -> Expired:
    """Delete the endpoint, and tell. Its run is TRAINED again, which is recorded first: broken off in between, the
    endpoint is met again by the next check."""
    name = arn.rpartition("/")[2]
    message = (
        f"Endpoint {name} had no call for {run.settings.comprehend.idle_hours:g} hours and was deleted, so that it"
        f" costs nothing more. Its model is kept: `trieur start {run.classifier} --backend comprehend` creates the"
        " endpoint again, without training."
    )
    asleep = store.update(run, status=RunStatus.TRAINED, message=message, endpoint=None)
    try:
        clients.comprehend.delete_endpoint(EndpointArn=arn)
    except clients.comprehend.exceptions.ResourceNotFoundException:
        logger.info("somebody else has deleted the endpoint", extra=run.reference.model_dump())
    except ClientError:
        # It stands: perhaps another run is being deployed to it at this very moment.
        store.update(asleep, status=run.status, message=run.message, endpoint=run.endpoint)
        raise
    notify(
        clients,
        deployment,
        subject=f"Trieur: {run.classifier} endpoint deleted, idle ({run.backend})",
        message=message,
        classifier=run.classifier,
        status=RunStatus.TRAINED,
    )
    return Expired(run.classifier, run.run_id, name, message)


def _endpoints_in_service(
    store: RunStore, moment: datetime, deployment: Deployment, clients: Clients
) -> Iterator[tuple["EndpointPropertiesTypeDef", Run]]:
    """Those of our classifiers, unless the run they answer with is still being deployed, and evaluated.

    Somebody else may have put one of our models behind an endpoint of their own.
    """
    model = re.compile(
        re.escape(deployment.comprehend_arn(f"document-classifier/{deployment.name}-"))
        + rf"(?P<classifier>.+)/version/(?P<run>[0-9a-f]{{{names.RUN_ID_LENGTH}}})"
    )
    for page in clients.comprehend.get_paginator("list_endpoints").paginate(Filter={"Status": "IN_SERVICE"}):
        for endpoint in page["EndpointPropertiesList"]:
            found = model.fullmatch(endpoint["ModelArn"])
            if found is None or endpoint["EndpointArn"] != endpoint_arn(deployment, found["classifier"]):
                continue
            run = store.find(found["classifier"], found["run"])
            if run is not None and (run.status is not RunStatus.DEPLOYING or is_abandoned(run, moment)):
                yield endpoint, run


def _was_called(arn: str, moment: datetime, idle: timedelta, clients: Clients) -> bool:
    """Whether CloudWatch saw the endpoint consume anything in the `idle` time before `moment`."""
    period = next((period for kept, period in _KEPT if idle < kept), _LONGEST_PERIOD)
    pages = clients.cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=[
            {
                "Id": "consumed",
                "MetricStat": {
                    "Metric": {
                        "Namespace": "AWS/Comprehend",
                        "MetricName": "ConsumedInferenceUnits",
                        "Dimensions": [{"Name": "EndpointArn", "Value": arn}],
                    },
                    "Period": int(period.total_seconds()),
                    "Stat": "Sum",
                },
            }
        ],
        StartTime=moment - max(idle, period),
        EndTime=moment + period,
    )
    return any(value > 0 for page in pages for result in page["MetricDataResults"] for value in result["Values"])
