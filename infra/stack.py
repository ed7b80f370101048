"""All of Trieur in one stack."""

from pathlib import Path
from typing import Final

import aws_cdk as cdk
from constructs import Construct

from infra.buckets import Buckets
from infra.dead_letters import DeadLetters
from infra.drop_rule import DropRule
from infra.functions.functions import Functions
from infra.functions.surroundings import Surroundings
from infra.image import Image
from infra.monitoring import Monitoring
from infra.outcomes_topic import OutcomesTopic
from infra.serving_role import ServingRole
from infra.settings import Settings
from infra.state_machine import RunStateMachine
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
                repository=REPOSITORY,
                settings=settings,
            ),
        )
        state_machine = RunStateMachine(
            self,
            "StateMachine",
            check_model_status=functions.check_model_status,
            create_endpoint=functions.create_endpoint,
            topic=topic,
            settings=settings,
        ).resource
        DropRule(
            self,
            "DropRule",
            inbox=buckets.inbox,
            start_training=functions.start_training,
            dead_letters=dead_letters,
            settings=settings,
        )
        Monitoring(
            self,
            "Monitoring",
            state_machine=state_machine,
            functions=functions.all,
            dead_letters=dead_letters,
            topic=topic,
            settings=settings,
        )
        for name, value in {
            "InboxBucketName": buckets.inbox.bucket_name,
            "ArtifactsBucketName": buckets.artifacts.bucket_name,
            "StateMachineArn": state_machine.state_machine_arn,
            "OutcomesTopicArn": topic.topic_arn,
        }.items():
            cdk.CfnOutput(self, name, value=value)
