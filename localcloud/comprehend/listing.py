"""Filters, order and pages of Comprehend's List operations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from localcloud.paging import cut_page, moment_of
from localcloud.protocol import ApiError, Parameters

_PAGE = 100


def page(
    described: Iterable[Mapping[str, Any]],
    parameters: Parameters,
    *,
    key: str,
    time: str,
    equal: Mapping[str, Callable[[Mapping[str, Any]], Any]],
    one_filter: bool = True,
) -> dict[str, Any]:
    """One page of descriptions, the newest first; the oldest first when only those before a moment are asked for.

    key is the answer's member that holds them, time the member of a description that orders them; equal says, by
    the filter's member, what of a description it compares. Raises ApiError for a NextToken of another request and,
    with one_filter, for several filters at once.
    """
    asked = {member: value for member, value in (parameters.get("Filter") or {}).items() if value is not None}
    if one_filter and len(asked) > 1:
        raise ApiError("InvalidFilterException", f"Only one filter can be given, these are {', '.join(sorted(asked))}.")
    chosen = [entry for entry in described if _matches(entry, asked, time, equal)]
    chosen.sort(key=lambda entry: entry[time], reverse=f"{time}Before" not in asked)
    return cut_page(chosen, parameters, parameters.get("MaxResults", _PAGE), key, "InvalidRequestException")


def _matches(
    entry: Mapping[str, Any],
    asked: Mapping[str, Any],
    time: str,
    equal: Mapping[str, Callable[[Mapping[str, Any]], Any]],
) -> bool:
    for member, value in asked.items():
        if member == f"{time}Before":
            matches = entry[time] < moment_of(value)
        elif member == f"{time}After":
            matches = entry[time] > moment_of(value)
        else:
            matches = equal[member](entry) == value
        if not matches:
            return False
    return True
