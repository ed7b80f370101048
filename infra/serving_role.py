"""The role an endpoint's model runs under."""

from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.buckets import RUNS
from infra.image import Image
from infra.permissions import allow
from infra.sagemaker_role import SageMakerRole


class ServingRole(SageMakerRole):
    """Reads trained models."""

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
            log_groups=f"/aws/sagemaker/Endpoints/{deployment}-*",
            metrics_namespace="/aws/sagemaker/Endpoints",
        )
        allow(self, actions=["s3:ListBucket"], resources=[artifacts.bucket_arn])
        self.allow_objects(["s3:GetObject"], artifacts.arn_for_objects(f"{RUNS}*/output/*"))
