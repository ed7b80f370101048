"""Which IAM grants a Comprehend request needs, with the condition keys it brings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.grants import Grant, request_tags, resource_tags
from localcloud.protocol import Parameters
from localcloud.roles import COMPREHEND, Place

_ARNS = ("DocumentClassifierArn", "EndpointArn", "ResourceArn", "ModelArn", "DesiredModelArn")


def classifier_arn(place: Place, parameters: Parameters) -> str:
    """The ARN of the classifier a request creates: that of a version where it names one."""
    version = parameters.get("VersionName")
    suffix = f"/version/{version}" if version else ""
    return place.arn_of("comprehend", f"document-classifier/{parameters['DocumentClassifierName']}{suffix}")


def endpoint_arn(place: Place, name: str) -> str:
    return place.arn_of("comprehend", f"document-classifier-endpoint/{name}")


def job_arn(place: Place, job_id: str) -> str:
    return place.arn_of("comprehend", f"document-classification-job/{job_id}")


def needed_grants(
    operation: str, parameters: Parameters, place: Place, tags: Mapping[str, Mapping[str, str]]
) -> Iterator[Grant]:
    """The grants of one request. tags are those of the resources that exist, by ARN."""
    tagged = request_tags(parameters)
    resources = _resources(operation, parameters, place)
    for resource in resources:
        context = {**_conditions(parameters), **tagged, **resource_tags(tags.get(resource, {}))}
        yield Grant(f"comprehend:{operation}", resource, context)
    for member in ("DataAccessRoleArn", "DesiredDataAccessRoleArn"):
        if parameters.get(member):
            yield Grant("iam:PassRole", parameters[member], {"iam:PassedToService": COMPREHEND})
    if tagged and operation != "TagResource":
        yield Grant("comprehend:TagResource", resources[0], tagged)


def _resources(operation: str, parameters: Parameters, place: Place) -> list[str]:
    """The resources of a request, that which it makes first."""
    if operation.startswith("List") and operation != "ListTagsForResource":
        return ["*"]
    named = [parameters[member] for member in _ARNS if parameters.get(member)]
    match operation:
        case "CreateDocumentClassifier":
            return [classifier_arn(place, parameters)]
        case "CreateEndpoint":
            return [endpoint_arn(place, parameters["EndpointName"]), *named]
        case "StartDocumentClassificationJob":
            # The job has no id yet.
            return [job_arn(place, "*"), *named]
        case "DescribeDocumentClassificationJob":
            return [job_arn(place, parameters["JobId"])]
    return named


def _conditions(parameters: Parameters) -> dict[str, Any]:
    """Comprehend's own condition keys, as far as the request has a value for them."""
    output, network = parameters.get("OutputDataConfig") or {}, parameters.get("VpcConfig") or {}
    values = {
        "comprehend:ModelKmsKey": parameters.get("ModelKmsKeyId"),
        "comprehend:OutputKmsKey": output.get("KmsKeyId"),
        "comprehend:VolumeKmsKey": parameters.get("VolumeKmsKeyId"),
        "comprehend:VpcSecurityGroupIds": network.get("SecurityGroupIds"),
        "comprehend:VpcSubnets": network.get("Subnets"),
    }
    return {key: value for key, value in values.items() if value}
