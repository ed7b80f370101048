"""Names of everything the pipeline creates, derived from a classifier and a run so that every step can be repeated.

Limits: SageMaker names are at most 63 characters of `[a-zA-Z0-9](-*[a-zA-Z0-9])*`, a Step Functions execution
name at most 80, an S3 bucket name at most 63 (`<deployment>-artifacts-<account>-<region>`).
"""

import hashlib
import re
from typing import Final

CLASSIFIER_PATTERN: Final = r"^[a-z0-9](-?[a-z0-9])*$"
CLASSIFIER_MAX_LENGTH: Final = 30
# 15 characters leave room for a classifier (30), a run id (16) and two hyphens in SageMaker's 63.
DEPLOYMENT_PATTERN: Final = r"^[a-z](-?[a-z0-9])*$"
DEPLOYMENT_MAX_LENGTH: Final = 15

RUN_ID_LENGTH: Final = 16


def is_classifier(name: str) -> bool:
    """Whether `name` may name a classifier."""
    return len(name) <= CLASSIFIER_MAX_LENGTH and re.fullmatch(CLASSIFIER_PATTERN, name) is not None


def run_id(bucket: str, key: str, version: str, backend: str) -> str:
    """The id of the run that one backend makes of one dataset version: 16 hexadecimal characters.

    The parts are hashed with their lengths, so that no two drops can spell the same input.
    """
    digest = hashlib.sha256()
    for part in (bucket, key, version, backend):
        encoded = part.encode("utf-8", "surrogatepass")
        digest.update(len(encoded).to_bytes(8, "big") + encoded)
    return digest.hexdigest()[:RUN_ID_LENGTH]


def run_resource(deployment: str, classifier: str, run: str) -> str:
    """The name shared by a run's training job, model and endpoint configuration."""
    return f"{deployment}-{classifier}-{run}"


def run_of_resource(deployment: str, classifier: str, resource: str) -> str | None:
    """The run id in a name made by `run_resource`, or None when the name is somebody else's."""
    prefix = f"{deployment}-{classifier}-"
    suffix = resource.removeprefix(prefix)
    if not resource.startswith(prefix) or re.fullmatch(rf"[0-9a-f]{{{RUN_ID_LENGTH}}}", suffix) is None:
        return None
    return suffix


def endpoint(deployment: str, classifier: str) -> str:
    """The endpoint's name, which never changes while models behind it do."""
    return f"{deployment}-{classifier}"


def execution(classifier: str, run: str) -> str:
    """The state machine execution that follows a run."""
    return f"{classifier}-{run}"
