"""Latency and throughput, measured on clocks of the tests' own."""

import threading
from dataclasses import dataclass, field

import pytest

from trieur.latency import PUBLISHED, QUESTIONS, Published, measure, measure_throughput


@dataclass
class Endpoint:
    """Takes 10 ms for its first answer, 11 for its second, and so on, on a clock that only it and pauses move."""

    now: float = 100.0
    asked: list[str] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)

    def ask(self, text: str) -> None:
        self.now += (10 + len(self.asked)) / 1000
        self.asked.append(text)

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


def test_series_with_pauses_between_requests() -> None:
    endpoint, heard = Endpoint(), list[tuple[int, int]]()

    latency = measure(
        endpoint.ask,
        ["a", "b", "c"],
        series=2,
        requests=3,
        pause=1.5,
        clock=endpoint.clock,
        sleep=endpoint.sleep,
        progress=lambda done, total: heard.append((done, total)),
    )

    assert endpoint.asked == ["a", "b", "c", "a", "b", "c", "a"]
    assert endpoint.pauses == [1.5] * 6
    assert latency.first_ms == pytest.approx(10)
    assert [pytest.approx(one) for one in latency.series] == [(11, 12, 13), (14, 15, 16)]
    assert (latency.pause, latency.summary.requests, latency.summary.mean) == (1.5, 6, pytest.approx(13.5))
    assert [one.mean for one in latency.of_series] == pytest.approx([12, 15])
    assert heard == [(n, 6) for n in range(1, 7)]
    written = latency.as_json()
    assert (written["pause_seconds"], written["first_ms"], written["all"]["mean"]) == (1.5, 10, 13.5)
    assert [one["requests"] for one in written["series"]] == [3, 3]


def test_back_to_back_nothing_lies_between() -> None:
    endpoint = Endpoint()

    latency = measure(endpoint.ask, pause=0, clock=endpoint.clock, sleep=endpoint.sleep)

    assert endpoint.pauses == []
    assert [len(one) for one in latency.series] == [10] * 4
    assert endpoint.asked[: len(QUESTIONS)] == list(QUESTIONS)


def test_an_error_ends_the_measurement() -> None:
    def ask(_text: str) -> None:
        raise RuntimeError("no endpoint")

    with pytest.raises(RuntimeError, match="no endpoint"):
        measure(ask)
    with pytest.raises(RuntimeError, match="no endpoint"):
        measure_throughput(ask)


@pytest.mark.parametrize(
    "wrong",
    [{"series": 0}, {"requests": 0}, {"pause": -1.0}, {"pause": float("nan")}, {"texts": []}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_measurement_of_nothing_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="At least one"):
        measure(lambda _text: None, **wrong)  # type: ignore[arg-type]


def test_callers_ask_at_once_until_the_time_is_over() -> None:
    together, lock, now = threading.Barrier(3), threading.Lock(), [0.0]
    heard: list[float] = []

    def ask(text: str) -> None:
        if now[0]:
            # Passes only once all three callers ask.
            if together.wait(timeout=10) == 0:
                with lock:
                    now[0] += 1.0
            together.wait(timeout=10)
        elif text == "a":
            now[0] = 1.0

    throughput = measure_throughput(
        ask,
        ["a", "b"],
        connections=3,
        seconds=4.5,
        clock=lambda: now[0],
        progress=lambda gone, _seconds: heard.append(gone),
    )

    assert (throughput.connections, throughput.requests, throughput.seconds) == (3, 15, 5.0)
    assert throughput.per_second == 3
    assert throughput.summary.mean == pytest.approx(1000)
    assert sorted(heard) == [1.0] * 3 + [2.0] * 3 + [3.0] * 3 + [4.0] * 3 + [4.5] * 3
    assert throughput.as_json()["requests_per_second"] == 3


def test_an_error_of_one_caller_ends_all() -> None:
    asked, lock = [0], threading.Lock()

    def ask(_text: str) -> None:
        with lock:
            asked[0] += 1
            if asked[0] == 20:
                raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        measure_throughput(ask, connections=4, seconds=600)


@pytest.mark.parametrize("wrong", [{"connections": 0}, {"seconds": 0.0}, {"texts": []}], ids=lambda w: next(iter(w)))
def test_a_throughput_of_nothing_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="At least one"):
        measure_throughput(lambda _text: None, **wrong)  # type: ignore[arg-type]


def test_the_published_figures() -> None:
    assert {"camembert": Published(344, 345), "comprehend": Published(106, 309)} == PUBLISHED
