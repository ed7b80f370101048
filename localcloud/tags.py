"""The tags of a service's resources."""

from __future__ import annotations

from localcloud.protocol import ApiError, Parameters

_MOST = 50


class Tags:
    """Tags by resource ARN. A resource exists here from the moment it is created, with or without tags.

    unknown, too_many and invalid are the codes of the service's refusals.
    """

    def __init__(self, *, unknown: str, too_many: str, invalid: str) -> None:
        self.by_arn: dict[str, dict[str, str]] = {}
        self._unknown = unknown
        self._too_many = too_many
        self._invalid = invalid

    def create(self, arn: str, parameters: Parameters) -> None:
        """Raises ApiError for tags that cannot be; the resource then is not there."""
        self.by_arn[arn] = self._pairs(parameters)

    def forget(self, arn: str) -> None:
        self.by_arn.pop(arn, None)

    def merge(self, arn: str, parameters: Parameters) -> None:
        """Adds a request's Tags to those of the resource."""
        tags = self._of(arn)
        merged = {**tags, **self._pairs(parameters)}
        if len(merged) > _MOST:
            raise ApiError(self._too_many, f"A resource can have at most {_MOST} tags.")
        tags.update(merged)

    def remove(self, arn: str, keys: list[str]) -> None:
        tags = self._of(arn)
        for key in keys:
            tags.pop(key, None)

    def listed(self, arn: str) -> list[dict[str, str]]:
        return [{"Key": key, "Value": value} for key, value in self._of(arn).items()]

    def _of(self, arn: str) -> dict[str, str]:
        if arn not in self.by_arn:
            raise ApiError(self._unknown, f"The resource {arn} does not exist.")
        return self.by_arn[arn]

    def _pairs(self, parameters: Parameters) -> dict[str, str]:
        tags = parameters.get("Tags") or []
        pairs = {tag["Key"]: tag.get("Value", "") for tag in tags}
        if len(pairs) < len(tags):
            raise ApiError(self._invalid, "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
        if any(key.lower().startswith("aws:") for key in pairs):
            raise ApiError(self._invalid, "Tag keys that start with aws: are reserved for AWS.")
        if len(pairs) > _MOST:
            raise ApiError(self._too_many, f"A resource can have at most {_MOST} tags.")
        return pairs
