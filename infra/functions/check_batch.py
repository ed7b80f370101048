"""The function that looks after a batch at every polling interval."""

from aws_cdk import Duration, Size
from constructs import Construct

from infra.buckets import BATCHES, REQUESTS
from infra.functions.function import Function
from infra.functions.grants import UPLOAD
from infra.functions.surroundings import Surroundings


class CheckBatch(Function):
    """Says how far a batch is; lays its predictions beside the request, line by line."""

    def __init__(self, scope: Construct, construct_id: str, *, surroundings: Surroundings) -> None:
        super().__init__(
            scope,
            construct_id,
            handler="check_batch",
            description="Says how far a batch is; lays its predictions beside the request",
            memory_mb=3008,
            storage=Size.gibibytes(2),
            timeout=Duration.minutes(15),
            surroundings=surroundings,
        )
        grants = self.grants
        grants.inbox(f"{REQUESTS}*", "GetObject", "GetObjectVersion", *UPLOAD)
        grants.artifacts(f"{BATCHES}*", "GetObject", *UPLOAD)
        grants.sagemaker("transform-job", "DescribeTransformJob")
        grants.comprehend_jobs("DescribeDocumentClassificationJob")
        grants.read_with_comprehend_key()
