"""A run's model in SageMaker: what its endpoint and its batches are made from."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from trieur.backends.camembert.resources import run_resource, run_tags
from trieur.deployment import Deployment
from trieur.runs import Run

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient


def create_model(deployment: Deployment, sagemaker: "SageMakerClient", run: Run) -> str:
    """The name of the run's model, which exists afterwards."""
    name = run_resource(deployment, run)
    with already_existing_is_fine():
        sagemaker.create_model(
            ModelName=name,
            ExecutionRoleArn=deployment.serving_role_arn,
            PrimaryContainer={"Image": deployment.serve_image, "ModelDataUrl": run.training["model"]},
            # AWS forbids network isolation on a serverless endpoint's model.
            EnableNetworkIsolation=run.settings.endpoint.kind != "serverless",
            Tags=run_tags(run),
        )
    return name


@contextmanager
def already_existing_is_fine() -> Iterator[None]:
    """For what is named after its run: made once, it need not be made again."""
    try:
        yield
    except ClientError as error:
        if "already existing" not in str(error):
            raise
