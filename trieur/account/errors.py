"""Why the account does not say what was asked: one sentence for people each, with the remedy."""

import re
from typing import Final

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)

NEGATIVE: Final = 1
UNREACHABLE: Final = 2

_EXPIRED: Final = ("ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired")
_UNKNOWN_KEYS: Final = (
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
    "IncompleteSignature",
    "AuthFailure",
)
_DENIED: Final = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AllAccessDisabled", "403")
_ACTION: Final = re.compile(r"not authorized to perform: (?P<action>[A-Za-z0-9-]+:\w+)")


class AccountError(Exception):
    """`str()` is one sentence with the remedy; `exit_code` is what a command ends with."""

    exit_code = UNREACHABLE


class Unreachable(AccountError):
    """AWS could not be asked: no credentials, no region, no network, no such stack."""


class AccessDenied(AccountError):
    """AWS knows the credentials, which may not do what was asked."""


class NotFound(AccountError):
    """There is no such classifier, run or report."""

    exit_code = NEGATIVE


def explained(error: BotoCoreError | ClientError, *, local: bool = False) -> AccountError:
    """What botocore raised, as a sentence for people; `local` says that it spoke to the local AWS."""
    if isinstance(error, ClientError):
        return _refused(error)
    if isinstance(error, NoRegionError):
        return Unreachable("No AWS region is set: add --region, or set AWS_DEFAULT_REGION to the deployment's.")
    if isinstance(error, NoCredentialsError | PartialCredentialsError | CredentialRetrievalError):
        return Unreachable(
            "No AWS credentials were found: run `aws configure` or `aws sso login`, or add --local for the local AWS."
        )
    if isinstance(error, ProfileNotFound):
        return Unreachable(f"{_sentence(str(error))} Set AWS_PROFILE to one that `aws configure list-profiles` names.")
    if isinstance(error, UnauthorizedSSOTokenError | SSOError | TokenRetrievalError):
        return Unreachable("The AWS sign-in has expired: run `aws sso login`.")
    if isinstance(error, ConnectionError | ConnectTimeoutError | HTTPClientError):
        if local:
            return Unreachable("The local AWS does not answer: start it with `trieur local up`.")
        return Unreachable(f"AWS cannot be reached: {_sentence(str(error))} Are the network and the region right?")
    return Unreachable(f"AWS could not be asked: {_sentence(str(error))}")


def _refused(error: ClientError) -> AccountError:
    code = error.response.get("Error", {}).get("Code", "")
    said = error.response.get("Error", {}).get("Message", "")
    if code in _EXPIRED:
        return Unreachable("The AWS credentials have expired: sign in again, for instance with `aws sso login`.")
    if code in _UNKNOWN_KEYS:
        return Unreachable(
            f"AWS does not know these credentials ({code}): check them with `aws sts get-caller-identity`."
        )
    if code in _DENIED:
        found = _ACTION.search(said)
        action = found["action"] if found else _action_of(error.operation_name)
        return AccessDenied(
            f"AWS denies these credentials {action}: ask for that permission. {_sentence(said)}".strip()
        )
    return Unreachable(f"AWS refuses {error.operation_name}: {_sentence(said or code)}")


def _action_of(operation: str) -> str:
    return f"the call {operation}"


def _sentence(text: str) -> str:
    flat = " ".join(text.split())
    return flat if not flat or flat.endswith((".", "!", "?")) else f"{flat}."
