"""Which IAM grants a SageMaker request needs, with the condition keys it brings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.grants import Grant, request_tags, resource_tags
from localcloud.protocol import Parameters
from localcloud.roles import SAGEMAKER, Place

_NAMED = {
    "TrainingJob": ("training-job", "TrainingJobName"),
    "TransformJob": ("transform-job", "TransformJobName"),
    "Model": ("model", "ModelName"),
    "EndpointConfig": ("endpoint-config", "EndpointConfigName"),
    "Endpoint": ("endpoint", "EndpointName"),
}
_VERBS = ("Create", "Describe", "Update", "Stop", "Delete")


def needed_grants(
    operation: str, parameters: Parameters, place: Place, tags: Mapping[str, Mapping[str, str]]
) -> Iterator[Grant]:
    """The grants of one request. tags are those of the resources that exist, by ARN."""
    action = f"sagemaker:{operation}"
    tagged = request_tags(parameters)
    resources = _resources(operation, parameters, place)
    for resource in resources:
        context = {**_conditions(parameters), **tagged, **resource_tags(tags.get(resource, {}))}
        yield Grant(action, resource, context)
    for role in (parameters.get("RoleArn"), parameters.get("ExecutionRoleArn")):
        if role is not None:
            yield Grant("iam:PassRole", role, {"iam:PassedToService": SAGEMAKER})
    if tagged and operation != "AddTags":
        yield Grant("sagemaker:AddTags", resources[0], tagged)


def _resources(operation: str, parameters: Parameters, place: Place) -> list[str]:
    if operation.startswith("List") and operation != "ListTags":
        return ["*"]
    if "ResourceArn" in parameters:
        return [parameters["ResourceArn"]]
    noun = next(operation.removeprefix(verb) for verb in _VERBS if operation.startswith(verb))
    kind, member = _NAMED[noun]
    resources = [place.arn(kind, parameters[member])]
    if operation in ("CreateEndpoint", "UpdateEndpoint"):
        resources.append(place.arn("endpoint-config", parameters["EndpointConfigName"]))
    return resources


def _conditions(parameters: Parameters) -> dict[str, Any]:
    """SageMaker's own condition keys, as far as the request has a value for them."""
    variants = parameters.get("ProductionVariants") or []
    serverless = [variant["ServerlessConfig"] for variant in variants if "ServerlessConfig" in variant]
    resources = parameters.get("ResourceConfig") or parameters.get("TransformResources") or {}
    instance_types = [holder["InstanceType"] for holder in (*variants, resources) if "InstanceType" in holder]
    values = {
        "sagemaker:InstanceTypes": instance_types,
        "sagemaker:MaxRuntimeInSeconds": (parameters.get("StoppingCondition") or {}).get("MaxRuntimeInSeconds"),
        "sagemaker:NetworkIsolation": parameters.get("EnableNetworkIsolation"),
        "sagemaker:ServerlessMemorySize": [config["MemorySizeInMB"] for config in serverless],
        "sagemaker:ServerlessMaxConcurrency": [config["MaxConcurrency"] for config in serverless],
    }
    return {key: value for key, value in values.items() if value not in (None, [])}
