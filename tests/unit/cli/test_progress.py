"""What one sees while watching: a line for each change where there is no terminal, one live line where there is."""

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from trieur.account import Account, Epoch, Run
from trieur.cli import progress
from trieur.cli.output import Paper
from trieur.cli.progress import Progress
from trieur.runs import RunStatus

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def run(status: RunStatus, message: str, backend: str = "camembert") -> Run:
    return Run("questions", "0" * 16, cast(Any, backend), status, message, "key", "version", NOW, NOW)


@pytest.fixture
def epochs(monkeypatch: pytest.MonkeyPatch) -> list[list[Epoch]]:
    """What the training's log tells each time it is asked."""
    pages: list[list[Epoch]] = []

    class Log:
        @classmethod
        def of_run(cls, *_: Any) -> "Log":
            return cls()

        def new_epochs(self) -> list[Epoch]:
            return pages.pop(0) if pages else []

    monkeypatch.setattr(progress, "TrainingLog", Log)
    return pages


def epoch(number: int) -> Epoch:
    return Epoch(number, 50, 0.5, 0.75)


def watched(capsys: pytest.CaptureFixture[str], *looks: list[Run]) -> list[str]:
    with Progress(Paper(), cast(Account, None), ["camembert", "comprehend"]) as shown:
        for runs in looks:
            shown.show(runs)
    return [line.partition(" s  ")[2] for line in capsys.readouterr().out.splitlines()]


def test_each_change_is_told_once(capsys: pytest.CaptureFixture[str], epochs: list[list[Epoch]]) -> None:
    epochs += [[epoch(n) for n in range(1, 6)], [epoch(n) for n in range(6, 12)]]
    training, live = run(RunStatus.TRAINING, "Training."), run(RunStatus.LIVE, "It answers.")
    assert watched(capsys, [], [training], [training], [live], [live]) == [
        "camembert: epoch 5, validation loss 0.500, accuracy 0.750",
        "camembert: TRAINING Training.",
        "camembert: epoch 10, validation loss 0.500, accuracy 0.750",
        "camembert: LIVE It answers.",
    ]


@pytest.mark.usefixtures("epochs")
def test_backends_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    looks = [run(RunStatus.FAILED, "No."), run(RunStatus.TRAINING, "SUBMITTED.", "comprehend")]
    assert watched(capsys, looks) == ["camembert: FAILED No.", "comprehend: TRAINING SUBMITTED."]


def test_a_drop_that_nothing_becomes_of_is_said_once(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_LONG_WITHOUT_A_RUN", -1.0)
    [line] = watched(capsys, [], [])
    assert "docs/operations.md" in line


def test_a_terminal_has_one_live_line_a_backend(
    capsys: pytest.CaptureFixture[str], epochs: list[list[Epoch]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    epochs += [[epoch(7)]]
    with Progress(Paper(), cast(Account, None), ["camembert"]) as shown:
        shown.show([run(RunStatus.TRAINING, "Training.")])
        shown._bar.refresh()
    assert "epoch 7, validation loss 0.500" in capsys.readouterr().out
