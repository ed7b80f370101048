"""Answers SageMaker's and sagemaker-runtime's requests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from localcloud.containers import Runner
from localcloud.grants import Grant, authorize
from localcloud.images import ImageCatalogue
from localcloud.ministack import Caller, Scope
from localcloud.options import Options
from localcloud.protocol import Answer, ApiError, Parameters, rest_error
from localcloud.roles import SAGEMAKER, Place, Roles
from localcloud.sagemaker.endpoint_configs import EndpointConfigs
from localcloud.sagemaker.endpoints import Endpoints
from localcloud.sagemaker.invocations import PATH, endpoint_name, invoke
from localcloud.sagemaker.model_container import Host
from localcloud.sagemaker.models import Models
from localcloud.sagemaker.permissions import needed_grants
from localcloud.sagemaker.tags import Tags
from localcloud.sagemaker.training_jobs import TrainingJobs
from localcloud.sagemaker.training_run import Workshop
from localcloud.sagemaker.transform_jobs import TransformJobs
from localcloud.service import JsonService, Operation, header
from localcloud.state import StateFolder

_TARGET = "SageMaker."
_SCOPE = "/sagemaker/aws4_request"
_TRAINING_GRACE = 120.0
_HOSTING_GRACE = 30.0


class SageMaker(JsonService):
    def __init__(self, options: Options, state: StateFolder, runner: Runner, endpoint_url: str) -> None:
        roles, images = Roles(endpoint_url, SAGEMAKER, "SageMaker"), ImageCatalogue(state.images)
        self._tags = Tags()
        training_grace = _TRAINING_GRACE if options.stop_grace is None else options.stop_grace
        hosting_grace = _HOSTING_GRACE if options.stop_grace is None else options.stop_grace
        workshop = Workshop(runner, state.jobs, state.logs, training_grace, options.spot_interruption)
        jobs = TrainingJobs(roles, images, workshop, self._tags)
        models = Models(roles, images, self._tags)
        configs = EndpointConfigs(models, self._tags)
        host = Host(roles, images, runner, state.endpoints, state.logs, hosting_grace, options.startup_timeout)
        self._endpoints = Endpoints(configs, models, host, self._tags)
        transforms = TransformJobs(models, replace(host, folder=state.transforms), self._tags)
        operations: dict[str, Operation] = {
            "CreateTrainingJob": jobs.create,
            "DescribeTrainingJob": jobs.describe,
            "ListTrainingJobs": jobs.list,
            "StopTrainingJob": jobs.stop,
            "CreateTransformJob": transforms.create,
            "DescribeTransformJob": transforms.describe,
            "ListTransformJobs": transforms.list,
            "StopTransformJob": transforms.stop,
            "CreateModel": models.create,
            "DescribeModel": models.describe,
            "ListModels": models.list,
            "DeleteModel": models.delete,
            "CreateEndpointConfig": configs.create,
            "DescribeEndpointConfig": configs.describe,
            "ListEndpointConfigs": configs.list,
            "DeleteEndpointConfig": configs.delete,
            "CreateEndpoint": self._endpoints.create,
            "DescribeEndpoint": self._endpoints.describe,
            "ListEndpoints": self._endpoints.list,
            "UpdateEndpoint": self._endpoints.update,
            "DeleteEndpoint": self._endpoints.delete,
            "AddTags": self._tags.add,
            "ListTags": self._tags.list,
            "DeleteTags": self._tags.delete,
        }
        super().__init__("sagemaker", "SageMaker", _TARGET, operations)

    def answers(self, scope: Scope) -> bool:
        """Whether a request is for SageMaker or its runtime."""
        if super().answers(scope):
            return True
        # A bucket may be called `endpoints`: what is signed for another service is not for this one.
        authorization = header(scope, b"authorization")
        return (
            scope["method"] == "POST"
            and PATH.fullmatch(scope["path"]) is not None
            and (not authorization or _SCOPE in authorization)
        )

    def grants(self, operation: str, parameters: Parameters, caller: Caller) -> Iterable[Grant]:
        return needed_grants(operation, parameters, Place.of(caller), self._tags.by_arn)

    async def respond(self, caller: Caller, scope: Scope, body: bytes) -> Answer:
        if super().answers(scope):
            return await super().respond(caller, scope, body)
        name = endpoint_name(scope["path"])
        arn = Place.of(caller).arn("endpoint", name)
        authorize(caller, Grant("sagemaker:InvokeEndpoint", arn), status=403)
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        return await self.in_thread(invoke, self._endpoints, caller, name, headers, body)

    def refusal(self, scope: Scope, error: ApiError) -> Answer:
        return super().refusal(scope, error) if super().answers(scope) else rest_error(error)

    def close(self) -> None:
        self._endpoints.close()
        super().close()
