"""Pages of List operations, and the moments their filters name."""

from __future__ import annotations

import base64
import datetime
import json
from collections.abc import Mapping, Sequence
from typing import Any

from localcloud.protocol import ApiError, Parameters


def cut_page(items: Sequence[Any], parameters: Parameters, size: int, key: str, refusal: str) -> dict[str, Any]:
    """The page of at most size items a request asks for, under that key of the answer.

    Raises ApiError with the code refusal for a NextToken that no answer to the same request gave.
    """
    filters = {member: value for member, value in parameters.items() if member not in ("NextToken", "MaxResults")}
    start = _start(parameters.get("NextToken"), filters, refusal)
    answer: dict[str, Any] = {key: items[start : start + size]}
    if start + size < len(items):
        token = json.dumps({"start": start + size, "filters": filters}, default=str)
        answer["NextToken"] = base64.urlsafe_b64encode(token.encode()).decode()
    return answer


def moment_of(value: float | str) -> datetime.datetime:
    """A timestamp of a request."""
    if isinstance(value, str):
        moment = datetime.datetime.fromisoformat(value)
        return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
    return datetime.datetime.fromtimestamp(value, datetime.UTC)


def _start(token: str | None, filters: Mapping[str, Any], refusal: str) -> int:
    if token is None:
        return 0
    try:
        held = json.loads(base64.urlsafe_b64decode(token.encode()))
        same = held["filters"] == json.loads(json.dumps(filters, default=str))
        start = int(held["start"])
    except (ValueError, KeyError, TypeError):
        same, start = False, 0
    if not same:
        raise ApiError(refusal, "The NextToken is not one that an answer to this request gave.")
    return start
