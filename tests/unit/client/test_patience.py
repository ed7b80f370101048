"""How long, and how often, an endpoint is asked that only needs time."""

import threading
from dataclasses import dataclass, field

import pytest

from trieur.client.errors import ClassifierError, EndpointFailed, NotReady, Throttled
from trieur.client.patience import GivenUp, Patience


@dataclass
class Time:
    """Passes only while it is waited for."""

    now: float = 0.0
    pauses: list[float] = field(default_factory=list)

    def event(self) -> threading.Event:
        event = threading.Event()

        def wait(timeout: float | None = None) -> bool:
            self.pauses.append(timeout or 0.0)
            self.now += timeout or 0.0
            return event.is_set()

        event.wait = wait  # type: ignore[method-assign]
        return event


class Endpoint:
    def __init__(self, *errors: ClassifierError) -> None:
        self.errors = list(errors)
        self.asked = 0

    def ask(self) -> str:
        self.asked += 1
        if self.errors:
            raise self.errors.pop(0)
        return "answer"


def test_it_asks_again_with_pauses_that_double() -> None:
    time, endpoint = Time(), Endpoint(*[Throttled("Too fast.")] * 4, *[NotReady("Starting.")] * 3)

    assert Patience(60, lambda: time.now, lambda: 1.0).insist(endpoint.ask, time.event()) == "answer"
    assert time.pauses == [0.25, 0.5, 1, 2, 4, 8, 8]


def test_chance_halves_a_pause_at_most() -> None:
    time, endpoint = Time(), Endpoint(*[Throttled("Too fast.")] * 3)

    Patience(60, lambda: time.now, lambda: 0.0).insist(endpoint.ask, time.event())
    assert time.pauses == [0.125, 0.25, 0.5]


def test_it_ends_after_its_seconds_and_says_so() -> None:
    time, endpoint = Time(), Endpoint(*[NotReady("It is starting.")] * 99)

    with pytest.raises(NotReady, match=r"^It is starting\. It was tried for 10 s\.$"):
        Patience(10, lambda: time.now, lambda: 1.0).insist(endpoint.ask, time.event())
    assert time.now == 10
    assert endpoint.asked == 7


def test_what_time_does_not_mend_is_raised_at_once() -> None:
    time, endpoint = Time(), Endpoint(EndpointFailed("Broken."))

    with pytest.raises(EndpointFailed):
        Patience(60, lambda: time.now).insist(endpoint.ask, time.event())
    assert (endpoint.asked, time.pauses) == (1, [])


def test_nobody_is_asked_for_someone_who_has_given_up() -> None:
    given_up, endpoint = threading.Event(), Endpoint()
    given_up.set()

    with pytest.raises(GivenUp):
        Patience().insist(endpoint.ask, given_up)
    assert endpoint.asked == 0
