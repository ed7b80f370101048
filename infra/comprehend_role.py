"""The role Comprehend reads and writes data under."""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.buckets import BATCHES, RUNS
from infra.permissions import allow
from infra.settings import Settings


class ComprehendRole(iam.Role):
    """Reads the input of runs and batches, writes their output. Assumed by Comprehend on behalf of this deployment's
    document classifiers, and of this account's classification jobs, whose ids Comprehend draws."""

    def __init__(self, scope: Construct, construct_id: str, *, artifacts: s3.IBucket, settings: Settings) -> None:
        stack = Stack.of(scope)
        comprehend = f"arn:{stack.partition}:comprehend:{stack.region}:{stack.account}"
        # The pattern's end covers the versions too: `<name>/version/<version>`.
        on_behalf_of = [f"document-classifier/{settings.name}-*", "document-classification-job/*"]
        if settings.comprehend_kms_key is not None:
            # An endpoint reads a model that is encrypted with a key of ours under this role.
            on_behalf_of.append(f"document-classifier-endpoint/{settings.name}-*")
        super().__init__(
            scope,
            construct_id,
            description="Lets Comprehend read and write what Trieur's classifiers are made of and make",
            assumed_by=iam.ServicePrincipal(
                "comprehend.amazonaws.com",
                conditions={
                    "StringEquals": {"aws:SourceAccount": stack.account},
                    "ArnLike": {"aws:SourceArn": [f"{comprehend}:{resource}" for resource in on_behalf_of]},
                },
            ),
        )
        allow(self, actions=["s3:ListBucket"], resources=[artifacts.bucket_arn])
        for action, folder in (("s3:GetObject", "input"), ("s3:PutObject", "output")):
            allow(
                self,
                actions=[action],
                resources=[artifacts.arn_for_objects(f"{prefix}*/{folder}/*") for prefix in (RUNS, BATCHES)],
                wildcard="The keys hold the names of classifiers, runs and batches that do not exist yet.",
            )
        if settings.comprehend_kms_key is not None:
            # For the volumes of its machines, the models it keeps and the results it leaves in the bucket.
            allow(
                self,
                actions=["kms:CreateGrant", "kms:Decrypt", "kms:GenerateDataKey"],
                resources=[settings.comprehend_kms_key],
            )
