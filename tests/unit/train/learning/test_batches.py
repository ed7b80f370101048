import numpy as np
import pytest
from tokenizers import Tokenizer
from trieur_train.base_models.scratch import END, PADDING, START, train_tokenizer
from trieur_train.encoding import encode
from trieur_train.learning.batches import batches_by_length, pad, random_batches


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return train_tokenizer(["qui connaît nodejs ?", "comment ça va ?"] * 3)


def test_texts_are_framed_and_cut_to_the_greatest_length(tokenizer: Tokenizer) -> None:
    tokens, cut = encode(tokenizer, ["comment ça va ?", "qui connaît nodejs ? " * 20], 16)
    assert cut == 1
    assert len(tokens[1]) == 16
    assert [(numbers[0], numbers[-1]) for numbers in tokens] == [(START, END), (START, END)]


def test_encoding_leaves_the_tokenizer_without_truncation(tokenizer: Tokenizer) -> None:
    encode(tokenizer, ["a"], 8)
    assert tokenizer.truncation is None
    assert tokenizer.padding is None


@pytest.mark.parametrize("examples", [1, 8, 9, 300])
def test_random_batches_hold_every_example_once(examples: int) -> None:
    tokens = [[1] * (1 + number % 13) for number in range(examples)]
    batches = random_batches(tokens, 8, np.random.default_rng(0))
    assert sorted(np.concatenate(batches)) == list(range(examples))
    assert max(map(len, batches)) <= 8


def test_random_batches_differ_between_epochs_and_repeat_with_the_seed() -> None:
    tokens = [[1] * (1 + number % 5) for number in range(64)]
    first, second = (np.random.default_rng(7), np.random.default_rng(7))
    once, again = random_batches(tokens, 8, first), random_batches(tokens, 8, second)
    assert np.array_equal(once, again)
    assert not np.array_equal(once, random_batches(tokens, 8, first))


def test_random_batches_pad_little() -> None:
    random = np.random.default_rng(1)
    tokens = [[1] * int(length) for length in random.integers(3, 40, 256)]
    padded = sum(len(rows) * max(len(tokens[row]) for row in rows) for rows in random_batches(tokens, 8, random))
    assert padded < 1.15 * sum(map(len, tokens))


def test_batches_by_length_hold_every_example_once() -> None:
    tokens = [[1] * length for length in (5, 1, 3, 2, 4)]
    assert [rows.tolist() for rows in batches_by_length(tokens, 2)] == [[1, 3], [2, 4], [0]]


def test_padding_fills_up_to_the_longest_of_the_rows() -> None:
    input_ids, attention_mask = pad([[0, 9, 2], [0, 2], [0, 7, 7, 7, 2]], [1, 0], PADDING)
    assert input_ids.tolist() == [[0, 2, PADDING], [0, 9, 2]]
    assert attention_mask.tolist() == [[1, 1, 0], [1, 1, 1]]
    assert input_ids.dtype == attention_mask.dtype == np.int64
