from dataclasses import replace
from pathlib import Path

import pytest
import torch
from trieur_train.examples import Split, Splits
from trieur_train.failure import TrainingFailed
from trieur_train.hyperparameters import Hyperparameters
from trieur_train.learning.checkpoints import FILE, Checkpoints, fingerprint, open_checkpoints

from tests.unit.train.toy import CountsTokens

SPLIT = Split(["a", "b"], [("A",), ("B",)])
SPLITS = Splits(SPLIT, SPLIT, SPLIT, ["A", "B"])
SETTINGS = Hyperparameters()


def test_what_was_saved_last_comes_back(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path, "f", 300)
    assert checkpoints.last() is None
    for epoch in (1, 2):
        checkpoints.save({"epoch": epoch, "network": {"weight": torch.full((2,), float(epoch))}})
    state = checkpoints.last()
    assert state is not None
    assert state["epoch"] == 2
    assert state["network"]["weight"].tolist() == [2.0, 2.0]
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize("content", [b"", b"nonsense", b"PK\x03\x04 cut short"])
def test_one_that_cannot_be_read_is_said_and_left(
    tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / FILE).write_bytes(content)
    assert Checkpoints(tmp_path, "f", 300).last() is None
    assert "cannot be read" in capsys.readouterr().out


def test_one_that_was_not_finished_does_not_replace_the_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoints = Checkpoints(tmp_path, "f", 300)
    checkpoints.save({"epoch": 1})

    def full_disk(_: object, path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", full_disk)
    with pytest.raises(TrainingFailed, match=r"cannot be written to .*volume_gb"):
        checkpoints.save({"epoch": 2})
    monkeypatch.undo()
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    state = checkpoints.last()
    assert state is not None
    assert state["epoch"] == 1


@pytest.mark.parametrize("content", [{"epoch": 3}, [1, 2]], ids=["no fingerprint", "no state"])
def test_one_that_something_else_has_written_is_said_and_left(
    tmp_path: Path, content: object, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.save(content, tmp_path / FILE)
    assert Checkpoints(tmp_path, "f", 300).last() is None
    assert "of another training" in capsys.readouterr().out


@pytest.mark.parametrize(
    "settings",
    [replace(SETTINGS, seed=14), replace(SETTINGS, learning_rate=1e-3), replace(SETTINGS, recipe="fast")],
    ids=["seed", "learning rate", "recipe"],
)
def test_what_changes_the_learning_changes_the_fingerprint(settings: Hyperparameters) -> None:
    assert fingerprint(settings, SPLITS, CountsTokens()) != fingerprint(SETTINGS, SPLITS, CountsTokens())


def test_first_weights_and_data_change_the_fingerprint_and_what_only_accompanies_them_does_not() -> None:
    network, other = CountsTokens(), CountsTokens()
    torch.nn.init.zeros_(other.table.weight)
    mine = fingerprint(SETTINGS, SPLITS, network)
    assert fingerprint(SETTINGS, SPLITS, other) != mine
    assert fingerprint(SETTINGS, SPLITS, network, "fast") != mine
    assert fingerprint(SETTINGS, replace(SPLITS, train=Split(["a", "c"], SPLIT.labels)), network) != mine
    accompanied = replace(SETTINGS, checkpoint_seconds=1, price_per_hour=2.0, language="en")
    assert fingerprint(accompanied, SPLITS, CountsTokens()) == mine


def test_without_a_folder_there_are_no_checkpoints(tmp_path: Path) -> None:
    assert open_checkpoints(tmp_path / "absent", SETTINGS, SPLITS, CountsTokens()) is None
    opened = open_checkpoints(tmp_path, SETTINGS, SPLITS, CountsTokens())
    assert opened is not None
    opened.save({"epoch": 1})
    assert (tmp_path / FILE).exists()


def test_the_next_one_is_due_once_its_time_is_up(tmp_path: Path) -> None:
    assert Checkpoints(tmp_path, "f", 0).due
    assert not Checkpoints(tmp_path, "f", 3600).due
