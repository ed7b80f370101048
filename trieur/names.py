"""Names of everything the pipeline creates, derived from a classifier and a run so that every step can be repeated.

Limits: SageMaker names are at most 63 characters of `[a-zA-Z0-9](-*[a-zA-Z0-9])*`, Comprehend's likewise but for an
endpoint's, which has at most 40; a Step Functions execution name at most 80, an S3 bucket name at most 63
(`<deployment>-artifacts-<account>-<region>`).
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
COMPREHEND_ENDPOINT_MAX_LENGTH: Final = 40


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
    """The name shared by a run's training job, model and endpoint configuration; also that of a batch's job."""
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


def comprehend_classifier(deployment: str, classifier: str) -> str:
    """The name of the document classifier in Comprehend; each run is a version of it, named by its run id."""
    return f"{deployment}-{classifier}"


def comprehend_endpoint(deployment: str, classifier: str) -> str:
    """The name of the endpoint in Comprehend: `endpoint`'s, its end replaced by a hash where it is too long there."""
    name = endpoint(deployment, classifier)
    if len(name) <= COMPREHEND_ENDPOINT_MAX_LENGTH:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: COMPREHEND_ENDPOINT_MAX_LENGTH - 9].rstrip('-')}-{digest}"


def execution(classifier: str, run: str, start: str = "") -> str:
    """The state machine execution that follows a run; `start` tells those that start its endpoint anew, later."""
    return f"{classifier}-{run}-{start}" if start else f"{classifier}-{run}"
