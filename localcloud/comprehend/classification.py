"""ClassifyDocument: one text, answered by the model behind an endpoint."""

from __future__ import annotations

from typing import Any

from localcloud.comprehend.endpoint import Endpoint
from localcloud.comprehend.endpoints import Endpoints
from localcloud.comprehend.refusals import invalid, unavailable
from localcloud.ministack import Caller, record_metric
from localcloud.protocol import ApiError, Parameters
from localcloud.unoffered import refuse

_MOST_BYTES = 10_000
_UNIT_CHARACTERS = 100


class Classification:
    """throttled says whether an endpoint refuses what exceeds its inference units, as on AWS."""

    def __init__(self, endpoints: Endpoints, *, throttled: bool) -> None:
        self._endpoints = endpoints
        self._throttled = throttled

    def classify(self, _caller: Caller, parameters: Parameters) -> dict[str, Any]:
        text = _text(parameters)
        endpoint = self._endpoints.serving(parameters["EndpointArn"])
        if self._throttled and not endpoint.throughput.admit(len(text)):
            raise ApiError("ThrottlingException", "Rate exceeded")
        model = endpoint.model
        if model is None:
            raise unavailable(f"The endpoint {endpoint.arn} is {endpoint.status}.")
        scores = model.scores([text])[0]
        _record(endpoint, text)
        named = [{"Name": label, "Score": score} for label, score in scores]
        return {"Labels" if model.multi_label else "Classes": named}


def _text(parameters: Parameters) -> str:
    refuse(parameters, ("Bytes", "DocumentReaderConfig"), "InvalidRequestException")
    text: str | None = parameters.get("Text")
    if text is None:
        raise invalid("Text is required.")
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > _MOST_BYTES:
        raise ApiError(
            "TextSizeLimitExceededException",
            f"Input text size exceeds limit. Max length of request text allowed is {_MOST_BYTES} bytes while in this "
            f"request the text size is {size} bytes",
        )
    return text


def _record(endpoint: Endpoint, text: str) -> None:
    """A call consumes a unit for every 100 characters begun; a throttled one consumes nothing."""
    consumed = max(1, -(-len(text) // _UNIT_CHARACTERS))
    for name, value in (("ConsumedInferenceUnits", consumed), ("ProvisionedInferenceUnits", endpoint.units or 0)):
        record_metric(
            endpoint.place.account,
            endpoint.place.region,
            "AWS/Comprehend",
            name,
            value,
            "Count",
            {"EndpointArn": endpoint.arn},
        )
