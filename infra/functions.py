"""The three Lambda functions of the pipeline, each with what it may do and no more."""

import json
from collections.abc import Sequence
from pathlib import Path

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.buckets import DATASETS, RUNS, Buckets
from infra.dead_letters import DeadLetters
from infra.function import Function
from infra.image import Image
from infra.outcomes_topic import OutcomesTopic
from infra.permissions import allow
from infra.serving_role import ServingRole
from infra.settings import Settings
from infra.state_machine import state_machine_arn
from infra.training_role import TrainingRole


class Functions(Construct):
    """`start_training`, `check_model_status` and `create_endpoint`."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        buckets: Buckets,
        topic: OutcomesTopic,
        dead_letters: DeadLetters,
        train_image: Image,
        serve_image: Image,
        training_role: TrainingRole,
        serving_role: ServingRole,
        repository: Path,
        settings: Settings,
    ) -> None:
        super().__init__(scope, construct_id)
        self._settings = settings
        self._repository = repository
        self._buckets = buckets
        self._environment = {
            "TRIEUR_NAME": settings.name,
            "TRIEUR_INBOX_BUCKET": buckets.inbox.bucket_name,
            "TRIEUR_ARTIFACTS_BUCKET": buckets.artifacts.bucket_name,
            "TRIEUR_STATE_MACHINE_ARN": state_machine_arn(self, settings),
            "TRIEUR_TOPIC_ARN": topic.topic_arn,
            "TRIEUR_TRAIN_IMAGE": train_image.uri,
            "TRIEUR_SERVE_IMAGE": serve_image.uri,
            "TRIEUR_TRAINING_ROLE_ARN": training_role.role_arn,
            "TRIEUR_SERVING_ROLE_ARN": serving_role.role_arn,
            "TRIEUR_DEFAULTS": json.dumps(settings.classifier_defaults(), sort_keys=True),
        }
        self.start_training = self._start_training(topic, dead_letters, training_role)
        self.check_model_status = self._check_model_status()
        self.create_endpoint = self._create_endpoint(serving_role)

    @property
    def all(self) -> Sequence[Function]:
        return (self.start_training, self.check_model_status, self.create_endpoint)

    def _start_training(self, topic: OutcomesTopic, dead_letters: DeadLetters, training_role: TrainingRole) -> Function:
        # Memory buys processor time too: a million examples need most of one core and 1.5 GB.
        function = self._function(
            "StartTraining",
            handler="start_training",
            description="Makes a run of a dropped dataset: checks and splits it, starts its training",
            memory_mb=3008,
            timeout=Duration.minutes(5),
        )
        role = function.own_role
        inbox = self._buckets.inbox
        allow(
            role,
            actions=["s3:GetObject", "s3:GetObjectVersion"],
            resources=[inbox.arn_for_objects(f"{DATASETS}*")],
            wildcard="The keys hold the names of classifiers and datasets that do not exist yet.",
        )
        # Without a condition on the prefix: only who may list a bucket is told that an object is missing.
        allow(role, actions=["s3:ListBucket"], resources=[inbox.bucket_arn])
        self._allow_runs(role)
        self._allow_sagemaker(
            role, "training-job", ["sagemaker:AddTags", "sagemaker:CreateTrainingJob", "sagemaker:DescribeTrainingJob"]
        )
        self._allow_pass(role, training_role)
        allow(role, actions=["states:StartExecution"], resources=[state_machine_arn(self, self._settings)])
        allow(role, actions=["sns:Publish"], resources=[topic.topic_arn])
        allow(role, actions=["sqs:SendMessage"], resources=[dead_letters.queue_arn])
        # Not by the function's own `on_failure`, which allows it to read the queue's address and attributes as well.
        lambda_.CfnEventInvokeConfig(
            self,
            "StartTrainingFailures",
            function_name=function.function_name,
            qualifier="$LATEST",
            maximum_retry_attempts=2,
            maximum_event_age_in_seconds=Duration.hours(6).to_seconds(),
            destination_config=lambda_.CfnEventInvokeConfig.DestinationConfigProperty(
                on_failure=lambda_.CfnEventInvokeConfig.OnFailureProperty(destination=dead_letters.queue_arn)
            ),
        )
        return function

    def _check_model_status(self) -> Function:
        function = self._function(
            "CheckModelStatus",
            handler="check_model_status",
            description="Says how far a run's training or endpoint is; judges a trained model by its gate",
            memory_mb=512,
            timeout=Duration.minutes(1),
        )
        role = function.own_role
        self._allow_runs(role)
        for kind, action in (
            ("training-job", "sagemaker:DescribeTrainingJob"),
            ("endpoint", "sagemaker:DescribeEndpoint"),
        ):
            self._allow_sagemaker(role, kind, [action])
        return function

    def _create_endpoint(self, serving_role: ServingRole) -> Function:
        function = self._function(
            "CreateEndpoint",
            handler="create_endpoint",
            description="Puts a run's trained model behind its classifier's endpoint",
            memory_mb=512,
            timeout=Duration.minutes(1),
        )
        role = function.own_role
        self._allow_runs(role)
        change = ["sagemaker:AddTags", "sagemaker:CreateEndpoint", "sagemaker:UpdateEndpoint"]
        self._allow_sagemaker(role, "model", ["sagemaker:AddTags", "sagemaker:CreateModel"])
        self._allow_sagemaker(
            role,
            "endpoint-config",
            [*change, "sagemaker:CreateEndpointConfig", "sagemaker:DescribeEndpointConfig"],
        )
        self._allow_sagemaker(role, "endpoint", [*change, "sagemaker:DeleteEndpoint", "sagemaker:DescribeEndpoint"])
        self._allow_pass(role, serving_role)
        return function

    def _function(
        self, construct_id: str, *, handler: str, description: str, memory_mb: int, timeout: Duration
    ) -> Function:
        return Function(
            self,
            construct_id,
            handler=handler,
            description=description,
            environment=self._environment,
            memory_mb=memory_mb,
            timeout=timeout,
            repository=self._repository,
            settings=self._settings,
        )

    def _allow_runs(self, role: iam.Role) -> None:
        artifacts = self._buckets.artifacts
        allow(role, actions=["s3:ListBucket"], resources=[artifacts.bucket_arn])
        allow(
            role,
            actions=["s3:GetObject", "s3:PutObject"],
            resources=[artifacts.arn_for_objects(f"{RUNS}*")],
            wildcard="The keys hold the names of classifiers and runs that do not exist yet.",
        )

    def _allow_sagemaker(self, role: iam.Role, kind: str, actions: Sequence[str]) -> None:
        stack = Stack.of(self)
        allow(
            role,
            actions=actions,
            resources=[
                f"arn:{stack.partition}:sagemaker:{stack.region}:{stack.account}:{kind}/{self._settings.name}-*"
            ],
            wildcard="Named after the classifier and the run, which do not exist yet.",
        )

    @staticmethod
    def _allow_pass(role: iam.Role, passed: iam.IRole) -> None:
        allow(
            role,
            actions=["iam:PassRole"],
            resources=[passed.role_arn],
            conditions={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
        )
