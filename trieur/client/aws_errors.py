"""What keeps AWS from answering, whichever service is asked, in sentences for people."""

from typing import Final

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
)

from trieur.client.errors import AccessRefused, ClassifierError, EndpointFailed, Throttled, Unreachable

_REFUSED_CREDENTIALS: Final = {
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
_REFUSED_ACTIONS: Final = {"AccessDenied", "AccessDeniedException", "NotAuthorized"}
_THROTTLING: Final = {
    "RequestLimitExceeded",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}
_CREDENTIALS: Final = "run `aws configure`, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"


def code_of(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")


def said_by(error: ClientError) -> str:
    """Amazon's own words, to be followed by a full stop."""
    return error.response.get("Error", {}).get("Message", "").strip().rstrip(".") or "it gives no reason"


def service_error(error: ClientError, endpoint: str, permission: str) -> ClassifierError:
    """What any service may answer; `permission` is what asking `endpoint` needs."""
    code = code_of(error)
    if code in _REFUSED_CREDENTIALS:
        return AccessRefused(f"AWS refuses these credentials ({code}): {_CREDENTIALS}.")
    if code in _REFUSED_ACTIONS:
        return AccessRefused(f"You may not ask {endpoint}: {said_by(error)}. It needs the permission {permission}.")
    if code in _THROTTLING:
        return Throttled(f"{endpoint} is asked faster than it answers ({code}): ask more slowly, or give it more room.")
    return EndpointFailed(f"{endpoint} did not answer: {said_by(error)} ({code or 'no code'}).")


def connection_error(error: Exception) -> ClassifierError:
    """What boto3 itself cannot do. A ValueError is its word for an address or a region that is none."""
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return AccessRefused(f"No usable AWS credentials were found: {_CREDENTIALS}.")
    if isinstance(error, ProfileNotFound):
        return AccessRefused(f"{error}: {_CREDENTIALS}.")
    if isinstance(error, NoRegionError):
        return Unreachable("No AWS region is set: set AWS_DEFAULT_REGION, or pass `region`, to the classifier's.")
    if isinstance(error, ConnectionError | HTTPClientError):
        reason = str(error).rstrip(".")
        return Unreachable(f"AWS cannot be reached ({reason}): is the network up, and AWS_ENDPOINT_URL right?")
    if isinstance(error, BotoCoreError):
        return AccessRefused(f"AWS could not be asked: {str(error).rstrip('.')}.")
    return Unreachable(f"AWS cannot be asked: {str(error).rstrip('.')}.")
