"""What SageMaker would say again, however often it is asked."""

import textwrap
from typing import Final

from botocore.exceptions import ClientError

REASON_CHARACTERS: Final = 400
_IN_VAIN: Final = ("failed to satisfy constraint", "No S3 objects found under S3 URL")


def refusal(error: ClientError) -> str | None:
    """SageMaker's words, to be followed by a full stop, for what is asked in vain; None for what may pass."""
    code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
    if code != "ResourceLimitExceeded" and not any(reason in message for reason in _IN_VAIN):
        return None
    # After an unknown instance type come the names of all that are known.
    return textwrap.shorten(message, REASON_CHARACTERS, placeholder=" ...").rstrip(".")
