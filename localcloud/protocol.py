"""The JSON protocol of an AWS service: requests in, answers and errors out, checked against botocore's own model."""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import botocore.session
from botocore.model import OperationModel, ServiceModel

from localcloud.ministack import Receive, Send

Parameters = dict[str, Any]


class ApiError(Exception):
    """An error an AWS service answers with: its code, its message, its HTTP status and further members."""

    def __init__(self, code: str, message: str, status: int = 400, **members: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.members = members


def now() -> datetime.datetime:
    """The moment, as answers carry it."""
    return datetime.datetime.now(datetime.UTC)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


@cache
def service_model(name: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(name)


def operation_model(service: str, operation: str) -> OperationModel:
    """The operation's model. Raises ApiError as AWS does for an operation that does not exist."""
    model = service_model(service)
    if operation not in model.operation_names:
        raise ApiError("UnknownOperationException", f"The operation {operation} is not one of {service}'s.")
    return model.operation_model(operation)


def parse_json(body: bytes) -> Parameters:
    """The request's parameters. Raises ApiError when the body is not a JSON object."""
    try:
        parameters = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise ApiError("SerializationException", "The request body is not valid JSON.") from None
    if not isinstance(parameters, dict):
        raise ApiError("SerializationException", "Start of structure or map found where not expected.")
    return parameters


def json_answer(result: Mapping[str, Any]) -> Answer:
    body = json.dumps(result, default=_timestamp).encode()
    return Answer(200, {"content-type": "application/x-amz-json-1.1"}, body)


def json_error(error: ApiError) -> Answer:
    body = json.dumps({"__type": error.code, "message": error.message, **error.members}).encode()
    return Answer(error.status, {"content-type": "application/x-amz-json-1.1"}, body)


def rest_error(error: ApiError) -> Answer:
    """The same error in the REST-JSON protocol, which names the code in a header."""
    body = json.dumps({"Message": error.message, **error.members}).encode()
    return Answer(error.status, {"content-type": "application/json", "x-amzn-errortype": error.code}, body)


async def read_body(receive: Receive) -> bytes:
    chunks = []
    while True:
        event = await receive()
        if event["type"] != "http.request":
            raise ConnectionError("The caller went away before its request was complete.")
        chunks.append(event.get("body", b""))
        if not event.get("more_body", False):
            return b"".join(chunks)


async def send_answer(send: Send, answer: Answer) -> None:
    headers = {**answer.headers, "content-length": str(len(answer.body)), "x-amzn-requestid": str(uuid.uuid4())}
    encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": encoded})
    await send({"type": "http.response.body", "body": answer.body})


def _timestamp(value: Any) -> float:
    if isinstance(value, datetime.datetime):
        return round(value.timestamp(), 3)
    raise TypeError(f"{type(value).__name__} has no place in an answer")
