"""The function that deploys what has passed its gate."""

from typing import Final

from aws_cdk import Duration
from constructs import Construct

from infra.functions.function import Function
from infra.functions.surroundings import Surroundings

_CHANGE: Final = ("AddTags", "CreateEndpoint", "UpdateEndpoint")


class CreateEndpoint(Function):
    """Puts a run's trained model behind its classifier's endpoint."""

    def __init__(self, scope: Construct, construct_id: str, *, surroundings: Surroundings) -> None:
        super().__init__(
            scope,
            construct_id,
            handler="create_endpoint",
            description="Puts a run's trained model behind its classifier's endpoint",
            memory_mb=512,
            timeout=Duration.minutes(1),
            surroundings=surroundings,
        )
        grants = self.grants
        grants.read_and_write_runs()
        grants.sagemaker("model", "AddTags", "CreateModel")
        grants.sagemaker("endpoint-config", *_CHANGE, "CreateEndpointConfig", "DescribeEndpointConfig")
        grants.sagemaker("endpoint", *_CHANGE, "DeleteEndpoint", "DescribeEndpoint")
        grants.pass_to_sagemaker(surroundings.serving_role)
