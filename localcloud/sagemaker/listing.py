"""Filters, order and pages of SageMaker's List operations."""

from __future__ import annotations

import base64
import datetime
import json
from collections.abc import Iterable, Mapping
from typing import Any

from localcloud.protocol import ApiError, Parameters

_PAGE = 10
_MOST = 100


def page(
    summaries: Iterable[Mapping[str, Any]], parameters: Parameters, *, key: str, name: str, status: str | None
) -> dict[str, Any]:
    """One page of summaries.

    key is the answer's member that holds them; name and status are the members of a summary that hold its name
    and status. Every summary has CreationTime and may have LastModifiedTime. Raises ApiError for a NextToken
    that no answer to the same request gave.
    """
    chosen = [summary for summary in summaries if _matches(summary, parameters, name, status)]
    descending = parameters.get("SortOrder", "Descending") == "Descending"
    chosen.sort(key=lambda summary: _rank(summary, parameters.get("SortBy", "CreationTime"), name, status))
    if descending:
        chosen.reverse()
    filters = {member: value for member, value in parameters.items() if member not in ("NextToken", "MaxResults")}
    start = _start(parameters.get("NextToken"), filters)
    size = min(parameters.get("MaxResults", _PAGE), _MOST)
    answer: dict[str, Any] = {key: chosen[start : start + size]}
    if start + size < len(chosen):
        token = json.dumps({"start": start + size, "filters": filters}, default=str)
        answer["NextToken"] = base64.urlsafe_b64encode(token.encode()).decode()
    return answer


def _matches(summary: Mapping[str, Any], parameters: Parameters, name: str, status: str | None) -> bool:
    contained = parameters.get("NameContains")
    if contained is not None and contained.lower() not in summary[name].lower():
        return False
    if status is not None and parameters.get("StatusEquals") not in (None, summary[status]):
        return False
    for member in ("CreationTime", "LastModifiedTime"):
        after, before = parameters.get(f"{member}After"), parameters.get(f"{member}Before")
        moment = summary.get(member)
        if after is not None and (moment is None or moment <= _moment(after)):
            return False
        if before is not None and (moment is None or moment >= _moment(before)):
            return False
    return True


def _rank(summary: Mapping[str, Any], sort_by: str, name: str, status: str | None) -> tuple[Any, ...]:
    if sort_by == "Name":
        return (summary[name],)
    if sort_by == "Status" and status is not None:
        return (summary[status], summary["CreationTime"], summary[name])
    return (summary["CreationTime"], summary[name])


def _start(token: str | None, filters: Mapping[str, Any]) -> int:
    if token is None:
        return 0
    try:
        held = json.loads(base64.urlsafe_b64decode(token.encode()))
        same = held["filters"] == json.loads(json.dumps(filters, default=str))
        start = int(held["start"])
    except (ValueError, KeyError, TypeError):
        same, start = False, 0
    if not same:
        raise ApiError("ValidationException", "The NextToken is not one that an answer to this request gave.")
    return start


def _moment(value: float | str) -> datetime.datetime:
    if isinstance(value, str):
        moment = datetime.datetime.fromisoformat(value)
        return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
    return datetime.datetime.fromtimestamp(value, datetime.UTC)
