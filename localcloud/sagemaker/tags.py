"""The tags of SageMaker's resources."""

from __future__ import annotations

from typing import Any

from localcloud.ministack import Caller
from localcloud.protocol import ApiError, Parameters

_MOST = 50


class Tags:
    """Tags by resource ARN. A resource exists here from the moment it is created, with or without tags."""

    def __init__(self) -> None:
        self.by_arn: dict[str, dict[str, str]] = {}

    def create(self, arn: str, parameters: Parameters) -> None:
        self.by_arn[arn] = _pairs(parameters)

    def forget(self, arn: str) -> None:
        self.by_arn.pop(arn, None)

    def add(self, _caller: Caller, parameters: Parameters) -> dict[str, Any]:
        tags = self._of(parameters["ResourceArn"])
        merged = {**tags, **_pairs(parameters)}
        if len(merged) > _MOST:
            raise ApiError("ResourceLimitExceeded", f"A resource can have at most {_MOST} tags.")
        tags.update(merged)
        return {"Tags": _listed(tags)}

    def list(self, _caller: Caller, parameters: Parameters) -> dict[str, Any]:
        return {"Tags": _listed(self._of(parameters["ResourceArn"]))}

    def delete(self, _caller: Caller, parameters: Parameters) -> dict[str, Any]:
        tags = self._of(parameters["ResourceArn"])
        for key in parameters["TagKeys"]:
            tags.pop(key, None)
        return {}

    def _of(self, arn: str) -> dict[str, str]:
        if arn not in self.by_arn:
            raise ApiError("ValidationException", f"The resource {arn} does not exist.")
        return self.by_arn[arn]


def _pairs(parameters: Parameters) -> dict[str, str]:
    tags = parameters.get("Tags") or []
    pairs = {tag["Key"]: tag["Value"] for tag in tags}
    if len(pairs) < len(tags):
        raise ApiError(
            "ValidationException", "Duplicate tag keys found. Please note that Tag keys are case insensitive."
        )
    if any(key.lower().startswith("aws:") for key in pairs):
        raise ApiError("ValidationException", "Tag keys that start with aws: are reserved for AWS.")
    return pairs


def _listed(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
