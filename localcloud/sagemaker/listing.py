"""Filters, order and pages of SageMaker's List operations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from localcloud.paging import cut_page, moment_of
from localcloud.protocol import Parameters

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
    return cut_page(chosen, parameters, min(parameters.get("MaxResults", _PAGE), _MOST), key, "ValidationException")


def _matches(summary: Mapping[str, Any], parameters: Parameters, name: str, status: str | None) -> bool:
    contained = parameters.get("NameContains")
    if contained is not None and contained.lower() not in summary[name].lower():
        return False
    if status is not None and parameters.get("StatusEquals") not in (None, summary[status]):
        return False
    for member in ("CreationTime", "LastModifiedTime"):
        after, before = parameters.get(f"{member}After"), parameters.get(f"{member}Before")
        moment = summary.get(member)
        if after is not None and (moment is None or moment <= moment_of(after)):
            return False
        if before is not None and (moment is None or moment >= moment_of(before)):
            return False
    return True


def _rank(summary: Mapping[str, Any], sort_by: str, name: str, status: str | None) -> tuple[Any, ...]:
    if sort_by == "Name":
        return (summary[name],)
    if sort_by == "Status" and status is not None:
        return (summary[status], summary["CreationTime"], summary[name])
    return (summary["CreationTime"], summary[name])
