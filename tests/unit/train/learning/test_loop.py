import re

import numpy as np
import pytest
import torch
from torch import nn
from trieur_train.failure import TrainingFailed
from trieur_train.hyperparameters import Hyperparameters
from trieur_train.learning.loop import EncodedSplit, Epoch, predict, train

LINE = re.compile(
    r"epoch=\d+ epochs=\d+ train_loss=\d+\.\d{4} train_accuracy=\d\.\d{4} validation_loss=\d+\.\d{4} "
    r"validation_accuracy=\d\.\d{4} validation_macro_f1=\d\.\d{4} seconds=\d+\.\d"
)


class CountsTokens(nn.Module):
    """Learns in a few steps which of two token numbers a text holds."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(4, 2)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        return (self.table(input_ids) * attention_mask[..., None]).sum(dim=1)


def split(examples: int) -> EncodedSplit:
    targets = np.arange(examples) % 2
    return EncodedSplit([[int(target)] * (1 + number % 3) for number, target in enumerate(targets)], targets)


def run(network: nn.Module, validation: EncodedSplit, learning_rate: float = 0.1, **settings: float) -> list[Epoch]:
    torch.manual_seed(0)
    training = train(
        network,
        split(32),
        validation,
        settings=Hyperparameters(**settings),  # type: ignore[arg-type]
        learning_rate=learning_rate,
        pad_token_id=3,
    )
    losses = [epoch.validation_loss for epoch in training.history]
    assert training.best_epoch == 1 + losses.index(min(losses))
    return training.history


def test_it_learns_and_logs_a_line_an_epoch(capsys: pytest.CaptureFixture[str]) -> None:
    history = run(CountsTokens(), split(10), epochs=20)
    assert history[-1].validation_accuracy == history[-1].validation_macro_f1 == history[-1].train_accuracy == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(history)
    assert all(LINE.fullmatch(line) for line in lines)


def test_the_weights_of_the_best_epoch_are_kept() -> None:
    right = split(10)
    wrong = EncodedSplit(right.tokens, 1 - right.targets)
    network = CountsTokens()
    history = run(network, wrong, epochs=12, patience=100)
    assert history[-1].validation_loss > history[0].validation_loss
    logits = torch.from_numpy(predict(network, wrong.tokens, 3))
    kept = nn.functional.cross_entropy(logits, torch.from_numpy(wrong.targets)).item()
    assert kept == pytest.approx(min(epoch.validation_loss for epoch in history), abs=1e-6)


def test_it_stops_early() -> None:
    right = split(10)
    history = run(CountsTokens(), EncodedSplit(right.tokens, 1 - right.targets), epochs=40, patience=2)
    assert len(history) < 40


def test_a_loss_that_is_no_number_is_a_failure() -> None:
    network = CountsTokens()
    nn.init.constant_(network.table.weight, 3e38)
    with pytest.raises(TrainingFailed, match=r"diverged in epoch 1, .*learning_rate below 0\.1"):
        run(network, split(10), epochs=3)


def test_predictions_are_in_the_order_of_the_texts() -> None:
    network = CountsTokens()
    tokens = [[0] * 5, [1], [2] * 3]
    found = predict(network, tokens, 3)
    for row, numbers in enumerate(tokens):
        assert np.allclose(found[row], predict(network, [numbers], 3)[0], atol=1e-6)
