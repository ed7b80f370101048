"""CreateEndpoint, DescribeEndpoint, ListEndpoints, UpdateEndpoint, DeleteEndpoint."""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from localcloud.ministack import Caller
from localcloud.protocol import ApiError, Parameters, now
from localcloud.roles import Place
from localcloud.sagemaker.deployment import Deployment, DeploymentFailed
from localcloud.sagemaker.endpoint_configs import EndpointConfig, EndpointConfigs
from localcloud.sagemaker.events import publish_endpoint
from localcloud.sagemaker.listing import page
from localcloud.sagemaker.model_container import Host
from localcloud.sagemaker.models import Models
from localcloud.sagemaker.tags import Tags

_logger = logging.getLogger("localcloud")


class Endpoint:
    """A name that does not change while configurations behind it do."""

    def __init__(self, name: str, arn: str, place: Place, config: EndpointConfig, request: Parameters) -> None:
        self.name = name
        self.arn = arn
        self.place = place
        self.config = config
        self.status = "Creating"
        self.failure: str | None = None
        self.deployment: Deployment | None = None
        self.pending: Deployment | None = None
        self.deployment_config: Parameters | None = request.get("DeploymentConfig")
        self.created = self.modified = now()

    def enter(self, status: str) -> None:
        self.status = status
        self.modified = now()
        publish_endpoint(self.place, self.arn, self.describe())

    def summary(self) -> dict[str, Any]:
        return {
            "EndpointName": self.name,
            "EndpointArn": self.arn,
            "CreationTime": self.created,
            "LastModifiedTime": self.modified,
            "EndpointStatus": self.status,
        }

    def describe(self) -> dict[str, Any]:
        described = {**self.summary(), "EndpointConfigName": self.config.name}
        if self.failure:
            described["FailureReason"] = self.failure
        if self.deployment_config:
            described["LastDeploymentConfig"] = self.deployment_config
        deployment = self.deployment
        if deployment is not None and self.status != "Failed":
            described["ProductionVariants"] = [_variant_summary(deployment)]
        pending = self.pending
        if pending is not None and self.status in ("Creating", "Updating"):
            described["PendingDeploymentSummary"] = _pending_summary(pending)
        return described


class Endpoints:
    def __init__(self, configs: EndpointConfigs, models: Models, host: Host, tags: Tags) -> None:
        self._configs = configs
        self._models = models
        self._host = host
        self._tags = tags
        self._endpoints: dict[str, Endpoint] = {}
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._work = ThreadPoolExecutor(max_workers=16, thread_name_prefix="endpoint-change")

    def create(self, caller: Caller, parameters: Parameters) -> dict[str, Any]:
        place, name = Place.of(caller), parameters["EndpointName"]
        arn = place.arn("endpoint", name)
        with self._lock:
            if arn in self._endpoints:
                raise ApiError("ValidationException", f'Cannot create already existing endpoint "{arn}".')
            config = self._configs.find(place, parameters["EndpointConfigName"])
            endpoint = Endpoint(name, arn, place, config, parameters)
            deployment = endpoint.pending = self._prepare(endpoint, config)
            self._tags.create(arn, parameters)
            self._endpoints[arn] = endpoint
        endpoint.enter("Creating")
        self._later(self._finish_creation, endpoint, deployment)
        return {"EndpointArn": arn}

    def update(self, caller: Caller, parameters: Parameters) -> dict[str, Any]:
        place = Place.of(caller)
        with self._lock:
            endpoint = self.find(place, parameters["EndpointName"])
            config = self._configs.find(place, parameters["EndpointConfigName"])
            # AWS reads the configuration in use once more: who deleted it cannot update the endpoint any longer.
            self._configs.find(place, endpoint.config.name)
            self._refuse_busy(endpoint)
            if endpoint.status == "Failed":
                raise ApiError("ValidationException", f'Cannot update failed endpoint "{endpoint.arn}".')
            if config.serverless != endpoint.config.serverless:
                now_kind, asked = (
                    ("serverless", "instance-based") if endpoint.config.serverless else ("instance-based", "serverless")
                )
                raise ApiError(
                    "ValidationException",
                    f'Cannot update {now_kind} endpoint "{endpoint.arn}" to the {asked} endpoint configuration '
                    f'"{config.arn}": delete the endpoint and create it anew.',
                )
            deployment = endpoint.pending = self._prepare(endpoint, config)
            endpoint.status = "Updating"
            endpoint.failure = None
            if parameters.get("DeploymentConfig") or not parameters.get("RetainDeploymentConfig"):
                endpoint.deployment_config = parameters.get("DeploymentConfig")
        endpoint.enter("Updating")
        self._later(self._finish_update, endpoint, deployment)
        return {"EndpointArn": endpoint.arn}

    def delete(self, caller: Caller, parameters: Parameters) -> dict[str, Any]:
        with self._lock:
            endpoint = self.find(Place.of(caller), parameters["EndpointName"])
            self._refuse_busy(endpoint)
            endpoint.status = "Deleting"
        endpoint.enter("Deleting")
        self._later(self._finish_deletion, endpoint)
        return {}

    def describe(self, caller: Caller, parameters: Parameters) -> dict[str, Any]:
        return self.find(Place.of(caller), parameters["EndpointName"]).describe()

    def list(self, caller: Caller, parameters: Parameters) -> dict[str, Any]:
        place = Place.of(caller)
        summaries = [endpoint.summary() for endpoint in list(self._endpoints.values()) if endpoint.place == place]
        return page(summaries, parameters, key="Endpoints", name="EndpointName", status="EndpointStatus")

    def find(self, place: Place, name: str) -> Endpoint:
        """Raises ApiError in AWS's words when there is no such endpoint."""
        arn = place.arn("endpoint", name)
        endpoint = self._endpoints.get(arn)
        if endpoint is None or endpoint.name != name:
            raise ApiError("ValidationException", f'Could not find endpoint "{arn}".')
        return endpoint

    def serving(self, place: Place, name: str) -> Deployment | None:
        """What answers for that endpoint at this moment."""
        endpoint = self._endpoints.get(place.arn("endpoint", name))
        return None if endpoint is None or endpoint.name != name else endpoint.deployment

    def close(self) -> None:
        self._work.shutdown(wait=False, cancel_futures=True)

    def _prepare(self, endpoint: Endpoint, config: EndpointConfig) -> Deployment:
        model = self._models.find(endpoint.place, config.variant["ModelName"])
        return Deployment(endpoint.name, next(self._numbers), endpoint.place, config, model, self._host)

    def _refuse_busy(self, endpoint: Endpoint) -> None:
        if endpoint.status not in ("InService", "Failed"):
            raise ApiError("ValidationException", f'Cannot update in-progress endpoint "{endpoint.arn}".')

    def _finish_creation(self, endpoint: Endpoint, deployment: Deployment) -> None:
        try:
            deployment.start()
        except DeploymentFailed as error:
            deployment.stop()
            endpoint.failure = str(error)
            endpoint.enter("Failed")
            return
        endpoint.deployment = deployment
        endpoint.enter("InService")

    def _finish_update(self, endpoint: Endpoint, deployment: Deployment) -> None:
        """Blue/green: the new one takes the traffic once it is healthy; the old one ends once it is idle."""
        try:
            deployment.start()
        except DeploymentFailed as error:
            endpoint.failure = str(error)
            endpoint.enter("RollingBack")
            deployment.stop()
            endpoint.enter("InService")
            return
        replaced, endpoint.deployment = endpoint.deployment, deployment
        endpoint.config = deployment.config
        if replaced is not None:
            replaced.stop()
        endpoint.enter("InService")

    def _finish_deletion(self, endpoint: Endpoint) -> None:
        deployment, endpoint.deployment = endpoint.deployment, None
        if deployment is not None:
            deployment.stop()
        with self._lock:
            self._endpoints.pop(endpoint.arn, None)
        self._tags.forget(endpoint.arn)

    def _later(self, work: Callable[..., None], endpoint: Endpoint, *arguments: Any) -> None:
        def say(done: Future[None]) -> None:
            error = None if done.cancelled() else done.exception()
            if error is not None:
                _logger.error("The endpoint %s met an error of the local AWS itself", endpoint.name, exc_info=error)
                endpoint.failure = (
                    "Request to service failed. If failure persists after retry, contact customer support."
                )
                endpoint.enter("Failed")

        self._work.submit(work, endpoint, *arguments).add_done_callback(say)


def _pending_summary(deployment: Deployment) -> dict[str, Any]:
    variant = deployment.config.variant
    summary = {"VariantName": variant["VariantName"], "DesiredWeight": variant["InitialVariantWeight"]}
    if deployment.config.serverless:
        summary["DesiredServerlessConfig"] = variant["ServerlessConfig"]
    else:
        summary["DesiredInstanceCount"] = variant["InitialInstanceCount"]
        summary["InstanceType"] = variant["InstanceType"]
    return {
        "EndpointConfigName": deployment.config.name,
        "ProductionVariants": [summary],
        "StartTime": deployment.created,
    }


def _variant_summary(deployment: Deployment) -> dict[str, Any]:
    variant, image = deployment.config.variant, deployment.model.container["Image"]
    summary = {
        "VariantName": variant["VariantName"],
        "DeployedImages": [
            {
                "SpecifiedImage": image,
                "ResolvedImage": image,
                "ResolutionTime": deployment.model.described["CreationTime"],
            }
        ],
        "CurrentWeight": variant["InitialVariantWeight"],
        "DesiredWeight": variant["InitialVariantWeight"],
    }
    if deployment.config.serverless:
        return {**summary, "CurrentServerlessConfig": variant["ServerlessConfig"]}
    count = variant["InitialInstanceCount"]
    return {**summary, "CurrentInstanceCount": count, "DesiredInstanceCount": count}
