"""CreateEndpoint, DescribeEndpoint, ListEndpoints, UpdateEndpoint, DeleteEndpoint."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from operator import itemgetter
from typing import Any

from localcloud.comprehend.classifiers import Classifiers
from localcloud.comprehend.endpoint import Endpoint
from localcloud.comprehend.listing import page
from localcloud.comprehend.permissions import endpoint_arn
from localcloud.comprehend.refusals import in_use, invalid, not_found, over_limit, unavailable
from localcloud.comprehend.tags import Tags
from localcloud.comprehend.text_model import TextModel
from localcloud.comprehend.tokens import RequestTokens
from localcloud.ministack import Caller
from localcloud.protocol import Parameters
from localcloud.roles import Place, RoleRefused, Roles
from localcloud.unoffered import refuse

_logger = logging.getLogger("localcloud")
_UNITS_AN_ENDPOINT = 10
_UNITS_A_REGION = 100
_ENDPOINTS_A_REGION = 10


class Endpoints:
    def __init__(self, classifiers: Classifiers, roles: Roles, tags: Tags) -> None:
        self._classifiers = classifiers
        self._roles = roles
        self._tags = tags
        self._endpoints: dict[str, Endpoint] = {}
        self._tokens = RequestTokens()
        self._lock = threading.Lock()
        self._work = ThreadPoolExecutor(max_workers=4, thread_name_prefix="comprehend-endpoint")
        classifiers.report_uses(self._use)

    def create(self, caller: Caller, parameters: Parameters) -> dict[str, Any]:
        place = Place.of(caller)
        refuse(parameters, ("FlywheelArn",), "InvalidRequestException")
        model_arn = parameters.get("ModelArn")
        if not model_arn:
            raise invalid("ModelArn is required.")
        arn = endpoint_arn(place, parameters["EndpointName"])
        answer = {"EndpointArn": arn, "ModelArn": model_arn}
        with self._lock:
            if self._tokens.made_by(place, parameters) == arn:
                return answer
            if arn in self._endpoints:
                raise in_use(f"An endpoint with this name exists already: {arn}.")
            classifier = self._classifiers.usable(model_arn)
            self._check_limits(place, parameters["DesiredInferenceUnits"], None)
            endpoint = Endpoint(arn, place, classifier, parameters)
            self._tags.create(arn, parameters)
            self._endpoints[arn] = endpoint
            self._tokens.note(place, parameters, arn)
        self._work.submit(self._bring_into_service, endpoint)
        return answer

    def update(self, _caller: Caller, parameters: Parameters) -> dict[str, Any]:
        refuse(parameters, ("FlywheelArn",), "InvalidRequestException")
        model_arn, units = parameters.get("DesiredModelArn"), parameters.get("DesiredInferenceUnits")
        if not model_arn and units is None:
            raise invalid("DesiredModelArn or DesiredInferenceUnits is required to update an endpoint.")
        with self._lock:
            endpoint = self.find(parameters["EndpointArn"])
            _refuse_busy(endpoint)
            if endpoint.status == "FAILED":
                raise unavailable(f"The endpoint {endpoint.arn} is FAILED: delete it and create it anew.")
            classifier = self._classifiers.usable(model_arn) if model_arn else endpoint.classifier
            units = endpoint.desired_units if units is None else units
            self._check_limits(endpoint.place, units, endpoint)
            endpoint.want(classifier, units, parameters.get("DesiredDataAccessRoleArn", endpoint.role_arn))
        self._work.submit(self._bring_into_service, endpoint)
        return {"DesiredModelArn": classifier.arn}

    def delete(self, _caller: Caller, parameters: Parameters) -> dict[str, Any]:
        with self._lock:
            endpoint = self.find(parameters["EndpointArn"])
            _refuse_busy(endpoint)
            endpoint.enter("DELETING")
        self._work.submit(self._forget, endpoint)
        return {}

    def describe(self, _caller: Caller, parameters: Parameters) -> dict[str, Any]:
        return {"EndpointProperties": self.find(parameters["EndpointArn"]).describe()}

    def list(self, caller: Caller, parameters: Parameters) -> dict[str, Any]:
        return page(
            [endpoint.describe() for endpoint in self._of(Place.of(caller))],
            parameters,
            key="EndpointPropertiesList",
            time="CreationTime",
            equal={
                "Status": itemgetter("Status"),
                "ModelArn": itemgetter("ModelArn"),
            },
            one_filter=False,
        )

    def find(self, arn: str) -> Endpoint:
        """Raises ApiError when there is no such endpoint."""
        endpoint = self._endpoints.get(arn)
        if endpoint is None:
            raise not_found(arn)
        return endpoint

    def serving(self, arn: str) -> Endpoint:
        """The endpoint, able to answer. Raises ApiError ResourceUnavailableException when it is not, or not there."""
        endpoint = self._endpoints.get(arn)
        if endpoint is None:
            # ClassifyDocument has no ResourceNotFoundException.
            raise unavailable(f"There is no endpoint {arn}.")
        if endpoint.status not in ("IN_SERVICE", "UPDATING"):
            raise unavailable(f"The endpoint {arn} is {endpoint.status}.")
        return endpoint

    def close(self) -> None:
        self._work.shutdown(wait=False, cancel_futures=True)

    def _bring_into_service(self, endpoint: Endpoint) -> None:
        role_arn = endpoint.desired_role_arn
        try:
            if role_arn is not None:
                self._roles.assume(role_arn, endpoint.place, endpoint.arn)
            endpoint.serve(TextModel.load(endpoint.desired_classifier.model_file))
        except RoleRefused:
            endpoint.fail(f"The data access role {role_arn} cannot be assumed by comprehend.amazonaws.com.")
        except Exception:
            _logger.exception("The endpoint %s met an error of the local AWS itself", endpoint.arn)
            endpoint.fail("The endpoint met an error of the local AWS itself.")

    def _forget(self, endpoint: Endpoint) -> None:
        with self._lock:
            self._endpoints.pop(endpoint.arn, None)
            self._tokens.forget(endpoint.arn)
        self._tags.forget(endpoint.arn)

    def _check_limits(self, place: Place, units: int, updated: Endpoint | None) -> None:
        if units > _UNITS_AN_ENDPOINT:
            raise over_limit(f"An endpoint has at most {_UNITS_AN_ENDPOINT} inference units, these are {units}.")
        others = [endpoint for endpoint in self._of(place) if endpoint is not updated]
        if updated is None and len(others) >= _ENDPOINTS_A_REGION:
            raise over_limit(f"A region has at most {_ENDPOINTS_A_REGION} endpoints, and has them.")
        total = units + sum(max(endpoint.desired_units, endpoint.units or 0) for endpoint in others)
        if total > _UNITS_A_REGION:
            raise over_limit(f"A region has at most {_UNITS_A_REGION} inference units, these would be {total}.")

    def _of(self, place: Place) -> Sequence[Endpoint]:
        return [endpoint for endpoint in list(self._endpoints.values()) if endpoint.place == place]

    def _use(self, classifier_arn: str) -> str | None:
        using = [endpoint.arn for endpoint in list(self._endpoints.values()) if endpoint.uses(classifier_arn)]
        return f"The document classifier {classifier_arn} is used by {', '.join(using)}." if using else None


def _refuse_busy(endpoint: Endpoint) -> None:
    if endpoint.status not in ("IN_SERVICE", "FAILED"):
        raise in_use(f"The endpoint {endpoint.arn} is {endpoint.status}: it can be changed once that is over.")
