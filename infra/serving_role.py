"""The role a model runs under, behind an endpoint and in a batch."""

from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.buckets import BATCHES, RUNS
from infra.image import Image
from infra.permissions import allow
from infra.sagemaker_role import SageMakerRole


class ServingRole(SageMakerRole):
    """Reads trained models and the texts of batches, writes the predictions of batches."""

    def __init__(
        self, scope: Construct, construct_id: str, *, artifacts: s3.IBucket, image: Image, deployment: str
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            description="Lets SageMaker host Trieur's classifiers",
            # SageMaker documents this very form for hosting; an endpoint's ARN instead is refused.
            on_behalf_of="*",
            image=image,
            log_groups=[f"/aws/sagemaker/Endpoints/{deployment}-*", "/aws/sagemaker/TransformJobs*"],
            metrics_namespaces=["/aws/sagemaker/Endpoints", "/aws/sagemaker/TransformJobs"],
        )
        allow(self, actions=["s3:ListBucket"], resources=[artifacts.bucket_arn])
        self.allow_objects(
            ["s3:GetObject"],
            artifacts.arn_for_objects(f"{RUNS}*/output/*"),
            artifacts.arn_for_objects(f"{BATCHES}*/input/*"),
        )
        self.allow_objects(["s3:PutObject"], artifacts.arn_for_objects(f"{BATCHES}*/output/*"))
