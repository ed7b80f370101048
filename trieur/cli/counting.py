"""How far a command is, on stderr: a bar on a terminal, a line now and then elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from trieur.cli.output import Paper

_SECONDS_BETWEEN_LINES: Final = 10.0


@contextmanager
def counting(
    title: str, unit: str, total: float | None = None, *, clock: Callable[[], float] = time.monotonic
) -> Iterator[Callable[[float], None]]:
    """Takes how many `unit`s are done, of `total` where that is known. What was shown on a terminal goes away."""
    paper = Paper(stderr=True)
    if paper.is_terminal:
        columns = [TextColumn("{task.description}"), BarColumn(), TaskProgressColumn()] if total else []
        shown = TextColumn(
            "{task.completed:,.0f} " + unit if total else "{task.description}: {task.completed:,.0f} " + unit
        )
        with Progress(*columns, shown, TimeElapsedColumn(), console=paper, transient=True) as bar:
            task = bar.add_task(title, total=total)
            yield lambda done: bar.update(task, completed=done)
        return
    begun = last = clock()

    def tell(done: float) -> None:
        nonlocal last
        if clock() - last >= _SECONDS_BETWEEN_LINES:
            last = clock()
            of = f" of {total:,.0f}" if total else ""
            paper.print(f"{title}: {done:,.0f}{of} {unit} in {last - begun:.0f} s.")

    yield tell
