"""Throughput: many questions at once, for a while."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from trieur.latency.questions import QUESTIONS
from trieur.latency.summary import Summary, summarise


@dataclass(frozen=True)
class Throughput:
    """What `connections` callers got, each asking its next question once it had the answer to the last.

    `seconds` is how long it took from the first question to the last answer.
    """

    connections: int
    seconds: float
    summary: Summary

    @property
    def requests(self) -> int:
        return self.summary.requests

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds

    def as_json(self) -> dict[str, Any]:
        """Milliseconds to three decimals."""
        return {
            "connections": self.connections,
            "seconds": round(self.seconds, 3),
            "requests": self.requests,
            "requests_per_second": round(self.per_second, 3),
            "latency_ms": self.summary.as_json(),
        }


def measure_throughput(
    ask: Callable[[str], object],
    texts: Sequence[str] = QUESTIONS,
    *,
    connections: int = 8,
    seconds: float = 10.0,
    clock: Callable[[], float] = time.perf_counter,
    progress: Callable[[float, float], None] | None = None,
) -> Throughput:
    """Have `connections` threads ask for `seconds`, and let each have its last answer.

    Every thread asks `texts` in turn, each from another place on. The first error of `ask`, which has to bear several
    threads, ends the measurement and is raised. One request before is not counted. `progress` is called with the
    seconds gone and all there are, at the end of a request of any thread. Raises ValueError for less than a text or a
    connection, or no time.
    """
    if not texts or connections < 1 or not seconds > 0:
        raise ValueError("At least one text, one connection and some time are needed.")
    ask(texts[0])
    failed, told = threading.Event(), threading.Lock()
    begun = clock()

    def caller(number: int) -> list[float]:
        times, place = list[float](), number
        while not failed.is_set() and (asked := clock()) - begun < seconds:
            try:
                ask(texts[place % len(texts)])
            except BaseException:
                failed.set()
                raise
            answered = clock()
            times.append((answered - asked) * 1000)
            place += 1
            if progress:
                with told:
                    progress(min(answered - begun, seconds), seconds)
        return times

    with ThreadPoolExecutor(connections, thread_name_prefix="throughput") as pool:
        callers = [pool.submit(caller, number) for number in range(connections)]
    times = [one for each in callers for one in each.result()]
    return Throughput(connections, clock() - begun, summarise(times))
