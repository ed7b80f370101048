"""The function that looks after a run at every polling interval."""

from aws_cdk import Duration
from constructs import Construct

from infra.buckets import RUNS
from infra.functions.function import Function
from infra.functions.surroundings import Surroundings


class CheckModelStatus(Function):
    """Says how far a run's training or endpoint is; judges a trained model by its gate and through its endpoint."""

    def __init__(self, scope: Construct, construct_id: str, *, surroundings: Surroundings) -> None:
        # Asking a Comprehend endpoint the test split is given 200 seconds a check. The last question may take two
        # minutes more, asked ten times where others ask too; cut off, the check would keep none of its answers.
        super().__init__(
            scope,
            construct_id,
            handler="check_model_status",
            description="Says how far a run's training or endpoint is; judges a trained model by its gate",
            memory_mb=1024,
            timeout=Duration.minutes(10),
            surroundings=surroundings,
        )
        grants = self.grants
        grants.artifacts(f"{RUNS}*", "GetObject", "PutObject")
        grants.sagemaker("training-job", "DescribeTrainingJob")
        grants.sagemaker("endpoint", "DescribeEndpoint")
        grants.comprehend("document-classifier", "DescribeDocumentClassifier")
        grants.comprehend("document-classifier-endpoint", "ClassifyDocument", "DescribeEndpoint")
        grants.read_with_comprehend_key()
