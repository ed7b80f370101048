"""What the functions of the pipeline work with and may be given access to."""

import json
from dataclasses import dataclass
from pathlib import Path

from constructs import Construct

from infra.buckets import Buckets
from infra.dead_letters import DeadLetters
from infra.image import Image
from infra.outcomes_topic import OutcomesTopic
from infra.serving_role import ServingRole
from infra.settings import Settings
from infra.state_machine import state_machine_arn
from infra.training_role import TrainingRole


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """The rest of the stack as the functions see it; `repository` holds their code."""

    buckets: Buckets
    topic: OutcomesTopic
    dead_letters: DeadLetters
    train_image: Image
    serve_image: Image
    training_role: TrainingRole
    serving_role: ServingRole
    repository: Path
    settings: Settings

    def environment(self, scope: Construct) -> dict[str, str]:
        """The variables of which every function makes its `trieur.deployment.Deployment`."""
        return {
            "TRIEUR_NAME": self.settings.name,
            "TRIEUR_INBOX_BUCKET": self.buckets.inbox.bucket_name,
            "TRIEUR_ARTIFACTS_BUCKET": self.buckets.artifacts.bucket_name,
            "TRIEUR_STATE_MACHINE_ARN": state_machine_arn(scope, self.settings),
            "TRIEUR_TOPIC_ARN": self.topic.topic_arn,
            "TRIEUR_TRAIN_IMAGE": self.train_image.uri,
            "TRIEUR_SERVE_IMAGE": self.serve_image.uri,
            "TRIEUR_TRAINING_ROLE_ARN": self.training_role.role_arn,
            "TRIEUR_SERVING_ROLE_ARN": self.serving_role.role_arn,
            "TRIEUR_DEFAULTS": json.dumps(self.settings.classifier_defaults(), sort_keys=True),
        }
