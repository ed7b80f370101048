"""Going on asking what only needs time: an endpoint that throttles, or that is starting."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from trieur.client.errors import NotReady, Throttled

Answer = TypeVar("Answer")

_FIRST_SECONDS: Final = 0.25
_LONGEST_SECONDS: Final = 8.0


class GivenUp(Exception):
    """Nobody waits for the answer any more."""


@dataclass(frozen=True)
class Patience:
    """Asks again for `seconds` in all, with pauses that double from 0.25 to 8 s, each cut short at random.

    `clock` gives seconds, `chance` a number from 0 to 1; a test gives its own.
    """

    seconds: float = 60.0
    clock: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random.random

    def insist(self, ask: Callable[[], Answer], given_up: threading.Event) -> Answer:
        """The answer of `ask`, asked again while it raises Throttled or NotReady.

        Raises the last of these once the time is over, GivenUp as soon as `given_up` is set, and whatever else `ask`
        raises at once.
        """
        deadline, longest = self.clock() + self.seconds, _FIRST_SECONDS
        while not given_up.is_set():
            try:
                return ask()
            except (Throttled, NotReady) as error:
                left = deadline - self.clock()
                if left <= 0:
                    raise type(error)(f"{error} It was tried for {self.seconds:g} s.") from error
            # Halved at most: many clients that are throttled together should not come back together.
            pause = longest * (1 + self.chance()) / 2
            given_up.wait(min(pause, left))
            longest = min(2 * longest, _LONGEST_SECONDS)
        raise GivenUp
