"""Endpoints: our inference container behind a SageMaker endpoint, serverless or real-time."""

import time
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

from botocore.exceptions import ClientError

from trieur import names
from trieur.backends.base import DeploymentRefused, EndpointBusy, State
from trieur.backends.camembert.models import create_model
from trieur.backends.camembert.resources import run_resource, run_tags
from trieur.deployment import Clients, Deployment
from trieur.runs import Run, RunStatus
from trieur.settings import ClassifierSettings

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.literals import ProductionVariantInstanceTypeType
    from mypy_boto3_sagemaker.type_defs import DescribeEndpointOutputTypeDef, ProductionVariantTypeDef

VARIANT: Final = "AllTraffic"  # an endpoint is updated in place only while its variant keeps its name

# In these an endpoint answers with the configuration it names.
ANSWERING: Final = ("InService", "Updating", "SystemUpdating", "RollingBack", "UpdateRollbackFailed")

# CreateEndpoint reads its configuration with eventual consistency; in seconds.
CONFIG_PAUSES: Final = (0.25, 0.5, 1, 2)


class CamembertEndpoints:
    """See `trieur.backends.base.Endpoints`."""

    def __init__(self, deployment: Deployment, clients: Clients) -> None:
        self._deployment = deployment
        self._sagemaker = clients.sagemaker

    def are_wanted(self, settings: ClassifierSettings) -> bool:
        return settings.endpoint.kind != "none"

    def deployed_run(self, classifier: str) -> str | None:
        endpoint = self._describe_endpoint(names.endpoint(self._deployment.name, classifier))
        if endpoint is None or endpoint["EndpointStatus"] not in ANSWERING:
            return None
        config = endpoint.get("EndpointConfigName")
        return names.run_of_resource(self._deployment.name, classifier, config) if config else None

    def deploy(self, run: Run) -> dict[str, Any]:
        name, config = names.endpoint(self._deployment.name, run.classifier), run_resource(self._deployment, run)
        endpoint = self._describe_endpoint(name)
        if endpoint is not None and endpoint["EndpointStatus"] == "Failed":
            # A failed endpoint answers nobody and cannot be updated.
            self._sagemaker.delete_endpoint(EndpointName=name)
            raise EndpointBusy(f"Endpoint {name} had failed and is being deleted before it is created anew.")
        if endpoint is not None and config not in _configs(endpoint):
            _require_settled(endpoint)
            self._require_same_kind(endpoint, run)
            self._create_model_and_config(run)
            arn = self._update_endpoint(name, config)
        elif endpoint is None:
            self._create_model_and_config(run)
            arn = self._create_endpoint(name, config, run)
        else:
            arn = endpoint["EndpointArn"]
        return {"name": name, "arn": arn, "config": config, "kind": run.settings.endpoint.kind}

    def state(self, run: Run) -> State:
        name, config = names.endpoint(self._deployment.name, run.classifier), run_resource(self._deployment, run)
        endpoint = self._describe_endpoint(name)
        if endpoint is None:
            return State(RunStatus.FAILED, f"Endpoint {name} was deleted while it was being deployed.")
        status, reason = endpoint["EndpointStatus"], endpoint.get("FailureReason", "AWS gives no reason.")
        if status in ("Creating", "Updating", "SystemUpdating", "RollingBack"):
            return State(RunStatus.DEPLOYING, f"Endpoint {name} is {status}.")
        if status == "InService":
            # A deployment that rolled back leaves the endpoint in service on the configuration it had before.
            if endpoint.get("EndpointConfigName") == config:
                return State(RunStatus.LIVE, f"Endpoint {name} answers with this run's model.")
            previous = endpoint.get("EndpointConfigName")
            return State(RunStatus.ROLLED_BACK, f"Endpoint {name} still answers with {previous}: {reason}")
        return State(RunStatus.FAILED, f"Endpoint {name} is {status}: {reason}")

    def _create_model_and_config(self, run: Run) -> None:
        """Raises DeploymentRefused where an earlier start of the run made them for other settings."""
        name, variant = run_resource(self._deployment, run), self._variant(run)
        create_model(self._deployment, self._sagemaker, run)
        try:
            self._sagemaker.create_endpoint_config(
                EndpointConfigName=name, ProductionVariants=[variant], Tags=run_tags(run)
            )
        except ClientError as error:
            if "isolation" in str(error):
                raise DeploymentRefused(
                    f"The model {name} was made to be without a network, which AWS forbids behind serverless endpoints:"
                    f" delete it (aws sagemaker delete-model --model-name {name}) and start the endpoint again."
                ) from error
            if "already existing" not in str(error):
                raise
            self._require_same_variant(name, variant)

    def _require_same_variant(self, config: str, variant: "ProductionVariantTypeDef") -> None:
        made = self._sagemaker.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"][0]
        if any(made.get(key) != value for key, value in variant.items()):
            raise DeploymentRefused(
                f"The endpoint configuration {config} was made for other settings, and AWS changes none:"
                f" delete it (aws sagemaker delete-endpoint-config --endpoint-config-name {config}) and start the"
                " endpoint again."
            )

    def _variant(self, run: Run) -> "ProductionVariantTypeDef":
        endpoint = run.settings.endpoint
        if endpoint.kind == "serverless":
            return {
                "VariantName": VARIANT,
                "ModelName": run_resource(self._deployment, run),
                "ServerlessConfig": {
                    "MemorySizeInMB": endpoint.memory_mb,
                    "MaxConcurrency": endpoint.max_concurrency,
                },
            }
        return {
            "VariantName": VARIANT,
            "ModelName": run_resource(self._deployment, run),
            "InstanceType": cast("ProductionVariantInstanceTypeType", endpoint.instance_type),
            "InitialInstanceCount": endpoint.instance_count,
            "InitialVariantWeight": 1.0,
        }

    def _create_endpoint(self, name: str, config: str, run: Run) -> str:
        create = partial(
            self._sagemaker.create_endpoint, EndpointName=name, EndpointConfigName=config, Tags=run_tags(run)
        )
        for pause in CONFIG_PAUSES:
            try:
                return create()["EndpointArn"]
            except ClientError as error:
                if "Could not find endpoint configuration" not in str(error):
                    raise
            time.sleep(pause)
        return create()["EndpointArn"]

    def _update_endpoint(self, name: str, config: str) -> str:
        try:
            return self._sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=config)["EndpointArn"]
        except ClientError as error:
            if "Cannot update in-progress endpoint" in str(error):
                raise EndpointBusy(f"Endpoint {name} is being updated for another run.") from error
            raise

    def _require_same_kind(self, endpoint: "DescribeEndpointOutputTypeDef", run: Run) -> None:
        variant = self._sagemaker.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])[
            "ProductionVariants"
        ][0]
        current = "serverless" if "ServerlessConfig" in variant else "real-time"
        asked = run.settings.endpoint.kind
        if current != asked:
            raise DeploymentRefused(
                f"Endpoint {endpoint['EndpointName']} is {current} and AWS cannot turn it into {asked} in place: "
                f"delete it (aws sagemaker delete-endpoint --endpoint-name {endpoint['EndpointName']}) and drop "
                "the dataset again, or set endpoint.kind back."
            )

    def _describe_endpoint(self, name: str) -> "DescribeEndpointOutputTypeDef | None":
        try:
            return self._sagemaker.describe_endpoint(EndpointName=name)
        except ClientError as error:
            if "Could not find endpoint" in str(error):
                return None
            raise


def _configs(endpoint: "DescribeEndpointOutputTypeDef") -> set[str | None]:
    """The configuration the endpoint is on and, while it is being updated, the one it is going to."""
    pending = endpoint.get("PendingDeploymentSummary", {}).get("EndpointConfigName")
    return {endpoint.get("EndpointConfigName"), pending}


def _require_settled(endpoint: "DescribeEndpointOutputTypeDef") -> None:
    status, name = endpoint["EndpointStatus"], endpoint["EndpointName"]
    if status in ("Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"):
        raise EndpointBusy(f"Endpoint {name} is {status} for another run.")
    if status != "InService":
        raise DeploymentRefused(
            f"Endpoint {name} is {status} and cannot be updated: "
            f"{endpoint.get('FailureReason', 'see the SageMaker console')}. Delete it and drop the dataset again."
        )
