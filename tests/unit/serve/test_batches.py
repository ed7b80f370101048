from hypothesis import given
from hypothesis import strategies as st
from trieur_serve.batches import MOST_TOKENS, of_like_length, turn

lengths = st.lists(st.integers(1, 2 * MOST_TOKENS), max_size=80)


class Request:
    def __init__(self, number: int, tokens: list[int]) -> None:
        self.number = number
        self.waiting = list(enumerate(tokens))

    def take(self) -> tuple[int, int] | None:
        return self.waiting.pop(0) if self.waiting else None


@given(lengths)
def test_every_row_runs_once_among_those_of_like_length(tokens: list[int]) -> None:
    found = list(of_like_length(tokens))

    assert sorted(index for batch in found for index in batch) == list(range(len(tokens)))
    for batch in found:
        assert len(batch) * max(tokens[index] for index in batch) <= MOST_TOKENS or len(batch) == 1


@given(st.lists(lengths, min_size=1, max_size=8))
def test_turns_take_every_row_once_and_stay_bounded(tokens: list[list[int]]) -> None:
    requests = [Request(number, rows) for number, rows in enumerate(tokens)]
    seen = []
    while taken := turn(requests, Request.take):
        # The last may go beyond.
        assert sum(tokens[request.number][row] for request, row in taken[:-1]) < MOST_TOKENS
        seen += [(request.number, row) for request, row in taken]

    assert sorted(seen) == [(number, row) for number, rows in enumerate(tokens) for row in range(len(rows))]


def test_one_question_does_not_wait_for_anothers_thousands() -> None:
    requests = [Request(0, [10] * 1000), Request(1, [10]), Request(2, [10])]

    taken = [(request.number, row) for request, row in turn(requests, Request.take)]

    assert taken[:3] == [(0, 0), (1, 0), (2, 0)]
    assert [number for number, _ in taken[3:]] == [0] * (len(taken) - 3)
