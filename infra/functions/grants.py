"""What a function of the pipeline may be allowed, in the pipeline's words."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from infra.functions.surroundings import Surroundings
from infra.permissions import allow
from infra.state_machine import batch_machine_name, run_machine_name, state_machine_arn

_NOT_YET: Final = "Named after the classifier and the run or batch, which do not exist yet."


# An upload in parts is written with PutObject, but taken back with a right of its own when it fails midway.
UPLOAD: Final = ("AbortMultipartUpload", "PutObject")


class Grants:
    """Adds to the permissions of one function's role. Actions come without their service's prefix.

    Where the region has no Comprehend, nothing of it is granted.
    """

    def __init__(self, role: iam.Role, surroundings: Surroundings) -> None:
        self._role = role
        self._surroundings = surroundings
        self._settings = surroundings.settings

    def inbox(self, keys: str, *actions: str) -> None:
        """On the inbox's objects whose keys match."""
        self._objects(self._surroundings.buckets.inbox, keys, actions)

    def artifacts(self, keys: str, *actions: str) -> None:
        """On the artifacts bucket's objects whose keys match."""
        self._objects(self._surroundings.buckets.artifacts, keys, actions)

    def sagemaker(self, kind: str, *actions: str) -> None:
        """On this deployment's resources of that kind."""
        allow(
            self._role,
            actions=_prefixed("sagemaker", actions),
            resources=[self._arn("sagemaker", f"{kind}/{self._settings.name}-*")],
            wildcard=_NOT_YET,
        )

    def comprehend(self, kind: str, *actions: str) -> None:
        """On this deployment's resources of that kind, a document classifier's versions among them."""
        self._comprehend(f"{kind}/{self._settings.name}-*", actions, _NOT_YET)

    def comprehend_jobs(self, *actions: str) -> None:
        """On all of the account's classification jobs."""
        self._comprehend("document-classification-job/*", actions, "Comprehend draws the ids of its jobs.")

    def lend_comprehend_key(self) -> None:
        """Let Comprehend use the key that the settings name, for what the function asks it to make."""
        self._comprehend_key("kms:CreateGrant", {"Bool": {"kms:GrantIsForAWSResource": "true"}})

    def read_with_comprehend_key(self) -> None:
        """Read from S3 what Comprehend has encrypted with the key that the settings name."""
        via = f"s3.{self._settings.region}.amazonaws.com"
        self._comprehend_key("kms:Decrypt", {"StringEquals": {"kms:ViaService": via}})

    def pass_to_sagemaker(self, passed: iam.IRole) -> None:
        self._pass(passed, "sagemaker.amazonaws.com")

    def pass_to_comprehend(self) -> None:
        """The one role that Comprehend takes on."""
        passed = self._surroundings.comprehend_role
        if passed is not None:
            self._pass(passed, "comprehend.amazonaws.com")

    def follow_runs(self) -> None:
        self._start_executions(run_machine_name(self._settings))

    def follow_batches(self) -> None:
        self._start_executions(batch_machine_name(self._settings))

    def notify(self) -> None:
        allow(self._role, actions=["sns:Publish"], resources=[self._surroundings.topic.topic_arn])

    def keep_dead_letters(self) -> None:
        allow(self._role, actions=["sqs:SendMessage"], resources=[self._surroundings.dead_letters.queue_arn])

    def everywhere(self, service: str, *actions: str) -> None:
        """For actions that know no resources."""
        allow(
            self._role,
            actions=_prefixed(service, actions),
            resources=["*"],
            wildcard="These calls list and measure; AWS knows no resources for them.",
        )

    def _objects(self, bucket: s3.IBucket, keys: str, actions: Sequence[str]) -> None:
        # Without a condition on the prefix: only who may list a bucket is told that an object is missing.
        allow(self._role, actions=["s3:ListBucket"], resources=[bucket.bucket_arn])
        allow(
            self._role,
            actions=_prefixed("s3", actions),
            resources=[bucket.arn_for_objects(keys)],
            wildcard="The keys hold the names of what does not exist yet: classifiers, files, runs and batches.",
        )

    def _comprehend(self, resource: str, actions: Sequence[str], wildcard: str) -> None:
        if self._settings.has_comprehend:
            allow(
                self._role,
                actions=_prefixed("comprehend", actions),
                resources=[self._arn("comprehend", resource)],
                wildcard=wildcard,
            )

    def _comprehend_key(self, action: str, conditions: Mapping[str, Any]) -> None:
        key = self._settings.comprehend_kms_key
        if key is not None and self._settings.has_comprehend:
            allow(self._role, actions=[action], resources=[key], conditions=conditions)

    def _pass(self, passed: iam.IRole, service: str) -> None:
        allow(
            self._role,
            actions=["iam:PassRole"],
            resources=[passed.role_arn],
            conditions={"StringEquals": {"iam:PassedToService": service}},
        )

    def _start_executions(self, machine: str) -> None:
        allow(self._role, actions=["states:StartExecution"], resources=[state_machine_arn(self._role, machine)])

    def _arn(self, service: str, resource: str) -> str:
        stack = Stack.of(self._role)
        return f"arn:{stack.partition}:{service}:{stack.region}:{stack.account}:{resource}"


def _prefixed(service: str, actions: Sequence[str]) -> list[str]:
    return [f"{service}:{action}" for action in actions]
