"""Latency: one question after the other, with a pause between them or without."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, cycle
from typing import Any

from trieur.latency.questions import QUESTIONS
from trieur.latency.summary import Summary, summarise


@dataclass(frozen=True)
class Latency:
    """Times in milliseconds, by series. `pause` is what lay between two requests, in seconds.

    `first_ms` is the request before the first series, which counts in none: it connects, and finds a serverless
    endpoint asleep.
    """

    pause: float
    first_ms: float
    series: tuple[tuple[float, ...], ...]

    @property
    def summary(self) -> Summary:
        """Of all series together."""
        return summarise(list(chain.from_iterable(self.series)))

    @property
    def of_series(self) -> tuple[Summary, ...]:
        return tuple(map(summarise, self.series))

    def as_json(self) -> dict[str, Any]:
        """Milliseconds to three decimals."""
        return {
            "pause_seconds": self.pause,
            "first_ms": round(self.first_ms, 3),
            "all": self.summary.as_json(),
            "series": [summary.as_json() for summary in self.of_series],
        }


def measure(
    ask: Callable[[str], object],
    texts: Sequence[str] = QUESTIONS,
    *,
    series: int = 4,
    requests: int = 10,
    pause: float = 1.0,
    clock: Callable[[], float] = time.perf_counter,
    sleep: Callable[[float], object] = time.sleep,
    progress: Callable[[int, int], None] | None = None,
) -> Latency:
    """Ask `series` times `requests` questions, one after the other, and note how long each takes.

    `texts` are asked in turn, `pause` seconds lie between an answer and the next question, none where it is 0; 4
    series of 10 with a pause of one second are what was published (trieur.latency.published). One request before
    them is not counted. What `ask` returns does not matter, what it raises ends the measurement. `clock` gives and
    `sleep` takes seconds. `progress` is called with the counted requests done and all there will be. Raises
    ValueError for less than a text, a series or a request, or a negative pause.
    """
    if not texts or series < 1 or requests < 1 or not pause >= 0:
        raise ValueError("At least one text, one series and one request are needed, and a pause of 0 or more seconds.")
    questions = cycle(texts)

    def timed() -> float:
        begun = clock()
        ask(next(questions))
        return (clock() - begun) * 1000

    first, times, done = timed(), [list[float]() for _ in range(series)], 0
    for one in times:
        for _ in range(requests):
            if pause:
                sleep(pause)
            one.append(timed())
            done += 1
            if progress:
                progress(done, series * requests)
    return Latency(pause, first, tuple(map(tuple, times)))
