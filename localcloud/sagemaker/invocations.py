"""InvokeEndpoint: takes a request to the container behind an endpoint and its answer back."""

from __future__ import annotations

import http.client
import re
from collections.abc import Mapping
from urllib.parse import unquote

from localcloud.ministack import Caller
from localcloud.protocol import Answer, ApiError
from localcloud.roles import Place
from localcloud.sagemaker.deployment import Deployment
from localcloud.sagemaker.endpoints import Endpoints

PATH = re.compile(r"/endpoints/([^/]+)/(invocations|invocations-response-stream|async-invocations)")
_SECONDS = 60.0
_CUSTOM_ATTRIBUTES = "x-amzn-sagemaker-custom-attributes"
_FORWARDED = ("content-type", "accept", _CUSTOM_ATTRIBUTES, "x-amzn-sagemaker-inference-id")
_UNOFFERED = {
    "x-amzn-sagemaker-target-model": "TargetModel",
    "x-amzn-sagemaker-target-container-hostname": "TargetContainerHostname",
    "x-amzn-sagemaker-inference-component": "InferenceComponentName",
    "x-amzn-sagemaker-session-id": "SessionId",
    "x-amzn-sagemaker-enable-explanations": "EnableExplanations",
}
_MESSAGE_CHARACTERS = 4096


def endpoint_name(path: str) -> str:
    """The endpoint a runtime request is for. Raises ApiError for the ways to invoke that are not offered."""
    found = PATH.fullmatch(path)
    if found is None or found[2] != "invocations":
        raise ApiError(
            "UnknownOperationException", "The local AWS offers InvokeEndpoint, and no other way to invoke.", 404
        )
    return unquote(found[1])


def invoke(endpoints: Endpoints, caller: Caller, name: str, headers: Mapping[str, str], body: bytes) -> Answer:
    """The container's answer. Raises ApiError as InvokeEndpoint does when there is none or it is an error."""
    deployment = endpoints.serving(Place.of(caller), name)
    if deployment is None:
        raise ApiError("ValidationError", f"Endpoint {name} of account {caller.account} not found.")
    _check(deployment, headers, body)
    with deployment.serving() as port:
        if port is None:
            raise _model_error(deployment, caller, 503, "The container is not running: it is being started anew.")
        return _ask(deployment, caller, port, headers, body)


def _check(deployment: Deployment, headers: Mapping[str, str], body: bytes) -> None:
    if len(body) > deployment.body_limit:
        raise ApiError(
            "ValidationError",
            "1 validation error detected: Value at 'body' failed to satisfy constraint: Member must have length less "
            f"than or equal to {deployment.body_limit}",
        )
    for header, member in _UNOFFERED.items():
        if header in headers:
            raise ApiError("ValidationError", f"{member} is not offered by the local AWS.")
    attributes = headers.get(_CUSTOM_ATTRIBUTES, "")
    if len(attributes) > 1024 or not attributes.isascii():
        raise ApiError(
            "ValidationError",
            "1 validation error detected: Value at 'customAttributes' failed to satisfy constraint: Member must have "
            "length less than or equal to 1024 and be visible US-ASCII",
        )
    variant = headers.get("x-amzn-sagemaker-target-variant", deployment.variant)
    if variant != deployment.variant:
        raise ApiError("ValidationError", f"Variant {variant} not found for Request.")


def _ask(deployment: Deployment, caller: Caller, port: int, headers: Mapping[str, str], body: bytes) -> Answer:
    # A connection of its own for every call: one kept open may be closed by the container just as it is used again.
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
    forwarded = {header: headers[header] for header in _FORWARDED if header in headers}
    try:
        connection.request("POST", "/invocations", body, {**forwarded, "connection": "close"})
        response = connection.getresponse()
        content = response.read()
    except TimeoutError:
        raise _model_error(
            deployment,
            caller,
            0,
            "Your invocation timed out while waiting for a response from container primary. Review the latency metrics "
            "for each container in Amazon CloudWatch, resolve the issue, and try again.",
        ) from None
    except (OSError, http.client.HTTPException) as error:
        raise _model_error(deployment, caller, 503, f"The container ended the connection: {error!r}.") from None
    finally:
        connection.close()
    if not 200 <= response.status < 300:
        raise _model_error(deployment, caller, response.status, content.decode("utf-8", errors="replace"))
    answered = {
        "content-type": response.headers.get("content-type", "application/octet-stream"),
        "x-amzn-invoked-production-variant": deployment.variant,
    }
    if _CUSTOM_ATTRIBUTES in response.headers:
        answered[_CUSTOM_ATTRIBUTES] = response.headers[_CUSTOM_ATTRIBUTES]
    return Answer(200, answered, content)


def _model_error(deployment: Deployment, caller: Caller, status: int, message: str) -> ApiError:
    side = "client" if 400 <= status < 500 else "server"
    shown = message[:_MESSAGE_CHARACTERS]
    return ApiError(
        "ModelError",
        f'Received {side} error ({status}) from primary with message "{shown}". See '
        f"https://{caller.region}.console.aws.amazon.com/cloudwatch/home?region={caller.region}#logEventViewer:"
        f"group={deployment.log_group} in account {caller.account} for more information.",
        424,
        OriginalStatusCode=status,
        OriginalMessage=shown,
        LogStreamArn=deployment.log_stream_arn,
    )
