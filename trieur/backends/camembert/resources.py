"""What a run's resources in SageMaker are called and tagged with."""

from typing import TYPE_CHECKING

from trieur import names
from trieur.deployment import Deployment
from trieur.runs import Run

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.type_defs import TagTypeDef


def run_resource(deployment: Deployment, run: Run) -> str:
    """The name of the run's training job, model and endpoint configuration."""
    return names.run_resource(deployment.name, run.classifier, run.run_id)


def run_tags(run: Run) -> list["TagTypeDef"]:
    return [
        {"Key": "trieur:classifier", "Value": run.classifier},
        {"Key": "trieur:run", "Value": run.run_id},
    ]
