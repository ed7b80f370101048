"""What a transform job sends to its container: an object's records, put together into requests, and their answers."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedIOBase

from localcloud.protocol import Parameters

MEGABYTE = 1 << 20
_PAYLOAD_MEGABYTES = 6
_TIMEOUT_SECONDS = 600
_RETRIES = 3
_PARAMETERS_SECONDS = 60.0
_RETRY_PAUSE = 0.2
_STRATEGIES = {"MULTI_RECORD": "MultiRecord", "SINGLE_RECORD": "SingleRecord"}


class RequestFailed(Exception):
    """A request that stays without a good answer.

    kind is AWS's word for whose fault it is, ClientError or AlgorithmError; str() is what the job's log says, a line
    or several.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True)
class Manner:
    """How a job asks its container: what the request says, else what the container prefers, else AWS's defaults."""

    concurrent: int
    megabytes: int
    strategy: str
    split: bool
    timeout: float
    retries: int
    headers: dict[str, str]

    @classmethod
    def of(cls, request: Parameters, preferred: Parameters) -> Manner:
        """preferred is the container's answer at /execution-parameters, empty without one."""
        client = request.get("ModelClientConfig") or {}
        data, output = request["TransformInput"], request["TransformOutput"]
        headers = {"content-type": data.get("ContentType"), "accept": output.get("Accept")}
        return cls(
            concurrent=request.get("MaxConcurrentTransforms") or preferred.get("MaxConcurrentTransforms") or 1,
            megabytes=request.get("MaxPayloadInMB") or preferred.get("MaxPayloadInMB") or _PAYLOAD_MEGABYTES,
            strategy=request.get("BatchStrategy") or _STRATEGIES[preferred.get("BatchStrategy", "MULTI_RECORD")],
            split=data["SplitType"] == "Line",
            timeout=client.get("InvocationsTimeoutInSeconds", _TIMEOUT_SECONDS),
            retries=client.get("InvocationsMaxRetries", _RETRIES),
            headers={name: value for name, value in headers.items() if value},
        )

    def payloads(self, content: BufferedIOBase) -> Iterator[bytes]:
        """The bodies of the requests for one object. Raises RequestFailed for a record that fits into none."""
        limit = self.megabytes * MEGABYTE
        if not self.split:
            yield _within(limit, content.read(limit + 1), 1)
            return
        gathered: list[bytes] = []
        size = number = 0
        # Records end in \n only: a \r or U+2028 is part of one.
        while record := content.readline(limit + 1):
            number += 1
            _within(limit, record, number)
            if gathered and (self.strategy == "SingleRecord" or size + len(record) > limit):
                yield b"".join(gathered)
                gathered, size = [], 0
            gathered.append(record)
            size += len(record)
        if gathered:
            yield b"".join(gathered)


def execution_parameters(port: int) -> Parameters:
    """What the container prefers, empty when it has no such page. Raises RequestFailed when it cannot be used."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PARAMETERS_SECONDS)
    try:
        connection.request("GET", "/execution-parameters", headers={"connection": "close"})
        response = connection.getresponse()
        body = response.read()
    except (OSError, http.client.HTTPException) as error:
        raise RequestFailed("AlgorithmError", f"GET /execution-parameters had no answer: {error!r}") from None
    finally:
        connection.close()
    if response.status != 200:
        return {}
    try:
        preferred = json.loads(body)
        numbers = [preferred.get(member, 1) for member in ("MaxConcurrentTransforms", "MaxPayloadInMB")]
        usable = all(type(number) is int and number > 0 for number in numbers)
        usable = usable and preferred.get("BatchStrategy", "MULTI_RECORD") in _STRATEGIES
    except (ValueError, AttributeError, TypeError):
        usable = False
    if not usable:
        raise RequestFailed("AlgorithmError", f"/execution-parameters answered with what is none: {body[:200]!r}")
    found: Parameters = preferred
    return found


def ask(port: int, body: bytes, manner: Manner, stopping: threading.Event) -> bytes:
    """The container's answer to one request. Raises RequestFailed once the retries are used up, or when stopping.

    A 4xx is not asked again: the same body would meet the same refusal.
    """
    for attempt in range(manner.retries + 1):
        if attempt:
            stopping.wait(_RETRY_PAUSE * 2**attempt)
        try:
            return _post(port, body, manner)
        except RequestFailed as error:
            if error.kind == "ClientError" or attempt == manner.retries or stopping.is_set():
                raise
    raise AssertionError("the last attempt returns or raises")


def _post(port: int, body: bytes, manner: Manner) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=manner.timeout)
    try:
        connection.request("POST", "/invocations", body, {**manner.headers, "connection": "close"})
        response = connection.getresponse()
        content = response.read()
    except (OSError, http.client.HTTPException):
        raise RequestFailed("AlgorithmError", "Unable to get response from algorithm") from None
    finally:
        connection.close()
    if 200 <= response.status < 300:
        return content
    kind = "ClientError" if 400 <= response.status < 500 else "AlgorithmError"
    said = content.decode("utf-8", errors="replace")
    raise RequestFailed(kind, f"{kind}: {response.status}\n\nMessage:\n{said}")


def _within(limit: int, record: bytes, number: int) -> bytes:
    if len(record) > limit:
        raise RequestFailed(
            "ClientError",
            f"ClientError: Record {number} is larger than MaxPayloadInMB ({limit // MEGABYTE} MB) allows",
        )
    return record
