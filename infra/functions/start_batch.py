"""The function every dropped file of texts comes to."""

from aws_cdk import Duration
from constructs import Construct

from infra.buckets import BATCHES, DATASETS, REQUESTS, RUNS
from infra.functions.function import Function
from infra.functions.grants import UPLOAD
from infra.functions.surroundings import Surroundings


class StartBatch(Function):
    """Makes a batch of a dropped file of texts: checks it, starts to classify it in bulk."""

    def __init__(self, scope: Construct, construct_id: str, *, surroundings: Surroundings) -> None:
        super().__init__(
            scope,
            construct_id,
            handler="start_batch",
            description="Makes a batch of a dropped file of texts: checks it, starts to classify it in bulk",
            memory_mb=3008,
            timeout=Duration.minutes(5),
            surroundings=surroundings,
        )
        grants = self.grants
        grants.inbox(f"{REQUESTS}*", "GetObject", "GetObjectVersion", "PutObject")
        grants.inbox(f"{DATASETS}*/classifier.json", "GetObject")
        grants.artifacts(f"{RUNS}*", "GetObject")
        grants.artifacts(f"{BATCHES}*", "GetObject", *UPLOAD)
        grants.sagemaker("endpoint", "DescribeEndpoint")
        grants.sagemaker("model", "AddTags", "CreateModel")
        grants.sagemaker("transform-job", "AddTags", "CreateTransformJob", "DescribeTransformJob")
        grants.pass_to_sagemaker(surroundings.serving_role)
        grants.comprehend("document-classifier-endpoint", "DescribeEndpoint")
        grants.comprehend("document-classifier", "StartDocumentClassificationJob")
        grants.comprehend_jobs("DescribeDocumentClassificationJob", "StartDocumentClassificationJob", "TagResource")
        grants.pass_to_comprehend()
        grants.lend_comprehend_key()
        grants.follow_batches()
        grants.notify()
        self.keep_failures()
