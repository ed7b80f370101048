"""What the services of the local AWS share: a request is read, checked against its model, authorised and answered."""

from __future__ import annotations

import asyncio
import contextvars
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from localcloud.grants import Grant, authorize
from localcloud.ministack import Caller, Receive, Scope, Send, pin_request
from localcloud.protocol import (
    Answer,
    ApiError,
    Parameters,
    json_answer,
    json_error,
    operation_model,
    parse_json,
    read_body,
    send_answer,
)
from localcloud.validation import validate

_logger = logging.getLogger("localcloud")
_THREADS = 64
Result = TypeVar("Result")
Operation = Callable[[Caller, Parameters], dict[str, Any]]


class JsonService(ABC):
    """A service of the JSON protocol, whose operations are named by the header X-Amz-Target.

    name is the service's in botocore, title what people call it, target what its header begins with.
    """

    def __init__(self, name: str, title: str, target: str, operations: Mapping[str, Operation]) -> None:
        self._name = name
        self._title = title
        self._target = target
        self._operations = operations
        # Not MiniStack's threads: a Lambda that waits for an answer holds one of those.
        self._threads = ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix=name)

    def answers(self, scope: Scope) -> bool:
        """Whether a request is for this service."""
        return scope["method"] == "POST" and header(scope, b"x-amz-target").startswith(self._target)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_body(receive)
        caller = pin_request(scope, body)
        try:
            answer = await self.respond(caller, scope, body)
        except ApiError as error:
            answer = self.refusal(scope, error)
        except Exception:
            asked = header(scope, b"x-amz-target") or scope["path"]
            _logger.exception("A request to %s met an error of the local AWS itself: %s", self._title, asked)
            failure = ApiError("InternalFailure", "The request processing has failed because of an unknown error.", 500)
            answer = self.refusal(scope, failure)
        await send_answer(send, answer)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    @abstractmethod
    def grants(self, operation: str, parameters: Parameters, caller: Caller) -> Iterable[Grant]:
        """What the caller must be allowed for one valid request."""

    async def respond(self, caller: Caller, scope: Scope, body: bytes) -> Answer:
        """The answer to one request. Raises ApiError."""
        name = header(scope, b"x-amz-target").removeprefix(self._target)
        model = operation_model(self._name, name)
        operation = self._operations.get(name)
        if operation is None:
            raise ApiError("UnknownOperationException", f"{self._title}'s {name} is not offered by the local AWS.")
        parameters = parse_json(body)
        if model.input_shape is not None:
            validate(parameters, model.input_shape)
        for grant in self.grants(name, parameters, caller):
            authorize(caller, grant)
        return json_answer(await self.in_thread(operation, caller, parameters))

    def refusal(self, _scope: Scope, error: ApiError) -> Answer:
        """The error in the protocol the request was made in."""
        return json_error(error)

    async def in_thread(self, work: Callable[..., Result], *arguments: Any) -> Result:
        """Does the work without holding up other requests, as the same caller."""
        context = contextvars.copy_context()
        return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: context.run(work, *arguments))


def header(scope: Scope, name: bytes) -> str:
    value: bytes = next((value for key, value in scope["headers"] if key.lower() == name), b"")
    return value.decode("latin-1")
