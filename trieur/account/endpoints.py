"""The endpoints of a classifier as they stand, whoever made them so."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from trieur import names
from trieur.backends.camembert.endpoints import ANSWERING
from trieur.backends.comprehend.resources import endpoint_arn, run_of_model
from trieur.deployment import Clients, Deployment
from trieur.settings import BACKENDS, Backend

_COMPREHEND_ANSWERING: Final = ("IN_SERVICE", "UPDATING")


@dataclass(frozen=True)
class Endpoint:
    """`status` is AWS's word; `run_id` is the run whose model answers, None while none does."""

    backend: Backend
    name: str
    arn: str
    status: str
    kind: str
    run_id: str | None
    reason: str

    @property
    def answers(self) -> bool:
        return self.run_id is not None

    def as_json(self) -> dict[str, Any]:
        return {
            "backend": self.backend,
            "name": self.name,
            "arn": self.arn,
            "status": self.status,
            "kind": self.kind,
            "run_id": self.run_id,
            "reason": self.reason or None,
        }


def endpoints_of(
    classifier: str, backends: Iterable[Backend], deployment: Deployment, clients: Clients
) -> tuple[Endpoint, ...]:
    """Those that exist, in the order of the backends. Only the named backends are asked: not every region has both."""
    asked = set(backends)
    finders = {"camembert": _of_sagemaker, "comprehend": _of_comprehend}
    found = (finders[backend](classifier, deployment, clients) for backend in BACKENDS if backend in asked)
    return tuple(endpoint for endpoint in found if endpoint is not None)


def _of_sagemaker(classifier: str, deployment: Deployment, clients: Clients) -> Endpoint | None:
    name = names.endpoint(deployment.name, classifier)
    try:
        said = clients.sagemaker.describe_endpoint(EndpointName=name)
    except ClientError as error:
        if "Could not find endpoint" in str(error):
            return None
        raise
    config, status = said.get("EndpointConfigName"), said["EndpointStatus"]
    run_id = names.run_of_resource(deployment.name, classifier, config) if config and status in ANSWERING else None
    variants: Any = said.get("ProductionVariants") or said.get("PendingDeploymentSummary", {}).get("ProductionVariants")
    kind = "serverless" if any(v.get("CurrentServerlessConfig") for v in variants or ()) else "real-time"
    return Endpoint("camembert", name, said["EndpointArn"], status, kind, run_id, said.get("FailureReason", ""))


def _of_comprehend(classifier: str, deployment: Deployment, clients: Clients) -> Endpoint | None:
    arn = endpoint_arn(deployment, classifier)
    try:
        said = clients.comprehend.describe_endpoint(EndpointArn=arn)["EndpointProperties"]
    except clients.comprehend.exceptions.ResourceNotFoundException:
        return None
    status = said["Status"]
    run_id = run_of_model(deployment, classifier, said["ModelArn"]) if status in _COMPREHEND_ANSWERING else None
    name = names.comprehend_endpoint(deployment.name, classifier)
    return Endpoint("comprehend", name, arn, status, "on-demand", run_id, said.get("Message", ""))
