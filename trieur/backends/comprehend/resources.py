"""What a classifier's and a run's resources in Comprehend are called, and whose an ARN is."""

import re
import textwrap
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from trieur import names
from trieur.deployment import Deployment
from trieur.runs import Run

if TYPE_CHECKING:
    from mypy_boto3_comprehend.type_defs import TagTypeDef

REASON_CHARACTERS: Final = 400


def model_arn(deployment: Deployment, run: Run) -> str:
    """The run's document classifier: one version, named by the run id, of its classifier's."""
    name = names.comprehend_classifier(deployment.name, run.classifier)
    return deployment.comprehend_arn(f"document-classifier/{name}/version/{run.run_id}")


def endpoint_arn(deployment: Deployment, classifier: str) -> str:
    name = names.comprehend_endpoint(deployment.name, classifier)
    return deployment.comprehend_arn(f"document-classifier-endpoint/{name}")


def run_of_model(deployment: Deployment, classifier: str, arn: str) -> str | None:
    """The run id in an ARN made by `model_arn`, or None when the model is somebody else's."""
    name = names.comprehend_classifier(deployment.name, classifier)
    prefix = deployment.comprehend_arn(f"document-classifier/{name}/version/")
    version = arn.removeprefix(prefix)
    if not arn.startswith(prefix) or re.fullmatch(rf"[0-9a-f]{{{names.RUN_ID_LENGTH}}}", version) is None:
        return None
    return version


def run_tags(run: Run) -> list["TagTypeDef"]:
    return [
        {"Key": "trieur:classifier", "Value": run.classifier},
        {"Key": "trieur:run", "Value": run.run_id},
    ]


def error_code(error: ClientError) -> str:
    return error.response["Error"]["Code"]


def amazons_words(error: ClientError) -> str:
    """What the error says, shortened, to be followed by a full stop."""
    return textwrap.shorten(error.response["Error"]["Message"], REASON_CHARACTERS, placeholder=" ...").rstrip(".")
