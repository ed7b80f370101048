import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from trieur_train.failure import TrainingFailed, TrainingStopped
from trieur_train.interruption import Interruption
from trieur_train.learning.checkpoints import Checkpoints
from trieur_train.learning.feeds import Feed, Rows
from trieur_train.learning.loop import Examples, predict

from tests.unit.train.toy import CPU, CountsTokens, examples, feed, learn, surroundings, wrong

LINE = re.compile(
    r"epoch=\d+ epochs=\d+ train_loss=\d+\.\d{4} train_accuracy=\d\.\d{4} validation_loss=\d+\.\d{4} "
    r"validation_accuracy=\d\.\d{4} validation_macro_f1=\d\.\d{4} seconds=\d+\.\d"
)


def weights(network: nn.Module) -> list[float]:
    return [value for weight in network.state_dict().values() for value in weight.flatten().tolist()]


def test_it_learns_and_logs_a_line_an_epoch(capsys: pytest.CaptureFixture[str]) -> None:
    history = learn(CountsTokens(), examples(10), epochs=20).history
    assert history[-1].validation_accuracy == history[-1].validation_macro_f1 == history[-1].train_accuracy == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(history)
    assert all(LINE.fullmatch(line) for line in lines)


def test_the_weights_of_the_best_epoch_are_kept() -> None:
    validation = wrong(examples(10))
    network = CountsTokens()
    training = learn(network, validation, epochs=12, patience=100)
    losses = [epoch.validation_loss for epoch in training.history]
    assert training.best_epoch == 1 + losses.index(min(losses))
    assert losses[-1] > losses[0]
    logits = torch.from_numpy(predict(network, validation.feed, CPU))
    kept = nn.functional.cross_entropy(logits, torch.from_numpy(validation.targets)).item()
    assert kept == pytest.approx(min(losses), abs=1e-6)


def test_it_stops_early() -> None:
    training = learn(CountsTokens(), wrong(examples(10)), epochs=40, patience=2)
    assert training.stopped_early
    assert len(training.history) < 40


def test_a_loss_that_is_no_number_is_a_failure() -> None:
    network = CountsTokens()
    nn.init.constant_(network.table.weight, 3e38)
    with pytest.raises(TrainingFailed, match=r"diverged in epoch 1, .*learning_rate below 0\.1"):
        learn(network, examples(10), epochs=3)


def test_predictions_are_in_the_order_of_the_rows() -> None:
    network = CountsTokens()
    tokens = [[0] * 5, [1], [2] * 3]
    found = predict(network, feed(tokens), CPU)
    for row, numbers in enumerate(tokens):
        assert np.allclose(found[row], predict(network, feed([numbers]), CPU)[0], atol=1e-6)


def test_a_batch_in_parts_teaches_what_it_teaches_whole() -> None:
    whole, parts = CountsTokens(), CountsTokens()
    whole.dropout.p = parts.dropout.p = 0.0
    learn(whole, examples(10), epochs=2)
    learn(parts, examples(10), epochs=2, gradient_accumulation_steps=3)
    assert weights(parts) == pytest.approx(weights(whole), abs=1e-6)


def test_a_batch_has_no_more_parts_than_examples() -> None:
    whole = examples(32)
    asked = Counting(whole.feed)
    of = Examples(asked, whole.text_of, whole.targets)
    learn(CountsTokens(), examples(10), of=of, epochs=1, gradient_accumulation_steps=1000)
    assert asked.batches == 32


def test_the_windows_of_a_text_count_as_one_example() -> None:
    windows = Examples(feed([[0], [0, 0], [1], [1, 1]]), np.array([0, 0, 1, 1]), np.array([0, 1]))
    training = learn(CountsTokens(), windows, epochs=15)
    assert training.history[-1].validation_accuracy == 1


class Counting:
    """A feed that counts the batches it gives."""

    def __init__(self, feed: Feed) -> None:
        self.lengths = feed.lengths
        self.batches = 0
        self._feed = feed

    def batch(self, rows: Rows) -> tuple[torch.Tensor, torch.Tensor]:
        self.batches += 1
        return self._feed.batch(rows)


class AsksToStop:
    """A feed that asks the training to stop while it gives its batch number `at`."""

    def __init__(self, feed: Feed, interruption: Interruption, at: int) -> None:
        self.lengths = feed.lengths
        self._feed, self._interruption, self._left = feed, interruption, at

    def batch(self, rows: Rows) -> tuple[torch.Tensor, torch.Tensor]:
        self._left -= 1
        if self._left == 0:
            self._interruption.request()
        return self._feed.batch(rows)


def stopping(of: Examples, interruption: Interruption, at: int) -> Examples:
    return Examples(AsksToStop(of.feed, interruption, at), of.text_of, of.targets)


def assert_it_goes_on(folder: Path) -> None:
    """Training on from the checkpoint in `folder` ends as a training that nothing has stopped."""
    undisturbed, resumed = CountsTokens(), CountsTokens()
    expected = learn(undisturbed, examples(10), epochs=4)
    nn.init.constant_(resumed.table.weight, 7.0)
    training = learn(resumed, examples(10), within=surroundings(folder), epochs=4)
    assert weights(resumed) == weights(undisturbed)
    for found, wanted in zip(training.history, expected.history, strict=True):
        assert replace(found, seconds=0) == replace(wanted, seconds=0)


# An epoch has four batches: within one, and after its last.
@pytest.mark.parametrize("at", [1, 3, 4, 7])
def test_after_an_interruption_it_goes_on_as_if_there_had_been_none(
    tmp_path: Path, at: int, capsys: pytest.CaptureFixture[str]
) -> None:
    interruption = Interruption()
    of = stopping(examples(32), interruption, at)
    with pytest.raises(TrainingStopped, match="a checkpoint was saved"):
        learn(CountsTokens(), examples(10), of=of, within=surroundings(tmp_path, interruption), epochs=4)
    assert_it_goes_on(tmp_path)
    assert "Going on from the checkpoint" in capsys.readouterr().out


def test_it_goes_on_after_an_interruption_while_it_was_evaluating(tmp_path: Path) -> None:
    interruption = Interruption()
    validation = stopping(examples(10), interruption, 1)
    with pytest.raises(TrainingStopped, match="a checkpoint was saved"):
        learn(CountsTokens(), validation, within=surroundings(tmp_path, interruption), epochs=4)
    assert_it_goes_on(tmp_path)


def test_an_interruption_in_the_last_epochs_evaluation_is_heeded(tmp_path: Path) -> None:
    interruption = Interruption()
    validation = stopping(examples(10), interruption, 4)
    with pytest.raises(TrainingStopped):
        learn(CountsTokens(), validation, within=surroundings(tmp_path, interruption), epochs=4)
    assert_it_goes_on(tmp_path)


def test_without_a_folder_for_checkpoints_nothing_is_kept() -> None:
    interruption = Interruption()
    of = stopping(examples(32), interruption, 2)
    with pytest.raises(TrainingStopped, match="no model was kept"):
        learn(CountsTokens(), examples(10), of=of, within=surroundings(None, interruption), epochs=4)


def test_a_checkpoint_of_another_training_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Checkpoints(tmp_path, "other", 0).save({"epoch": 3})
    network, alone = CountsTokens(), CountsTokens()
    learn(network, examples(10), within=surroundings(tmp_path), epochs=2)
    learn(alone, examples(10), epochs=2)
    assert "of another training" in capsys.readouterr().out
    assert weights(network) == weights(alone)
