"""What a library's error says, short enough to stand in a sentence for people."""

LONGEST = 200


def reason(error: Exception) -> str:
    """The kind of `error` and its message, on one line."""
    message = " ".join(str(error).split())
    shown = message if len(message) <= LONGEST else message[: LONGEST - 1] + "…"
    return f"{type(error).__name__}: {shown or 'no reason given'}"
