"""The function that looks for idle endpoints."""

from aws_cdk import Duration
from constructs import Construct

from infra.buckets import RUNS
from infra.functions.function import Function
from infra.functions.surroundings import Surroundings


class ExpireEndpoints(Function):
    """Deletes the Comprehend endpoints that nobody asks."""

    def __init__(self, scope: Construct, construct_id: str, *, surroundings: Surroundings) -> None:
        super().__init__(
            scope,
            construct_id,
            handler="expire_endpoints",
            description="Deletes the Comprehend endpoints that nobody asks; each costs money as long as it stands",
            memory_mb=512,
            timeout=Duration.minutes(1),
            surroundings=surroundings,
        )
        grants = self.grants
        grants.artifacts(f"{RUNS}*", "GetObject", "PutObject")
        grants.everywhere("comprehend", "ListEndpoints")
        grants.everywhere("cloudwatch", "GetMetricData")
        grants.comprehend("document-classifier-endpoint", "DeleteEndpoint")
        grants.notify()
