"""How much may be under way at once. What comes on top is shed at once: a queue without bound helps nobody.

Memory is bounded by the bytes of bodies, waiting time by the requests and texts that wait for their prediction. Small
requests have a reserve of their own, so that a question is still answered beside another client's hundred thousand
texts. Clients that send slowly hold bytes only: they keep nobody out.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from trieur_serve.refusals import unavailable

MOST_REQUESTS = 256
# Of bodies, whole or still arriving: eight of the largest.
MOST_BYTES = 48 * 1024 * 1024
# The most of one request, and some more.
MOST_TEXTS = 110_000
SMALL_BYTES = 64 * 1024
SMALL_TEXTS = 32

TOO_MANY = "Too many requests are under way; try again in a moment."


class Room:
    """What is under way now, and the bounds of it.

    requests, texts: that wait for their prediction. bytes: of their bodies and of those that still arrive.
    """

    def __init__(
        self, most_requests: int = MOST_REQUESTS, most_bytes: int = MOST_BYTES, most_texts: int = MOST_TEXTS
    ) -> None:
        self._most_requests = most_requests
        self._most_bytes = most_bytes
        self._most_texts = most_texts
        self.requests = 0
        self.bytes = 0
        self.texts = 0

    @contextmanager
    def enter(self) -> Iterator["Share"]:
        """One request's share, while it is under way; raises Refused (503) where there are too many."""
        self.shed_requests()
        share = Share(self)
        try:
            yield share
        finally:
            self.requests -= share.waits
            self.bytes -= share.bytes
            self.texts -= share.texts

    def shed_requests(self) -> None:
        if self.requests >= self._most_requests:
            raise unavailable(TOO_MANY)

    def shed_bytes(self, small: bool) -> None:
        if self.bytes > self._most_bytes + small * self._most_requests * SMALL_BYTES:
            raise unavailable(TOO_MANY if small else "Too many large requests are under way; try again in a moment.")

    def shed_texts(self) -> None:
        if self.texts > self._most_texts:
            raise unavailable("Too many texts wait for their prediction; try again in a moment.")


class Share:
    """What one request takes of the room."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self.waits = False
        self.bytes = 0
        self.texts = 0

    def take_bytes(self, count: int) -> None:
        """Of the body, as they arrive. Raises Refused (503)."""
        self.bytes += count
        self._room.bytes += count
        self._room.shed_bytes(self.bytes <= SMALL_BYTES)

    def wait_for(self, texts: int) -> None:
        """From here on it waits for the prediction of so many texts. Raises Refused (503)."""
        # Others may have come since it entered.
        self._room.shed_requests()
        self.waits = True
        self._room.requests += 1
        self.texts = texts
        self._room.texts += texts
        if texts > SMALL_TEXTS:
            self._room.shed_texts()
