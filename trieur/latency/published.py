"""The measurement that was published, which `trieur bench` repeats."""

from dataclasses import dataclass
from typing import Final

from trieur.settings import Backend


@dataclass(frozen=True)
class Published:
    """Mean milliseconds of a request: in 4 series of 10 with a second between them, and of as many back to back."""

    paused_ms: float
    back_to_back_ms: float


PUBLISHED: Final[dict[Backend, Published]] = {
    "camembert": Published(paused_ms=344, back_to_back_ms=345),
    "comprehend": Published(paused_ms=106, back_to_back_ms=309),
}
PUBLISHED_WHERE: Final = "published by a consultancy, of its own endpoints, questions and network"
