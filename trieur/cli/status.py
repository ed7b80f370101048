"""`trieur status`: what answers now, and what is on its way."""

from collections.abc import Sequence
from typing import Annotated, Final

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from trieur.account import Alarm, ClassifierSummary, Endpoint
from trieur.cli.options import DEFAULT_STACK, AsJson, Local, Region, Stack, connect, require_classifier_name
from trieur.cli.output import Paper, fails_in_a_sentence, print_json, printing
from trieur.cli.progress import status_text
from trieur.cli.runs import score, when

_RUNS_SHOWN: Final = 5
# Narrower, each classifier takes a line instead of a row.
_TABLE_WIDTH: Final = 60


@fails_in_a_sentence
def status(
    classifier: Annotated[
        str | None, typer.Argument(metavar="[CLASSIFIER]", help="Only this one, in full; by default all, in short.")
    ] = None,
    local: Local = False,
    stack: Stack = DEFAULT_STACK,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Say which endpoints answer, with which run's model, what the latest runs came to, and which alarms ring.

    With --json, the object has the keys classifiers and alarms (name, description). A classifier has classifier, live
    (the run that answers) and latest (as `trieur runs` prints a run, or null), runs (how many) and endpoints: backend,
    name, arn, status (AWS's word), kind, run_id (the run that answers, or null) and reason.

    The exit status is 0 if there is an answer, 1 if there is no such classifier, 2 for wrong usage, or where AWS cannot
    be asked.

    Examples:

        trieur status
        trieur status questions --local
    """
    if classifier is not None:
        require_classifier_name(classifier)
    account = connect(local, stack, region)
    summaries = account.classifiers() if classifier is None else [account.classifier(classifier)]
    alarms = account.alarms()
    if as_json:
        document = {
            "classifiers": [summary.as_json() for summary in summaries],
            "alarms": [{"name": alarm.name, "description": alarm.description} for alarm in alarms],
        }
        print_json(document)
        return
    with printing():
        paper = Paper()
        if classifier is None:
            _print_all(paper, summaries)
        else:
            _print_one(paper, summaries[0])
        _print_alarms(paper, alarms)


def _print_all(paper: Paper, summaries: Sequence[ClassifierSummary]) -> None:
    if not summaries:
        paper.print("No dataset has been dropped yet: `trieur train CLASSIFIER FILE` drops one.", soft_wrap=True)
        return
    if paper.width < _TABLE_WIDTH:
        for summary in summaries:
            _print_line(paper, summary)
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("Classifier", "Answers with", "Accuracy", "Latest run"):
        table.add_column(name, overflow="fold")
    for summary in summaries:
        live = summary.live
        table.add_row(summary.name, _answering(summary), score(live.accuracy) if live else "", _latest(summary))
    paper.print(table)


def _print_line(paper: Paper, summary: ClassifierSummary) -> None:
    paper.print(Text.assemble(summary.name, " ", _answering(summary), " ", _latest(summary)))


def _answering(summary: ClassifierSummary) -> Text:
    backends = ", ".join(endpoint.backend for endpoint in summary.endpoints if endpoint.answers)
    return Text(backends, "green") if backends else Text("nothing", "yellow")


def _latest(summary: ClassifierSummary) -> Text:
    run = summary.latest
    return Text.assemble(status_text(run.status), f" {when(run)}") if run else Text()


def _print_one(paper: Paper, summary: ClassifierSummary) -> None:
    if not summary.endpoints:
        paper.print(Text.assemble((summary.name, "bold"), " has no endpoint."))
    for endpoint in summary.endpoints:
        _print_endpoint(paper, summary, endpoint)
    if summary.runs:
        paper.print()
        paper.print(Text("Latest runs", "bold"))
    for run in summary.runs[:_RUNS_SHOWN]:
        paper.print(
            Text.assemble(f"  {when(run)} {run.run_id} ", status_text(run.status), f" {run.backend or ''}"),
            soft_wrap=True,
        )
        paper.print(Text(f"    {run.message}", "dim"), soft_wrap=True)


def _print_endpoint(paper: Paper, summary: ClassifierSummary, endpoint: Endpoint) -> None:
    style = "bold green" if endpoint.answers else "bold yellow"
    paper.print(
        Text.assemble((endpoint.name, "bold"), f" on {endpoint.backend} ({endpoint.kind}): ", (endpoint.status, style)),
        soft_wrap=True,
    )
    run = summary.run_behind(endpoint)
    if run is not None:
        known = f", accuracy {score(run.accuracy)} on the test split" if run.accuracy is not None else ""
        paper.print(Text(f"  answers with run {run.run_id} of {when(run)}{known}"), soft_wrap=True)
    if endpoint.reason:
        paper.print(Text(f"  {endpoint.reason}"), soft_wrap=True)


def _print_alarms(paper: Paper, alarms: Sequence[Alarm]) -> None:
    if not alarms:
        return
    paper.print()
    paper.print(Text("Alarms that ring", "bold red"))
    for alarm in alarms:
        paper.print(Text(f"  {alarm.name}: {alarm.description}"), soft_wrap=True)
