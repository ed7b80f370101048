"""What a function of the pipeline may be allowed, in the pipeline's words."""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam

from infra.buckets import DATASETS, RUNS
from infra.functions.surroundings import Surroundings
from infra.permissions import allow
from infra.state_machine import state_machine_arn


class Grants:
    """Adds to the permissions of one function's role."""

    def __init__(self, role: iam.Role, surroundings: Surroundings) -> None:
        self._role = role
        self._surroundings = surroundings

    def read_datasets(self) -> None:
        inbox = self._surroundings.buckets.inbox
        allow(
            self._role,
            actions=["s3:GetObject", "s3:GetObjectVersion"],
            resources=[inbox.arn_for_objects(f"{DATASETS}*")],
            wildcard="The keys hold the names of classifiers and datasets that do not exist yet.",
        )
        # Without a condition on the prefix: only who may list a bucket is told that an object is missing.
        allow(self._role, actions=["s3:ListBucket"], resources=[inbox.bucket_arn])

    def read_and_write_runs(self) -> None:
        artifacts = self._surroundings.buckets.artifacts
        allow(self._role, actions=["s3:ListBucket"], resources=[artifacts.bucket_arn])
        allow(
            self._role,
            actions=["s3:GetObject", "s3:PutObject"],
            resources=[artifacts.arn_for_objects(f"{RUNS}*")],
            wildcard="The keys hold the names of classifiers and runs that do not exist yet.",
        )

    def sagemaker(self, kind: str, *actions: str) -> None:
        """`actions`, without their prefix, on this deployment's resources of that kind."""
        stack = Stack.of(self._role)
        allow(
            self._role,
            actions=[f"sagemaker:{action}" for action in actions],
            resources=[
                f"arn:{stack.partition}:sagemaker:{stack.region}:{stack.account}"
                f":{kind}/{self._surroundings.settings.name}-*"
            ],
            wildcard="Named after the classifier and the run, which do not exist yet.",
        )

    def pass_to_sagemaker(self, passed: iam.IRole) -> None:
        allow(
            self._role,
            actions=["iam:PassRole"],
            resources=[passed.role_arn],
            conditions={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
        )

    def start_executions(self) -> None:
        arn = state_machine_arn(self._role, self._surroundings.settings)
        allow(self._role, actions=["states:StartExecution"], resources=[arn])

    def notify(self) -> None:
        allow(self._role, actions=["sns:Publish"], resources=[self._surroundings.topic.topic_arn])

    def keep_dead_letters(self) -> None:
        allow(self._role, actions=["sqs:SendMessage"], resources=[self._surroundings.dead_letters.queue_arn])
