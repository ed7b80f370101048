"""The function that every request to start an endpoint comes to."""

from aws_cdk import Duration
from constructs import Construct

from infra.buckets import DATASETS, RUNS
from infra.functions.function import Function
from infra.functions.surroundings import Surroundings


class StartEndpoint(Function):
    """Starts a classifier's endpoint again from a model it already has."""

    def __init__(self, scope: Construct, construct_id: str, *, surroundings: Surroundings) -> None:
        super().__init__(
            scope,
            construct_id,
            handler="start_endpoint",
            description="Starts a classifier's endpoint again from a model it already has, without training",
            memory_mb=512,
            timeout=Duration.minutes(1),
            surroundings=surroundings,
        )
        grants = self.grants
        grants.inbox(f"{DATASETS}*/classifier.json", "GetObject")
        grants.artifacts(f"{RUNS}*", "GetObject", "PutObject")
        grants.sagemaker("endpoint", "DescribeEndpoint")
        grants.comprehend("document-classifier-endpoint", "DescribeEndpoint")
        grants.follow_runs()
        grants.notify()
        self.keep_failures()
