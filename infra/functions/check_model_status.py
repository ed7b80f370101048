"""The function that looks after a run at every polling interval."""

from aws_cdk import Duration
from constructs import Construct

from infra.functions.function import Function
from infra.functions.surroundings import Surroundings


class CheckModelStatus(Function):
    """Says how far a run's training or endpoint is; judges a trained model by its gate."""

    def __init__(self, scope: Construct, construct_id: str, *, surroundings: Surroundings) -> None:
        super().__init__(
            scope,
            construct_id,
            handler="check_model_status",
            description="Says how far a run's training or endpoint is; judges a trained model by its gate",
            memory_mb=512,
            timeout=Duration.minutes(1),
            surroundings=surroundings,
        )
        grants = self.grants
        grants.read_and_write_runs()
        grants.sagemaker("training-job", "DescribeTrainingJob")
        grants.sagemaker("endpoint", "DescribeEndpoint")
