"""The errors Comprehend answers with, in its codes."""

from __future__ import annotations

from localcloud.protocol import ApiError


def invalid(message: str) -> ApiError:
    return ApiError("InvalidRequestException", message)


def not_found(arn: str) -> ApiError:
    return ApiError("ResourceNotFoundException", f"RESOURCE_NOT_FOUND: Could not find specified resource: {arn}.")


def in_use(message: str) -> ApiError:
    return ApiError("ResourceInUseException", message)


def unavailable(message: str) -> ApiError:
    return ApiError("ResourceUnavailableException", message)


def over_limit(message: str) -> ApiError:
    return ApiError("ResourceLimitExceededException", message)
