from hypothesis import given
from hypothesis import strategies as st
from trieur_serve.batches import MOST_ROWS, MOST_TOKENS, batches


@given(st.lists(st.integers(1, 8192), max_size=300))
def test_every_row_is_in_one_batch_and_no_batch_is_too_large(lengths: list[int]) -> None:
    found = list(batches(lengths))
    assert sorted(index for batch in found for index in batch) == list(range(len(lengths)))
    for batch in found:
        longest = max(lengths[index] for index in batch)
        assert len(batch) == 1 or (len(batch) <= MOST_ROWS and len(batch) * longest <= MOST_TOKENS)


def test_rows_of_like_length_share_a_batch() -> None:
    lengths = [4, 500, 4, 500] * 8
    for batch in batches(lengths):
        assert len({lengths[index] for index in batch}) == 1
