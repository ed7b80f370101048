import numpy as np
import torch
from trieur_train.learning.feeds import HiddenFeed, TokenFeed

CPU = torch.device("cpu")


def test_tokens_are_padded_to_the_longest_of_the_rows() -> None:
    feed = TokenFeed([[5], [6, 7, 8], [9, 4]], 1, CPU)
    assert feed.lengths.tolist() == [1, 3, 2]
    input_ids, attention_mask = feed.batch([2, 0])
    assert input_ids.tolist() == [[9, 4], [5, 1]]
    assert attention_mask.tolist() == [[1, 1], [1, 0]]


def test_hidden_states_are_those_of_the_rows() -> None:
    states = torch.arange(12, dtype=torch.float32).reshape(6, 2)
    feed = HiddenFeed(states, np.array([1, 3, 2]), CPU)
    hidden, attention_mask = feed.batch(np.array([2, 0]))
    assert hidden.tolist() == [[[8, 9], [10, 11]], [[0, 1], [0, 0]]]
    assert attention_mask.tolist() == [[1, 1], [1, 0]]
