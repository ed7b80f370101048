"""Deleting Comprehend endpoints that nobody asks: each of their units costs money as long as they stand."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from trieur import names
from trieur.deployment import Clients, Deployment
from trieur.notices import notify
from trieur.runs import Run, RunStatus, RunStore

if TYPE_CHECKING:
    from mypy_boto3_comprehend.type_defs import EndpointPropertiesTypeDef

# CloudWatch sums over whole minutes.
PERIOD: Final = timedelta(minutes=1)


@dataclass(frozen=True)
class Expired:
    """An endpoint that was deleted, and the run it answered for."""

    classifier: str
    run_id: str
    endpoint: str
    message: str


def expire_idle_endpoints(moment: datetime, deployment: Deployment, clients: Clients) -> list[Expired]:
    """Delete every Comprehend endpoint of ours without calls for as many hours as its run's settings allow.

    `moment` is now, with its time zone. Its run is TRAINED again, which is recorded first: an endpoint that could
    not be deleted is met again by the next check.
    """
    store = RunStore(clients.s3, deployment.artifacts_bucket)
    expired = []
    for endpoint, run in _endpoints_in_service(store, deployment, clients):
        hours = run.settings.comprehend.idle_hours
        idle = timedelta(hours=hours)
        if moment - endpoint["LastModifiedTime"] < idle or _was_called(endpoint["EndpointArn"], moment, idle, clients):
            continue
        name = endpoint["EndpointArn"].rpartition("/")[2]
        message = (
            f"Endpoint {name} had no call for {hours:g} hours and was deleted, so that it costs nothing more. Its model"
            f" is kept: `trieur start {run.classifier} --backend comprehend` creates the endpoint again, without"
            " training."
        )
        store.update(run, status=RunStatus.TRAINED, message=message, endpoint=None)
        clients.comprehend.delete_endpoint(EndpointArn=endpoint["EndpointArn"])
        notify(
            clients,
            deployment,
            subject=f"Trieur: {run.classifier} endpoint deleted, idle ({run.backend})",
            message=message,
            classifier=run.classifier,
            status=RunStatus.TRAINED,
        )
        expired.append(Expired(run.classifier, run.run_id, name, message))
    return expired


def _endpoints_in_service(
    store: RunStore, deployment: Deployment, clients: Clients
) -> Iterator[tuple["EndpointPropertiesTypeDef", Run]]:
    """Those that answer with a run of this deployment and are not about to answer with another."""
    model = re.compile(
        re.escape(deployment.comprehend_arn(f"document-classifier/{deployment.name}-"))
        + rf"(?P<classifier>.+)/version/(?P<run>[0-9a-f]{{{names.RUN_ID_LENGTH}}})"
    )
    for page in clients.comprehend.get_paginator("list_endpoints").paginate(Filter={"Status": "IN_SERVICE"}):
        for endpoint in page["EndpointPropertiesList"]:
            found = model.fullmatch(endpoint["ModelArn"])
            run = store.find(found["classifier"], found["run"]) if found else None
            if run is not None and run.status is not RunStatus.DEPLOYING:
                yield endpoint, run


def _was_called(endpoint_arn: str, moment: datetime, idle: timedelta, clients: Clients) -> bool:
    """Whether CloudWatch saw the endpoint consume anything in the `idle` time before `moment`."""
    pages = clients.cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=[
            {
                "Id": "consumed",
                "MetricStat": {
                    "Metric": {
                        "Namespace": "AWS/Comprehend",
                        "MetricName": "ConsumedInferenceUnits",
                        "Dimensions": [{"Name": "EndpointArn", "Value": endpoint_arn}],
                    },
                    "Period": int(PERIOD.total_seconds()),
                    "Stat": "Sum",
                },
            }
        ],
        StartTime=moment - max(idle, PERIOD),
        EndTime=moment + PERIOD,
    )
    return any(value > 0 for page in pages for result in page["MetricDataResults"] for value in result["Values"])
