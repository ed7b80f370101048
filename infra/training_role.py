"""The role a training job runs under."""

from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.buckets import BASE_MODELS, CHECKPOINTS, RUNS
from infra.image import Image
from infra.permissions import allow
from infra.sagemaker_role import SageMakerRole


class TrainingRole(SageMakerRole):
    """Reads splits and base models, writes outputs, keeps checkpoints."""

    def __init__(self, scope: Construct, construct_id: str, *, artifacts: s3.IBucket, image: Image) -> None:
        super().__init__(
            scope,
            construct_id,
            description="Lets SageMaker train Trieur's classifiers",
            on_behalf_of="training-job/*",
            image=image,
            log_groups=["/aws/sagemaker/TrainingJobs*"],
            metrics_namespaces=["/aws/sagemaker/TrainingJobs"],
        )
        allow(self, actions=["s3:ListBucket"], resources=[artifacts.bucket_arn])
        self.allow_objects(
            ["s3:GetObject"],
            artifacts.arn_for_objects(f"{RUNS}*/splits/*"),
            artifacts.arn_for_objects(f"{BASE_MODELS}*"),
        )
        self.allow_objects(["s3:PutObject"], artifacts.arn_for_objects(f"{RUNS}*/output/*"))
        # SageMaker deletes there what the container has deleted.
        self.allow_objects(
            ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"], artifacts.arn_for_objects(f"{CHECKPOINTS}*")
        )
