"""What CreateTrainingJob is asked, with AWS's defaults, and what AWS or the local AWS refuses of it."""

from __future__ import annotations

import re

from localcloud.protocol import ApiError, Parameters
from localcloud.sagemaker.checkpoints import check_checkpoints
from localcloud.unoffered import refuse

_DAY = 86400
_UNOFFERED = (
    "DebugRuleConfigurations",
    "ProfilerRuleConfigurations",
    "RemoteDebugConfig",
    "RetryStrategy",
    "ServerlessJobConfig",
    "SessionChainingConfig",
    "TensorBoardOutputConfig",
)


def completed(parameters: Parameters) -> Parameters:
    """The request with AWS's defaults. Raises ApiError for what AWS refuses and for what is not offered here."""
    refuse(parameters, _UNOFFERED)
    request = {
        **parameters,
        "InputDataConfig": parameters.get("InputDataConfig") or [],
        "StoppingCondition": {"MaxRuntimeInSeconds": _DAY, **(parameters.get("StoppingCondition") or {})},
    }
    for member in ("AlgorithmSpecification", "ResourceConfig"):
        if not request.get(member):
            raise ApiError("ValidationException", f"{member} is required for a training job.")
    algorithm, resources = request["AlgorithmSpecification"], request["ResourceConfig"]
    if not algorithm.get("TrainingImage"):
        raise ApiError("ValidationException", "AlgorithmSpecification needs a TrainingImage.")
    if "InstanceType" not in resources or "VolumeSizeInGB" not in resources:
        raise ApiError("ValidationException", "ResourceConfig needs InstanceType, InstanceCount and VolumeSizeInGB.")
    refuse(resources, ("InstanceGroups", "KeepAlivePeriodInSeconds", "TrainingPlanArn"))
    if resources.get("InstanceCount", 1) != 1:
        raise ApiError("ValidationException", "The local AWS trains on one instance: InstanceCount must be 1.")
    _check_channels(request["InputDataConfig"], algorithm)
    _check_spot(request)
    check_checkpoints(request)
    _check_metrics(algorithm)
    return request


def _check_channels(channels: list[Parameters], algorithm: Parameters) -> None:
    names = [channel["ChannelName"] for channel in channels]
    if len(set(names)) < len(names):
        raise ApiError("ValidationException", f"Channel names must be unique, these are not: {', '.join(names)}.")
    for channel in channels:
        source = channel["DataSource"].get("S3DataSource")
        if source is None or source.get("S3DataType") != "S3Prefix":
            raise ApiError("ValidationException", "The local AWS reads channels of S3DataType S3Prefix only.")
        mode = channel.get("InputMode") or algorithm["TrainingInputMode"]
        if mode == "Pipe" or channel.get("CompressionType", "None") != "None":
            raise ApiError("ValidationException", "The local AWS feeds channels as files, neither piped nor unpacked.")


def _check_spot(request: Parameters) -> None:
    stopping = request["StoppingCondition"]
    longest_wait = stopping.get("MaxWaitTimeInSeconds")
    if not request.get("EnableManagedSpotTraining"):
        if longest_wait is not None:
            raise ApiError(
                "ValidationException",
                "Invalid MaxWaitTimeInSeconds. It is only supported when EnableManagedSpotTraining is set to true",
            )
        return
    if longest_wait is None or longest_wait < stopping["MaxRuntimeInSeconds"]:
        raise ApiError(
            "ValidationException",
            "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds",
        )


def _check_metrics(algorithm: Parameters) -> None:
    for definition in algorithm.get("MetricDefinitions") or []:
        try:
            re.compile(definition["Regex"])
        except re.error as error:
            raise ApiError(
                "ValidationException", f"The Regex of the metric {definition['Name']} is not valid: {error}."
            ) from None
