"""What a SageMaker endpoint was asked, as CloudWatch counted it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from trieur.costs.load import DAYS

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

_HOUR: Final = 3600
# Less says nothing of a month.
_LEAST_DAYS: Final = 1 / 24


@dataclass(frozen=True)
class Traffic:
    """Of the last `days`: `calls` of the endpoint, and how long its container took on average, in milliseconds.

    A call that carries several texts counts once.
    """

    days: float
    calls: float
    milliseconds: float | None

    @property
    def questions_a_month(self) -> float:
        return self.calls / self.days * DAYS


def traffic_of(
    cloudwatch: "CloudWatchClient", endpoint: str, variant: str, *, since: datetime, now: datetime
) -> Traffic | None:
    """The calls since `since`, or of the last 30 days where that is longer ago; None where there were none.

    Raises botocore's errors.
    """
    begin = max(since, now - timedelta(days=DAYS))
    days = max((now - begin).total_seconds() / 86_400, _LEAST_DAYS)
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=[
            _query("calls", "Invocations", "Sum", endpoint, variant),
            _query("latency", "ModelLatency", "Average", endpoint, variant),
        ],
        # Whole hours: CloudWatch begins its periods there, and would leave out the first otherwise.
        StartTime=begin.replace(minute=0, second=0, microsecond=0),
        EndTime=now,
    )
    calls: dict[datetime, float] = {}
    latencies: dict[datetime, float] = {}
    for page in pages:
        for result in page["MetricDataResults"]:
            values = calls if result["Id"] == "calls" else latencies
            values.update(zip(result["Timestamps"], result["Values"], strict=True))
    total = sum(calls.values())
    if total <= 0:
        return None
    weighed = [(latencies[hour], calls[hour]) for hour in latencies if calls.get(hour, 0) > 0]
    weight = sum(count for _, count in weighed)
    # ModelLatency is in microseconds.
    milliseconds = sum(value * count for value, count in weighed) / weight / 1000 if weight else None
    return Traffic(days, total, milliseconds)


def _query(name: str, metric: str, statistic: str, endpoint: str, variant: str) -> "MetricDataQueryTypeDef":
    dimensions = {"EndpointName": endpoint, "VariantName": variant}
    return {
        "Id": name,
        "MetricStat": {
            "Metric": {
                "Namespace": "AWS/SageMaker",
                "MetricName": metric,
                "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
            },
            "Period": _HOUR,
            "Stat": statistic,
        },
    }
