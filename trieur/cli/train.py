"""`trieur train`: validate a dataset, drop it, and follow what becomes of it."""

from typing import Annotated, Any

import typer
from rich.text import Text

from trieur.account import Account, Drop, Run, watch
from trieur.cli.dataset_file import DatasetFile, require_accepted
from trieur.cli.options import (
    DEFAULT_STACK,
    AsJson,
    Classifier,
    Local,
    Region,
    Stack,
    connect,
    flags,
    require_classifier_name,
)
from trieur.cli.output import INTERRUPTED, NEGATIVE, Paper, fails_in_a_sentence, print_json, printing
from trieur.cli.progress import Progress, outcome
from trieur.settings import Backend

# A local run goes through its states within seconds, one on AWS within minutes.
_LOCAL_PAUSE = 0.5
_PAUSE = 5.0


@fails_in_a_sentence
def train(
    classifier: Classifier,
    file: DatasetFile,
    watched: Annotated[
        bool, typer.Option("--watch", help="Stay and show how the training goes, until it is live, refused or failed.")
    ] = False,
    local: Local = False,
    stack: Stack = DEFAULT_STACK,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Drop FILE into the inbox, which trains CLASSIFIER on it and puts it live.

    The dataset is validated first, by the settings of the classifier, exactly as the pipeline will: one that would be
    refused is not uploaded, and nothing is spent. A classifier needs no preparation: the first dataset makes it. Each
    backend that its settings name (`trieur settings`) makes one run of the dataset.

    With --watch, Ctrl-C ends the watching, not the training. With --json, the one object has the keys classifier,
    dropped (where, which version) and runs: as `trieur runs` prints them with --watch, else backend and run_id.

    The exit status is 0 if the dataset was dropped and, with --watch, every run of it came to its end well; 1 if the
    dataset is refused, or a run refused, failed or rolled back; 2 for wrong usage, or where AWS cannot be asked; 130
    if Ctrl-C ended the watching.

    Examples:

        trieur train questions questions.json --watch
        trieur train questions questions.json --local --json
    """
    require_classifier_name(classifier)
    account = connect(local, stack, region)
    settings = account.settings(classifier)
    data = require_accepted(file, mode=settings.mode, minimum_examples=settings.minimum_examples)
    drop = account.drop(classifier, file.name, data)
    if not as_json:
        _say_dropped(drop, settings.backends)
    if watched:
        _watch(account, drop, settings.backends, as_json, flags(local, stack, region))
    elif as_json:
        print_json(_document(drop, [{"backend": b, "run_id": drop.run_id(b)} for b in settings.backends]))
    else:
        with printing():
            Paper().print(f"Follow it with `trieur status {classifier}{flags(local, stack, region)}`.", soft_wrap=True)


@printing()
def _say_dropped(drop: Drop, backends: tuple[Backend, ...]) -> None:
    paper = Paper()
    paper.print(f"[green]✓[/] Dropped at {drop.uri}", soft_wrap=True)
    for backend in backends:
        paper.print(f"  run {drop.run_id(backend)} on {backend}", soft_wrap=True)


def _watch(account: Account, drop: Drop, backends: tuple[Backend, ...], as_json: bool, same: str) -> None:
    """Raises typer.Exit unless all runs came to their end well."""
    paper = Paper(stderr=as_json)
    runs: list[Run] = []
    try:
        with printing(), Progress(paper, account, backends) as progress:
            for runs in watch(account, drop, backends, pause=_LOCAL_PAUSE if account.is_local else _PAUSE):
                progress.show(runs)
    except KeyboardInterrupt:
        where = "The local AWS" if account.is_local else "AWS"
        typer.echo(
            f"No longer watching. {where} goes on: `trieur status {drop.classifier}{same}` says how far.", err=True
        )
        raise typer.Exit(INTERRUPTED) from None
    if as_json:
        print_json(_document(drop, [run.as_json() for run in runs]))
    else:
        with printing():
            for run in runs:
                outcome(paper, run)
            if any(run.endpoint and run.succeeded for run in runs):
                paper.print(Text(f"\nAsk it: trieur predict {drop.classifier} '...'{same}"), soft_wrap=True)
    if not all(run.succeeded for run in runs):
        raise typer.Exit(NEGATIVE)


def _document(drop: Drop, runs: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "classifier": drop.classifier,
        "dropped": {"uri": drop.uri, "version": drop.version, "at": drop.dropped_at.isoformat()},
        "runs": runs,
    }
