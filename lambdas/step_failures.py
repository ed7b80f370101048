"""What Step Functions hands on when one of its steps has failed."""

import json
from contextlib import suppress


def step_failure(error: dict[str, str]) -> str:
    """Step Functions' error output for people: a Lambda's cause is JSON with a stack trace, which its log has too."""
    cause = error.get("Cause", "")
    with suppress(ValueError, KeyError, TypeError):
        cause = json.loads(cause)["errorMessage"]
    return f"A step of the pipeline failed: {error.get('Error', 'unknown error')}. {cause}".strip()
