import pytest
import torch
from torch import nn
from trieur_train.learning.compact_vocabulary import CompactEmbedding


def test_it_answers_as_the_whole_for_the_words_it_has() -> None:
    whole = nn.Embedding(50, 4)
    used = torch.tensor([1, 7, 30])
    compact = CompactEmbedding(whole, used)
    numbers = torch.tensor([[7, 1], [30, 7]])
    assert torch.equal(compact(numbers), whole(numbers))
    assert compact.weight.shape == (3, 4)


def test_learning_changes_it_and_not_the_whole() -> None:
    whole = nn.Embedding(50, 4)
    before = whole.weight.detach().clone()
    compact = CompactEmbedding(whole, torch.tensor([1, 7]))
    compact(torch.tensor([7])).sum().backward()
    assert compact.weight.grad is not None
    assert compact.weight.grad.tolist() == [[0.0] * 4, [1.0] * 4]
    assert whole.weight.grad is None
    assert torch.equal(whole.weight, before)


@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_all_of_it_lies_on_the_device_of_the_whole(device: str) -> None:
    whole = nn.Embedding(50, 4, device=device)
    compact = CompactEmbedding(whole, torch.tensor([1, 7], device=device))
    assert {compact.weight.device.type, compact.rows.device.type} == {device}
