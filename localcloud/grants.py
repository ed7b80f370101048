"""What the caller of a request must be allowed, and the refusal of who is not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from localcloud.ministack import Caller, check_permission
from localcloud.protocol import ApiError, Parameters


@dataclass(frozen=True)
class Grant:
    """An action on a resource that the caller's policies must allow."""

    action: str
    resource: str
    context: Mapping[str, Any] = field(default_factory=dict)


def authorize(caller: Caller, grant: Grant, status: int = 400) -> None:
    """Raises ApiError in IAM's words when the caller's policies do not allow it."""
    denied = check_permission(caller.access_key_id, grant.action, grant.resource, caller.region, grant.context)
    if denied is not None:
        raise ApiError(denied.code, denied.message, status)


def request_tags(parameters: Parameters) -> dict[str, Any]:
    """The condition keys a request's Tags fill; none for a request without."""
    tags = parameters.get("Tags") or []
    if not tags:
        return {}
    return {
        **{f"aws:RequestTag/{tag['Key']}": tag.get("Value", "") for tag in tags},
        "aws:TagKeys": [tag["Key"] for tag in tags],
    }


def resource_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """The condition keys the tags of a resource that exists fill."""
    return {f"aws:ResourceTag/{key}": value for key, value in tags.items()}
