"""The function that deploys what has passed its gate."""

from typing import Final

from aws_cdk import Duration
from constructs import Construct

from infra.buckets import RUNS
from infra.functions.function import Function
from infra.functions.surroundings import Surroundings

_CHANGE: Final = ("CreateEndpoint", "UpdateEndpoint")


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
        grants.artifacts(f"{RUNS}*", "GetObject", "PutObject")
        grants.sagemaker("model", "AddTags", "CreateModel")
        grants.sagemaker("endpoint-config", "AddTags", *_CHANGE, "CreateEndpointConfig", "DescribeEndpointConfig")
        grants.sagemaker("endpoint", "AddTags", *_CHANGE, "DeleteEndpoint", "DescribeEndpoint")
        grants.pass_to_sagemaker(surroundings.serving_role)
        grants.comprehend("document-classifier", *_CHANGE)
        grants.comprehend("document-classifier-endpoint", *_CHANGE, "DeleteEndpoint", "DescribeEndpoint", "TagResource")
        if surroundings.settings.comprehend_kms_key is not None:
            # Under its role an endpoint reads a model encrypted with a key of ours, and no other.
            grants.pass_to_comprehend()
        grants.lend_comprehend_key()
