"""Amazon Comprehend for unit tests: checks every request against botocore's model, patterns and lengths included."""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.awsrequest import AWSResponse

from localcloud.protocol import ApiError
from localcloud.validation import validate

REGION, ACCOUNT = "eu-west-1", "123456789012"
TRAINED = ("TRAINED", "TRAINED_WITH_WARNING")
NOW = datetime(2026, 11, 1, 10, 0, tzinfo=UTC)

Classes = dict[str, list[dict[str, Any]]]


class ComprehendError(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class ComprehendDouble:
    """Answers the calls of a real client, after botocore has validated and serialised their parameters.

    Classifiers, endpoints and jobs, all by ARN, change only when a test says so. `errors` maps an operation to what
    its next calls raise, one each; `classify` answers ClassifyDocument.
    """

    classifiers: dict[str, dict[str, Any]] = field(default_factory=dict)
    endpoints: dict[str, dict[str, Any]] = field(default_factory=dict)
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    tags: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    errors: dict[str, list[ComprehendError]] = field(default_factory=dict)
    classify: Callable[[str], Classes] = lambda text: {"Classes": [{"Name": text.split()[0], "Score": 0.9}]}

    def answer(self, params: dict[str, Any], model: Any, **_: Any) -> tuple[AWSResponse, dict[str, Any]]:
        request = json.loads(params["body"])
        self.requests.append((model.name, request))
        try:
            validate(request, model.input_shape)
            if self.errors.get(model.name):
                raise self.errors[model.name].pop(0)
            status, parsed = 200, getattr(self, model.name)(request)
        except (ApiError, ComprehendError) as error:
            status, parsed = 400, {"Error": {"Code": error.code, "Message": str(error)}}
        parsed["ResponseMetadata"] = {"HTTPStatusCode": status}
        return AWSResponse("https://example.invalid", status, {}, io.BytesIO(b"")), parsed

    def asked(self, operation: str) -> list[dict[str, Any]]:
        """The requests made of one operation."""
        return [request for name, request in self.requests if name == operation]

    def CreateDocumentClassifier(self, request: dict[str, Any]) -> dict[str, Any]:
        arn = classifier_arn(request["DocumentClassifierName"], request.get("VersionName"))
        known = self.classifiers.get(arn)
        if known is not None and known["ClientRequestToken"] != request.get("ClientRequestToken"):
            raise ComprehendError("ResourceInUseException", "Concurrent modification of resources.")
        if known is None:
            self.tags[arn] = request.pop("Tags", [])
            self.classifiers[arn] = {
                **request,
                "DocumentClassifierArn": arn,
                "Status": "SUBMITTED",
                "SubmitTime": NOW,
            }
        return {"DocumentClassifierArn": arn}

    def DescribeDocumentClassifier(self, request: dict[str, Any]) -> dict[str, Any]:
        described = dict(found(self.classifiers, request["DocumentClassifierArn"]))
        described.pop("ClientRequestToken", None)
        return {"DocumentClassifierProperties": described}

    def CreateEndpoint(self, request: dict[str, Any]) -> dict[str, Any]:
        arn = endpoint_arn(request["EndpointName"])
        if arn in self.endpoints:
            raise ComprehendError("ResourceInUseException", "Concurrent modification of resources.")
        if found(self.classifiers, request["ModelArn"])["Status"] not in TRAINED:
            raise ComprehendError("ResourceUnavailableException", "The model is not trained.")
        self.tags[arn] = request.get("Tags", [])
        self.endpoints[arn] = {
            "EndpointArn": arn,
            "Status": "CREATING",
            "ModelArn": request["ModelArn"],
            "DesiredModelArn": request["ModelArn"],
            "DesiredInferenceUnits": request["DesiredInferenceUnits"],
            "CreationTime": NOW,
            "LastModifiedTime": NOW,
            **({"DataAccessRoleArn": request["DataAccessRoleArn"]} if "DataAccessRoleArn" in request else {}),
        }
        return {"EndpointArn": arn, "ModelArn": request["ModelArn"]}

    def UpdateEndpoint(self, request: dict[str, Any]) -> dict[str, Any]:
        endpoint = found(self.endpoints, request["EndpointArn"])
        if endpoint["Status"] != "IN_SERVICE":
            raise ComprehendError("ResourceUnavailableException", "The endpoint is not in service.")
        if "DesiredModelArn" in request:
            found(self.classifiers, request["DesiredModelArn"])
        endpoint |= {key: value for key, value in request.items() if key.startswith("Desired")}
        endpoint["Status"] = "UPDATING"
        return {}

    def DescribeEndpoint(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"EndpointProperties": dict(found(self.endpoints, request["EndpointArn"]))}

    def ListEndpoints(self, request: dict[str, Any]) -> dict[str, Any]:
        status = request.get("Filter", {}).get("Status")
        listed = [dict(one) for one in self.endpoints.values() if status in (None, one["Status"])]
        return {"EndpointPropertiesList": listed}

    def DeleteEndpoint(self, request: dict[str, Any]) -> dict[str, Any]:
        found(self.endpoints, request["EndpointArn"])
        del self.endpoints[request["EndpointArn"]]
        return {}

    def ClassifyDocument(self, request: dict[str, Any]) -> dict[str, Any]:
        if found(self.endpoints, request["EndpointArn"])["Status"] not in ("IN_SERVICE", "UPDATING"):
            raise ComprehendError("ResourceUnavailableException", "The endpoint is not in service.")
        if len(request["Text"].encode()) > 10_000:
            raise ComprehendError("TextSizeLimitExceededException", "Input text size exceeds limit.")
        return dict(self.classify(request["Text"]))

    def StartDocumentClassificationJob(self, request: dict[str, Any]) -> dict[str, Any]:
        """Jobs are kept by their id."""
        if found(self.classifiers, request["DocumentClassifierArn"])["Status"] not in TRAINED:
            raise ComprehendError("ResourceUnavailableException", "The model is not trained.")
        same = (job for job in self.jobs.values() if job["ClientRequestToken"] == request["ClientRequestToken"])
        job = next(same, None)
        if job is None:
            job_id = f"{len(self.jobs):032x}"
            arn = f"arn:aws:comprehend:{REGION}:{ACCOUNT}:document-classification-job/{job_id}"
            job = {**request, "JobId": job_id, "JobArn": arn, "JobStatus": "SUBMITTED", "SubmitTime": NOW}
            self.tags[arn] = job.pop("Tags", [])
            self.jobs[job_id] = job
        return {key: job[key] for key in ("JobId", "JobArn", "JobStatus", "DocumentClassifierArn")}

    def DescribeDocumentClassificationJob(self, request: dict[str, Any]) -> dict[str, Any]:
        if request["JobId"] not in self.jobs:
            raise ComprehendError("JobNotFoundException", "The job does not exist.")
        described = dict(self.jobs[request["JobId"]])
        described.pop("ClientRequestToken")
        return {"DocumentClassificationJobProperties": described}

    def settle(self, name: str) -> None:
        """What is pending succeeds."""
        endpoint = self.endpoints[endpoint_arn(name)]
        endpoint |= {
            "Status": "IN_SERVICE",
            "ModelArn": endpoint["DesiredModelArn"],
            "CurrentInferenceUnits": endpoint["DesiredInferenceUnits"],
        }

    def roll_back(self, name: str, reason: str) -> None:
        """What is pending fails, and the endpoint answers as before."""
        self.endpoints[endpoint_arn(name)] |= {"Status": "IN_SERVICE", "Message": reason}


def classifier_arn(name: str, version: str | None) -> str:
    arn = f"arn:aws:comprehend:{REGION}:{ACCOUNT}:document-classifier/{name}"
    return arn if version is None else f"{arn}/version/{version}"


def endpoint_arn(name: str) -> str:
    return f"arn:aws:comprehend:{REGION}:{ACCOUNT}:document-classifier-endpoint/{name}"


def found(shelf: dict[str, dict[str, Any]], arn: str) -> dict[str, Any]:
    if arn not in shelf:
        raise ComprehendError("ResourceNotFoundException", "RESOURCE_NOT_FOUND: Could not find specified resource.")
    return shelf[arn]
