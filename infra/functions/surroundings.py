"""What the functions of the pipeline work with and may be given access to."""

import json
from dataclasses import dataclass
from pathlib import Path

from constructs import Construct

from infra.buckets import Buckets
from infra.comprehend_role import ComprehendRole
from infra.dead_letters import DeadLetters
from infra.image import Image
from infra.outcomes_topic import OutcomesTopic
from infra.serving_role import ServingRole
from infra.settings import Settings
from infra.state_machine import batch_machine_name, run_machine_name, state_machine_arn
from infra.training_role import TrainingRole


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """The rest of the stack as the functions see it. `comprehend_role` is None where the region has no Comprehend;
    `repository` holds the functions' code."""

    buckets: Buckets
    topic: OutcomesTopic
    dead_letters: DeadLetters
    train_image: Image
    serve_image: Image
    training_role: TrainingRole
    serving_role: ServingRole
    comprehend_role: ComprehendRole | None
    repository: Path
    settings: Settings

    def environment(self, scope: Construct) -> dict[str, str]:
        """The variables of which every function makes its `trieur.deployment.Deployment`."""
        settings = self.settings
        return {
            "TRIEUR_NAME": settings.name,
            "TRIEUR_INBOX_BUCKET": self.buckets.inbox.bucket_name,
            "TRIEUR_ARTIFACTS_BUCKET": self.buckets.artifacts.bucket_name,
            "TRIEUR_STATE_MACHINE_ARN": state_machine_arn(scope, run_machine_name(settings)),
            "TRIEUR_BATCH_STATE_MACHINE_ARN": state_machine_arn(scope, batch_machine_name(settings)),
            "TRIEUR_TOPIC_ARN": self.topic.topic_arn,
            "TRIEUR_TRAIN_IMAGE": self.train_image.uri,
            "TRIEUR_SERVE_IMAGE": self.serve_image.uri,
            "TRIEUR_TRAINING_ROLE_ARN": self.training_role.role_arn,
            "TRIEUR_SERVING_ROLE_ARN": self.serving_role.role_arn,
            "TRIEUR_COMPREHEND_ROLE_ARN": self.comprehend_role.role_arn if self.comprehend_role else "",
            "TRIEUR_COMPREHEND_KMS_KEY_ARN": settings.comprehend_kms_key or "",
            "TRIEUR_DEFAULTS": json.dumps(settings.classifier_defaults(), sort_keys=True),
        }
