"""Comprehend's throughput: two documents and 100 characters a second for each inference unit."""

from __future__ import annotations

import pytest

from localcloud.comprehend.throughput import Throughput


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.mark.parametrize("units", [1, 3, 10])
def test_a_second_holds_two_documents_a_unit(clock: Clock, units: int) -> None:
    throughput = Throughput(units, clock)

    for _ in range(3):
        assert [throughput.admit(1) for _ in range(2 * units + 1)] == [True] * 2 * units + [False]
        clock.seconds += 1


def test_a_second_holds_a_hundred_characters_a_unit(clock: Clock) -> None:
    throughput = Throughput(10, clock)

    assert throughput.admit(600)
    assert not throughput.admit(401)
    assert throughput.admit(400)
    assert not throughput.admit(1)
    clock.seconds += 0.5
    assert throughput.admit(500)


def test_what_was_not_used_is_not_saved_up(clock: Clock) -> None:
    throughput = Throughput(1, clock)
    clock.seconds += 3600

    assert [throughput.admit(1) for _ in range(3)] == [True, True, False]


def test_a_long_document_is_paid_for_by_those_after_it(clock: Clock) -> None:
    throughput = Throughput(1, clock)

    assert throughput.admit(1_000)
    clock.seconds += 9
    assert not throughput.admit(1)
    clock.seconds += 0.5
    assert throughput.admit(50)


def test_a_refused_document_costs_nothing(clock: Clock) -> None:
    throughput = Throughput(1, clock)
    assert throughput.admit(60)

    assert not throughput.admit(50)
    assert throughput.admit(40)
