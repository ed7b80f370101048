"""What every role that SageMaker assumes has in common."""

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.image import Image
from infra.permissions import allow


class SageMakerRole(iam.Role):
    """Assumed by SageMaker on behalf of this account only; pulls one image, writes its logs and metrics."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        description: str,
        on_behalf_of: str,
        image: Image,
        log_groups: Sequence[str],
        metrics_namespaces: Sequence[str],
    ) -> None:
        """`on_behalf_of`: the resource part of the ARNs for which SageMaker may assume the role.
        `log_groups`: the patterns of the log groups' names."""
        stack = Stack.of(scope)
        sagemaker = f"arn:{stack.partition}:sagemaker:{stack.region}:{stack.account}"
        super().__init__(
            scope,
            construct_id,
            description=description,
            assumed_by=iam.ServicePrincipal(
                "sagemaker.amazonaws.com",
                conditions={
                    "StringEquals": {"aws:SourceAccount": stack.account},
                    "ArnLike": {"aws:SourceArn": f"{sagemaker}:{on_behalf_of}"},
                },
            ),
        )
        image.allow_pull(self)
        allow(
            self,
            actions=["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            resources=[
                f"arn:{stack.partition}:logs:{stack.region}:{stack.account}:log-group:{log_group}"
                for log_group in log_groups
            ],
            wildcard="SageMaker names the log groups and streams, after jobs and endpoints that do not exist yet.",
        )
        allow(
            self,
            actions=["cloudwatch:PutMetricData"],
            resources=["*"],
            conditions={"StringEquals": {"cloudwatch:namespace": list(metrics_namespaces)}},
            wildcard="cloudwatch:PutMetricData and ecr:GetAuthorizationToken know no resources; the former is held to"
            " its namespaces by a condition.",
        )

    def allow_objects(self, actions: Sequence[str], *patterns: str) -> None:
        """Let the role do `actions` on the objects that match, whose keys hold an id or a base model's name."""
        allow(
            self,
            actions=actions,
            resources=patterns,
            wildcard="The keys hold the names of classifiers, runs, batches and base models that do not exist yet.",
        )
