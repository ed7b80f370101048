"""The throughput of a Comprehend endpoint: two documents and 100 characters a second for each inference unit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_DOCUMENTS = 2
_CHARACTERS = 100


class Throughput:
    """Two token buckets that hold what the inference units give in a second.

    A document longer than a second's characters is taken when the bucket is full, and paid for by those after it.
    """

    def __init__(self, inference_units: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = (float(_DOCUMENTS * inference_units), float(_CHARACTERS * inference_units))
        self._left = list(self._most)
        self._clock = clock
        self._filled = clock()
        self._lock = threading.Lock()

    def admit(self, characters: int) -> bool:
        """Whether one more document of that length can be classified now; it then counts."""
        with self._lock:
            moment = self._clock()
            seconds, self._filled = moment - self._filled, moment
            self._left = [min(most, left + most * seconds) for most, left in zip(self._most, self._left, strict=True)]
            documents, room = self._left
            if documents < 1 or room < min(characters, self._most[1]):
                return False
            self._left = [documents - 1, room - characters]
            return True
