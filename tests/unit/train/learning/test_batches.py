import numpy as np
import pytest
from trieur_train.base_models.scratch import PADDING
from trieur_train.learning.batches import batches_by_length, pad, random_batches


@pytest.mark.parametrize("examples", [1, 8, 9, 300])
def test_random_batches_hold_every_example_once(examples: int) -> None:
    lengths = [1 + number % 13 for number in range(examples)]
    batches = random_batches(lengths, 8, np.random.default_rng(0))
    assert sorted(np.concatenate(batches)) == list(range(examples))
    assert max(map(len, batches)) <= 8


def test_random_batches_differ_between_epochs_and_repeat_with_the_seed() -> None:
    lengths = [1 + number % 5 for number in range(64)]
    first, second = (np.random.default_rng(7), np.random.default_rng(7))
    once, again = random_batches(lengths, 8, first), random_batches(lengths, 8, second)
    assert np.array_equal(once, again)
    assert not np.array_equal(once, random_batches(lengths, 8, first))


def test_random_batches_pad_little() -> None:
    random = np.random.default_rng(1)
    lengths = random.integers(3, 40, 256)
    padded = sum(len(rows) * lengths[rows].max() for rows in random_batches(lengths, 8, random))
    assert padded < 1.15 * lengths.sum()


def test_batches_by_length_hold_every_example_once() -> None:
    assert [rows.tolist() for rows in batches_by_length([5, 1, 3, 2, 4], 2)] == [[1, 3], [2, 4], [0]]


def test_padding_fills_up_to_the_longest_of_the_rows() -> None:
    input_ids, attention_mask = pad([[0, 9, 2], [0, 2], [0, 7, 7, 7, 2]], [1, 0], PADDING)
    assert input_ids.tolist() == [[0, 2, PADDING], [0, 9, 2]]
    assert attention_mask.tolist() == [[1, 1, 0], [1, 1, 1]]
    assert input_ids.dtype == attention_mask.dtype == np.int64
