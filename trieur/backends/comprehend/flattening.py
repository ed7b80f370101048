"""One line of a text: Comprehend takes a document a line, and says nothing of ends of lines inside one."""

import re
from typing import Final

_ENDS_OF_LINES: Final = re.compile("\r\n|[\n\r\v\f\u0085\u2028\u2029]")


def flattened(text: str) -> str:
    """The text with a blank for every end of a line, of any kind."""
    return _ENDS_OF_LINES.sub(" ", text)
