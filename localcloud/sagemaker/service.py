"""Answers SageMaker's and sagemaker-runtime's requests."""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from localcloud.containers import Runner
from localcloud.images import ImageCatalogue
from localcloud.ministack import Caller, Receive, Scope, Send, check_permission, pin_request
from localcloud.options import Options
from localcloud.protocol import (
    Answer,
    ApiError,
    Parameters,
    json_answer,
    json_error,
    operation_model,
    parse_json,
    read_body,
    rest_error,
    send_answer,
)
from localcloud.roles import Place, Roles
from localcloud.sagemaker.deployment import Host
from localcloud.sagemaker.endpoint_configs import EndpointConfigs
from localcloud.sagemaker.endpoints import Endpoints
from localcloud.sagemaker.invocations import PATH, endpoint_name, invoke
from localcloud.sagemaker.models import Models
from localcloud.sagemaker.permissions import Grant, needed_grants
from localcloud.sagemaker.tags import Tags
from localcloud.sagemaker.training_jobs import TrainingJobs
from localcloud.sagemaker.training_run import Workshop
from localcloud.state import StateFolder
from localcloud.validation import validate

_logger = logging.getLogger("localcloud")
_TARGET = "SageMaker."
_SCOPE = "/sagemaker/aws4_request"
_TRAINING_GRACE = 120.0
_HOSTING_GRACE = 30.0
Result = TypeVar("Result")
Operation = Callable[[Caller, Parameters], dict[str, Any]]


class SageMaker:
    def __init__(self, options: Options, state: StateFolder, runner: Runner, endpoint_url: str) -> None:
        roles, images = Roles(endpoint_url), ImageCatalogue(state.images)
        self._tags = Tags()
        training_grace = _TRAINING_GRACE if options.stop_grace is None else options.stop_grace
        hosting_grace = _HOSTING_GRACE if options.stop_grace is None else options.stop_grace
        jobs = TrainingJobs(roles, images, Workshop(runner, state.jobs, state.logs, training_grace), self._tags)
        models = Models(roles, images, self._tags)
        configs = EndpointConfigs(models, self._tags)
        host = Host(roles, images, runner, state.endpoints, state.logs, hosting_grace, options.startup_timeout)
        self._endpoints = Endpoints(configs, models, host, self._tags)
        self._operations: dict[str, Operation] = {
            "CreateTrainingJob": jobs.create,
            "DescribeTrainingJob": jobs.describe,
            "ListTrainingJobs": jobs.list,
            "StopTrainingJob": jobs.stop,
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
        # Not MiniStack's threads: a Lambda that waits for an answer holds one of those.
        self._threads = ThreadPoolExecutor(max_workers=64, thread_name_prefix="sagemaker")

    def answers(self, scope: Scope) -> bool:
        """Whether a request is for SageMaker or its runtime."""
        if scope["method"] != "POST":
            return False
        if _header(scope, b"x-amz-target").startswith(_TARGET):
            return True
        # A bucket may be called `endpoints`: what is signed for another service is not for this one.
        authorization = _header(scope, b"authorization")
        return PATH.fullmatch(scope["path"]) is not None and (not authorization or _SCOPE in authorization)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        target = _header(scope, b"x-amz-target")
        body = await read_body(receive)
        caller = pin_request(scope, body)
        is_control = target.startswith(_TARGET)
        try:
            if is_control:
                answer = await self._control(caller, target.removeprefix(_TARGET), body)
            else:
                answer = await self._invoke(caller, scope, body)
        except ApiError as error:
            answer = json_error(error) if is_control else rest_error(error)
        except Exception:
            _logger.exception(
                "A request to SageMaker met an error of the local AWS itself: %s", target or scope["path"]
            )
            failure = ApiError("InternalFailure", "The request processing has failed because of an unknown error.", 500)
            answer = json_error(failure) if is_control else rest_error(failure)
        await send_answer(send, answer)

    def close(self) -> None:
        self._endpoints.close()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _control(self, caller: Caller, name: str, body: bytes) -> Answer:
        model = operation_model("sagemaker", name)
        operation = self._operations.get(name)
        if operation is None:
            raise ApiError("UnknownOperationException", f"SageMaker's {name} is not offered by the local AWS.")
        parameters = parse_json(body)
        if model.input_shape is not None:
            validate(parameters, model.input_shape)
        for grant in needed_grants(name, parameters, Place.of(caller), self._tags.by_arn):
            _authorize(caller, grant)
        return json_answer(await self._in_thread(operation, caller, parameters))

    async def _invoke(self, caller: Caller, scope: Scope, body: bytes) -> Answer:
        name = endpoint_name(scope["path"])
        arn = Place.of(caller).arn("endpoint", name)
        _authorize(caller, Grant("sagemaker:InvokeEndpoint", arn), status=403)
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        return await self._in_thread(invoke, self._endpoints, caller, name, headers, body)

    async def _in_thread(self, work: Callable[..., Result], *arguments: Any) -> Result:
        context = contextvars.copy_context()
        return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: context.run(work, *arguments))


def _authorize(caller: Caller, grant: Grant, status: int = 400) -> None:
    denied = check_permission(caller.access_key_id, grant.action, grant.resource, caller.region, grant.context)
    if denied is not None:
        raise ApiError(denied.code, denied.message, status)


def _header(scope: Scope, name: bytes) -> str:
    value: bytes = next((value for key, value in scope["headers"] if key.lower() == name), b"")
    return value.decode("latin-1")
