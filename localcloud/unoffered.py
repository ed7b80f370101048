"""Refusing what AWS offers and the local AWS does not, rather than ignoring it."""

from __future__ import annotations

from collections.abc import Iterable

from localcloud.protocol import ApiError, Parameters


def refuse(parameters: Parameters, members: Iterable[str], code: str = "ValidationException") -> None:
    """Raises ApiError with that code when one of the members is asked for."""
    for member in members:
        if parameters.get(member):
            raise ApiError(code, f"{member} is not offered by the local AWS.")
