"""Endpoints: a run's document classifier behind an endpoint of Comprehend, which costs money as long as it stands."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from trieur import names
from trieur.backends.base import DeploymentRefused, EndpointBusy, State
from trieur.backends.comprehend.resources import (
    amazons_words,
    endpoint_arn,
    error_code,
    model_arn,
    run_of_model,
    run_tags,
)
from trieur.deployment import Clients, Deployment
from trieur.runs import Run, RunStatus
from trieur.settings import ClassifierSettings

if TYPE_CHECKING:
    from mypy_boto3_comprehend.type_defs import (
        CreateEndpointRequestTypeDef,
        EndpointPropertiesTypeDef,
        UpdateEndpointRequestTypeDef,
    )

KIND: Final = "on-demand"
_CHANGING: Final = ("CREATING", "UPDATING")
# In these an endpoint answers with the model it names.
_ANSWERING: Final = ("IN_SERVICE", "UPDATING")


class ComprehendEndpoints:
    """See `trieur.backends.base.Endpoints`."""

    def __init__(self, deployment: Deployment, clients: Clients) -> None:
        self._deployment = deployment
        self._comprehend = clients.comprehend

    def are_wanted(self, settings: ClassifierSettings) -> bool:
        return settings.comprehend.endpoint == KIND

    def deployed_run(self, classifier: str) -> str | None:
        endpoint = self._describe(classifier)
        if endpoint is None or endpoint["Status"] not in _ANSWERING:
            return None
        return run_of_model(self._deployment, classifier, endpoint["ModelArn"])

    def deploy(self, run: Run) -> dict[str, Any]:
        name = names.comprehend_endpoint(self._deployment.name, run.classifier)
        endpoint = self._describe(run.classifier)
        if endpoint is None:
            self._create(name, run)
        elif endpoint["Status"] == "FAILED":
            # A failed endpoint answers nobody and cannot be updated.
            self._comprehend.delete_endpoint(EndpointArn=endpoint["EndpointArn"])
            raise EndpointBusy(f"Endpoint {name} had failed and is being deleted before it is created anew.")
        elif endpoint["Status"] == "IN_SERVICE":
            self._update(endpoint, run)
        elif endpoint["Status"] not in _CHANGING or _coming_model(endpoint) != model_arn(self._deployment, run):
            raise EndpointBusy(f"Endpoint {name} is {endpoint['Status']} for another run.")
        wanted = run.settings.comprehend
        return {
            "name": name,
            "arn": endpoint_arn(self._deployment, run.classifier),
            "model": model_arn(self._deployment, run),
            "kind": KIND,
            "inference_units": wanted.inference_units,
            "idle_hours": wanted.idle_hours,
        }

    def state(self, run: Run) -> State:
        name = names.comprehend_endpoint(self._deployment.name, run.classifier)
        endpoint = self._describe(run.classifier)
        if endpoint is None:
            return State(RunStatus.FAILED, f"Endpoint {name} was deleted while it was being deployed.")
        status, reason = endpoint["Status"], endpoint.get("Message") or "Comprehend gives no reason."
        if status in _CHANGING:
            return State(RunStatus.DEPLOYING, f"Endpoint {name} is {status}.")
        if status == "IN_SERVICE":
            # An update that failed leaves the endpoint in service with the model it had before.
            if endpoint["ModelArn"] == model_arn(self._deployment, run):
                return State(RunStatus.LIVE, f"Endpoint {name} answers with this run's model.")
            previous = endpoint["ModelArn"].rpartition("document-classifier/")[2]
            return State(RunStatus.ROLLED_BACK, f"Endpoint {name} still answers with {previous}: {reason}")
        return State(RunStatus.FAILED, f"Endpoint {name} is {status}: {reason}")

    def _create(self, name: str, run: Run) -> None:
        # No ClientRequestToken: it would bring back an endpoint that has been deleted when idle.
        request: CreateEndpointRequestTypeDef = {
            "EndpointName": name,
            "ModelArn": model_arn(self._deployment, run),
            "DesiredInferenceUnits": run.settings.comprehend.inference_units,
            "Tags": run_tags(run),
        }
        if self._deployment.comprehend_kms_key_arn:
            request["DataAccessRoleArn"] = self._deployment.comprehend_role_arn
        with _errors_told():
            self._comprehend.create_endpoint(**request)

    def _update(self, endpoint: "EndpointPropertiesTypeDef", run: Run) -> None:
        """Ask for what the endpoint lacks of the run's model and inference units, if it lacks anything."""
        request: UpdateEndpointRequestTypeDef = {"EndpointArn": endpoint["EndpointArn"]}
        model, units = model_arn(self._deployment, run), run.settings.comprehend.inference_units
        if endpoint["ModelArn"] != model:
            request["DesiredModelArn"] = model
            if self._deployment.comprehend_kms_key_arn:
                request["DesiredDataAccessRoleArn"] = self._deployment.comprehend_role_arn
        if endpoint.get("CurrentInferenceUnits", endpoint.get("DesiredInferenceUnits")) != units:
            request["DesiredInferenceUnits"] = units
        if len(request) > 1:
            with _errors_told():
                self._comprehend.update_endpoint(**request)

    def _describe(self, classifier: str) -> "EndpointPropertiesTypeDef | None":
        try:
            answer = self._comprehend.describe_endpoint(EndpointArn=endpoint_arn(self._deployment, classifier))
        except self._comprehend.exceptions.ResourceNotFoundException:
            return None
        return answer["EndpointProperties"]


def _coming_model(endpoint: "EndpointPropertiesTypeDef") -> str:
    """The ARN of the model that a changing endpoint will answer with."""
    return endpoint.get("DesiredModelArn") or endpoint["ModelArn"]


@contextmanager
def _errors_told() -> Iterator[None]:
    """Raises EndpointBusy for what passes and DeploymentRefused for what does not; AWS's own failures pass through."""
    try:
        yield
    except ClientError as error:
        if error_code(error) in ("ResourceInUseException", "ResourceUnavailableException"):
            raise EndpointBusy(f"Comprehend is still busy with the endpoint: {amazons_words(error)}.") from error
        if error_code(error) == "ResourceLimitExceededException":
            raise DeploymentRefused(
                f"Comprehend allows no more endpoints or inference units in this region: {amazons_words(error)}. Delete"
                " an endpoint, lower comprehend.inference_units, or ask AWS for a higher quota."
            ) from error
        if error_code(error) in ("InvalidRequestException", "ResourceNotFoundException", "TooManyTagsException"):
            raise DeploymentRefused(f"Comprehend refuses the endpoint: {amazons_words(error)}.") from error
        raise
