import pytest
from trieur_serve import bodies, requests
from trieur_serve.admission import MOST_BYTES, MOST_REQUESTS, MOST_TEXTS, SMALL_BYTES, SMALL_TEXTS, Room
from trieur_serve.refusals import Refused


def test_more_requests_than_there_is_room_for_are_shed() -> None:
    room = Room(most_requests=2)
    with room.enter() as first, room.enter() as second, room.enter() as late:
        first.wait_for(1)
        second.wait_for(1)
        for shed in (room.enter().__enter__, lambda: late.wait_for(1)):
            with pytest.raises(Refused, match="Too many requests are under way") as refused:
                shed()
            assert (refused.value.status, refused.value.headers) == (503, {"Retry-After": "1"})
        assert (room.requests, room.texts) == (2, 2)
    with room.enter() as share:
        share.wait_for(1)
        assert room.requests == 1


def test_small_bodies_that_only_arrive_are_bounded_too() -> None:
    room = Room(most_requests=2, most_bytes=SMALL_BYTES)
    with room.enter() as first, room.enter() as second, room.enter() as third, room.enter() as fourth:
        for share in (first, second, third):
            share.take_bytes(SMALL_BYTES)
        with pytest.raises(Refused, match="Too many requests are under way"):
            fourth.take_bytes(1)
    assert room.bytes == 0


def test_large_bodies_share_the_room_and_small_ones_always_fit() -> None:
    room = Room(most_bytes=10 * SMALL_BYTES)
    with room.enter() as large:
        large.take_bytes(10 * SMALL_BYTES)
        with room.enter() as small:
            small.take_bytes(SMALL_BYTES)
            with pytest.raises(Refused, match="Too many large requests are under way") as refused:
                small.take_bytes(1)
            assert refused.value.status == 503
        assert room.bytes == 10 * SMALL_BYTES
    assert room.bytes == 0


def test_many_texts_share_the_room_and_questions_always_fit() -> None:
    room = Room(most_texts=1000)
    with room.enter() as bulk:
        bulk.wait_for(990)
        with room.enter() as question:
            question.wait_for(SMALL_TEXTS)
        with pytest.raises(Refused, match="Too many texts wait") as refused, room.enter() as another:
            another.wait_for(SMALL_TEXTS + 1)
        assert refused.value.status == 503
        assert room.texts == 990
    assert (room.requests, room.bytes, room.texts) == (0, 0, 0)


def test_the_largest_request_always_fits_beside_small_ones() -> None:
    room = Room()
    entered = [room.enter() for _ in range(MOST_REQUESTS)]
    first, *others = [each.__enter__() for each in entered]
    for share in others:
        share.take_bytes(SMALL_BYTES)
        share.wait_for(SMALL_TEXTS)
    first.take_bytes(bodies.MOST_BYTES)
    first.wait_for(requests.MOST_TEXTS)
    assert room.bytes <= MOST_BYTES
    assert room.texts <= MOST_TEXTS
    for each in entered:
        each.__exit__(None, None, None)
    assert (room.requests, room.bytes, room.texts) == (0, 0, 0)
