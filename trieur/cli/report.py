"""`trieur report`: what a training came to, as a page to read."""

import os
import webbrowser
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from trieur.account import Run
from trieur.cli.options import (
    DEFAULT_STACK,
    AsJson,
    Classifier,
    Local,
    Region,
    Stack,
    WrongUsage,
    connect,
    require_classifier_name,
)
from trieur.cli.output import Paper, fails_in_a_sentence, print_json, printing


@fails_in_a_sentence
def report(
    classifier: Classifier,
    run_id: Annotated[
        str | None,
        typer.Option("--run", metavar="RUN", help="A run's id, or how it begins; by default the newest with a report."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE", help="Where to keep it; by default in the user's cache folder."),
    ] = None,
    opened: Annotated[bool, typer.Option("--open/--no-open", help="Open it in the browser.")] = True,
    local: Local = False,
    stack: Stack = DEFAULT_STACK,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Download the report of a training of CLASSIFIER and open it in the browser.

    It is one page that needs no network, in French and English: how good the model is, where it errs, what the dataset
    lacks, how the training went and what it cost.

    With --json, the object has the keys classifier, run_id, file and opened.

    The exit status is 0 if the report is on this machine, whether or not a browser could be opened; 1 if there is no
    such classifier, run or report; 2 for wrong usage, or where AWS cannot be asked.

    Examples:

        trieur report questions
        trieur report questions --run 3f2a --output report.html --no-open
    """
    require_classifier_name(classifier)
    run, page = connect(local, stack, region).reported(classifier, run_id)
    file = _keep(page, output if output is not None else _cached(run))
    was_opened = opened and webbrowser.open(file.as_uri())
    if as_json:
        print_json({"classifier": classifier, "run_id": run.run_id, "file": str(file), "opened": was_opened})
        return
    with printing():
        paper = Paper()
        paper.print(Text(f"Report of run {run.run_id}: {file}"), soft_wrap=True)
        if opened and not was_opened:
            paper.print("No browser could be opened: open that file in one.", soft_wrap=True)


def _keep(page: bytes, file: Path) -> Path:
    file = file.expanduser().absolute()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(page)
    except OSError as error:
        raise WrongUsage(f"The report cannot be kept as {str(file)!r}: {error.strerror or error}.") from error
    return file


def _cached(run: Run) -> Path:
    caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(caches) / "trieur" / "reports" / f"{run.classifier}-{run.run_id}.html"
