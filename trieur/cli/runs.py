"""`trieur runs`: what became of the datasets that were dropped."""

from collections.abc import Sequence
from typing import Annotated

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from trieur.account import Run
from trieur.cli.options import (
    DEFAULT_STACK,
    AsJson,
    Local,
    Region,
    Stack,
    connect,
    require_classifier_name,
)
from trieur.cli.output import Paper, fails_in_a_sentence, print_json, printing
from trieur.cli.progress import status_text

# Narrower, each run takes lines instead of a row.
_TABLE_WIDTH = 90


@fails_in_a_sentence
def runs(
    classifier: Annotated[
        str | None, typer.Argument(metavar="[CLASSIFIER]", help="Only its runs; by default those of all.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, metavar="N", help="The newest N.")] = 20,
    local: Local = False,
    stack: Stack = DEFAULT_STACK,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """List runs, newest first: one for each dataset dropped and backend.

    A dataset that was refused whole has a run without a backend. A run's status is TRAINING, TRAINED, DEPLOYING, LIVE,
    REFUSED, FAILED or ROLLED_BACK; LIVE says that it went live, `trieur status` which one answers now.

    With --json, the object has the key runs: each has classifier, run_id, backend, status, ended, message, dataset,
    version, examples, accuracy, macro_f1, endpoint, created_at and updated_at.

    The exit status is 0 if there is an answer, 1 if there is no such classifier, 2 for wrong usage, or where AWS cannot
    be asked.

    Examples:

        trieur runs
        trieur runs questions --limit 3 --json
    """
    if classifier is not None:
        require_classifier_name(classifier)
    account = connect(local, stack, region)
    if classifier is not None:
        found = account.runs(classifier)
    else:
        every = [run for summary in account.classifiers() for run in summary.runs]
        found = sorted(every, key=lambda run: run.created_at, reverse=True)
    if as_json:
        print_json({"runs": [run.as_json() for run in found[:limit]]})
    else:
        _print(found, limit)


@printing()
def _print(found: Sequence[Run], limit: int) -> None:
    paper = Paper()
    if not found:
        paper.print("No dataset has been dropped yet: `trieur train CLASSIFIER FILE` drops one.", soft_wrap=True)
        return
    if paper.width < _TABLE_WIDTH:
        _print_lines(paper, found[:limit])
    else:
        paper.print(runs_table(found[:limit]))
    if len(found) > limit:
        paper.print(Text(f"... and {len(found) - limit:,} older; --limit {len(found)} shows all.", "dim"))


def runs_table(found: Sequence[Run]) -> Table:
    """One row a run."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("Classifier", "Run", "Backend", "Status"):
        table.add_column(name, no_wrap=True)
    for name in ("Examples", "Accuracy", "Macro-F1"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("Began", no_wrap=True)
    table.add_column("Dataset", overflow="fold")
    for run in found:
        examples = f"{run.dataset.examples:,}" if run.dataset else ""
        table.add_row(
            run.classifier,
            run.run_id,
            run.backend or "",
            status_text(run.status),
            examples,
            score(run.accuracy),
            score(run.macro_f1),
            when(run),
            Text(run.key.rpartition("/")[2]),
        )
    return table


def _print_lines(paper: Paper, found: Sequence[Run]) -> None:
    for run in found:
        known = [f"accuracy {score(run.accuracy)}"] if run.accuracy is not None else []
        about = ", ".join([*([run.backend] if run.backend else []), *known, when(run)])
        paper.print(Text.assemble(f"{run.classifier} {run.run_id} ", status_text(run.status), f" {about}"))


def score(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def when(run: Run) -> str:
    """When it began, in this machine's time."""
    return run.created_at.astimezone().strftime("%Y-%m-%d %H:%M")
