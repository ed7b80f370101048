"""How far a drop is, while one watches: a live line for each backend on a terminal, else a line for each change."""

import time
from collections.abc import Sequence
from types import TracebackType
from typing import Final, Self

from rich import progress
from rich.padding import Padding
from rich.table import Column
from rich.text import Text

from trieur.account import Account, Epoch, Run, TrainingLog
from trieur.cli.output import Paper
from trieur.runs import RunStatus
from trieur.settings import Backend

EPOCHS_PER_LINE: Final = 5
# AWS delivers an event within seconds; whatever lasts so long needs somebody's eye.
_LONG_WITHOUT_A_RUN: Final = 120.0

_STYLES: Final = {
    RunStatus.LIVE: "bold green",
    RunStatus.TRAINED: "green",
    RunStatus.TRAINING: "cyan",
    RunStatus.DEPLOYING: "cyan",
    RunStatus.FAILED: "bold red",
    RunStatus.REFUSED: "bold red",
    RunStatus.ROLLED_BACK: "bold red",
}


def status_text(status: RunStatus) -> Text:
    """The word in its colour."""
    return Text(str(status), _STYLES[status])


def outcome(paper: Paper, run: Run) -> None:
    """What a run came to: where it answers and how well, or why it is not live."""
    whose = f"on {run.backend}" if run.backend else "The dataset"
    where = f", endpoint {run.endpoint['name']}" if run.endpoint and run.succeeded else ""
    mark = ("✓ ", "green") if run.succeeded else ("✗ ", "red")
    paper.print()
    paper.print(Text.assemble(mark, status_text(run.status), f" {whose}, run {run.run_id}{where}"), soft_wrap=True)
    # Wrapped for people, whole for a file.
    if paper.is_terminal:
        paper.print(Padding(Text(run.message), (0, 0, 0, 2)))
    else:
        paper.print(Text(f"  {run.message}"), soft_wrap=True)


class Progress:
    """Shows what has become of a drop. Within a `with` block, as long as which there is a live line."""

    def __init__(self, paper: Paper, account: Account, backends: Sequence[Backend]) -> None:
        self._paper = paper
        self._account = account
        self._begun = time.monotonic()
        self._bar = progress.Progress(
            progress.SpinnerColumn(),
            progress.TextColumn("{task.description}", table_column=Column(ratio=3, no_wrap=True, overflow="ellipsis")),
            progress.BarColumn(table_column=Column(ratio=1)),
            progress.TimeElapsedColumn(),
            console=paper,
            transient=True,
            expand=True,
            disable=not paper.is_terminal,
        )
        self._tasks = {
            backend: self._bar.add_task(f"{backend}: waiting for the drop to be handled", total=None)
            for backend in backends
        }
        self._logs: dict[str, TrainingLog] = {}
        self._said: dict[str, str] = {}
        # Whose line tells of epochs, which say more than the job's own status.
        self._counting: set[Backend] = set()
        self._hinted = False

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def show(self, runs: Sequence[Run]) -> None:
        """The runs of the drop as they are now."""
        if not runs and not self._hinted and time.monotonic() - self._begun > _LONG_WITHOUT_A_RUN:
            self._hinted = True
            self._say("Nothing has come of the drop yet: see the alarms (`trieur status`) and docs/operations.md.")
        for run in runs:
            if run.backend in self._tasks:
                self._show(run.backend, run)

    def _show(self, backend: Backend, run: Run) -> None:
        for epoch in self._epochs(run):
            told = (
                f"{backend}: epoch {epoch.number}, validation loss {epoch.validation_loss:.3f},"
                f" accuracy {epoch.validation_accuracy:.3f}"
            )
            self._counting.add(backend)
            self._bar.update(self._tasks[backend], description=told, completed=epoch.number, total=epoch.most)
            if epoch.number % EPOCHS_PER_LINE == 0:
                self._say_in_lines(told)
        what = f"{backend}: {run.status} {run.message}"
        if self._said.get(backend) == what:
            return
        self._said[backend] = what
        self._say_in_lines(what)
        if not (run.status is RunStatus.TRAINING and backend in self._counting):
            total = 1 if run.has_ended else None
            self._bar.update(self._tasks[backend], description=what, total=total, completed=int(run.has_ended))

    def _epochs(self, run: Run) -> list[Epoch]:
        """Of a training on SageMaker; Comprehend logs nothing."""
        if run.backend != "camembert" or run.status is not RunStatus.TRAINING:
            return []
        log = self._logs.setdefault(run.run_id, TrainingLog.of_run(self._account, run))
        return log.new_epochs()

    def _say_in_lines(self, line: str) -> None:
        if self._bar.disable:
            self._say(line)

    def _say(self, line: str) -> None:
        self._paper.print(Text(f"  {time.monotonic() - self._begun:4.0f} s  {line}"), soft_wrap=True)
