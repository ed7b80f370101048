"""All of Trieur in one stack."""

import json
from pathlib import Path
from typing import Final

import aws_cdk as cdk
from constructs import Construct

from infra.batch_states import batch_definition
from infra.buckets import DATASETS, REQUESTS, Buckets
from infra.comprehend_role import ComprehendRole
from infra.dead_letters import DeadLetters
from infra.drop_rule import DropRule
from infra.functions.functions import Functions
from infra.functions.surroundings import Surroundings
from infra.idle_rule import IdleRule
from infra.image import Image
from infra.monitoring import Monitoring
from infra.outcomes_topic import OutcomesTopic
from infra.run_states import run_definition
from infra.serving_role import ServingRole
from infra.settings import Settings
from infra.start_rule import StartRule
from infra.state_machine import StateMachine, batch_machine_name, run_machine_name
from infra.training_role import TrainingRole

REPOSITORY: Final = Path(__file__).resolve().parent.parent


class TrieurStack(cdk.Stack):
    """From the inbox to the endpoints."""

    def __init__(self, scope: Construct, *, settings: Settings) -> None:
        super().__init__(
            scope,
            settings.stack_name,
            description="Trieur: a labelled dataset dropped into a bucket becomes a live text-classification endpoint",
            env=cdk.Environment(account=settings.account, region=settings.region),
            # The command line checks the bootstrap version itself; without the rule any deployer can take the template.
            synthesizer=cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
        )
        buckets = Buckets(self, "Buckets", settings=settings)
        topic = OutcomesTopic(self, "Outcomes", settings=settings)
        dead_letters = DeadLetters(self, "DeadLetters", settings=settings)
        containers = REPOSITORY / "containers"
        train_image = Image(self, "TrainImage", folder=containers / "train", existing=settings.train_image)
        serve_image = Image(self, "ServeImage", folder=containers / "serve", existing=settings.serve_image)
        functions = Functions(
            self,
            "Functions",
            surroundings=Surroundings(
                buckets=buckets,
                topic=topic,
                dead_letters=dead_letters,
                train_image=train_image,
                serve_image=serve_image,
                training_role=TrainingRole(self, "TrainingRole", artifacts=buckets.artifacts, image=train_image),
                serving_role=ServingRole(
                    self, "ServingRole", artifacts=buckets.artifacts, image=serve_image, deployment=settings.name
                ),
                comprehend_role=(
                    ComprehendRole(self, "ComprehendRole", artifacts=buckets.artifacts, settings=settings)
                    if settings.has_comprehend
                    else None
                ),
                repository=REPOSITORY,
                settings=settings,
            ),
        )
        run_machine = StateMachine(
            self,
            "StateMachine",
            name=run_machine_name(settings),
            definition=run_definition(
                check_model_status=functions.check_model_status.function_arn,
                create_endpoint=functions.create_endpoint.function_arn,
                topic=topic.topic_arn,
                partition=self.partition,
                settings=settings,
            ),
            functions=[functions.check_model_status, functions.create_endpoint],
            topic=topic,
            settings=settings,
        ).resource
        batch_machine = StateMachine(
            self,
            "BatchStateMachine",
            name=batch_machine_name(settings),
            definition=batch_definition(
                check_batch=functions.check_batch.function_arn,
                topic=topic.topic_arn,
                partition=self.partition,
                settings=settings,
            ),
            functions=[functions.check_batch],
            topic=topic,
            settings=settings,
        ).resource
        DropRule(
            self,
            "DropRule",
            name=f"{settings.name}-drop",
            description="A dataset was dropped into the inbox",
            inbox=buckets.inbox,
            prefix=DATASETS,
            function=functions.start_training,
            dead_letters=dead_letters,
        )
        DropRule(
            self,
            "BatchRule",
            name=f"{settings.name}-batch",
            description="A file of texts was dropped into the inbox",
            inbox=buckets.inbox,
            prefix=REQUESTS,
            function=functions.start_batch,
            dead_letters=dead_letters,
        )
        StartRule(
            self,
            "StartRule",
            function=functions.start_endpoint,
            dead_letters=dead_letters,
            settings=settings,
        )
        if functions.expire_endpoints is not None:
            IdleRule(self, "IdleRule", function=functions.expire_endpoints, settings=settings)
        Monitoring(
            self,
            "Monitoring",
            run_machine=run_machine,
            batch_machine=batch_machine,
            functions=functions.all,
            dead_letters=dead_letters,
            topic=topic,
            settings=settings,
        )
        for name, value in {
            "InboxBucketName": buckets.inbox.bucket_name,
            "ArtifactsBucketName": buckets.artifacts.bucket_name,
            "StateMachineArn": run_machine.state_machine_arn,
            "BatchStateMachineArn": batch_machine.state_machine_arn,
            "OutcomesTopicArn": topic.topic_arn,
            # For people's tools, which judge a dataset by the same settings before it is dropped.
            "ClassifierDefaults": json.dumps(settings.classifier_defaults(), sort_keys=True),
        }.items():
            cdk.CfnOutput(self, name, value=value)
