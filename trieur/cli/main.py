"""Composes the commands; each lives in a module of its own."""

import sys
from importlib import metadata
from io import TextIOWrapper
from typing import Annotated

import typer

from trieur.cli.batch import batch
from trieur.cli.bench import bench
from trieur.cli.check import check
from trieur.cli.compare import compare
from trieur.cli.console import console
from trieur.cli.cost import cost
from trieur.cli.local import local
from trieur.cli.predict import predict
from trieur.cli.report import report
from trieur.cli.runs import runs
from trieur.cli.settings import settings
from trieur.cli.start import start
from trieur.cli.status import status
from trieur.cli.train import train

app = typer.Typer(
    name="trieur",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)


def _say_version(asked: bool) -> None:
    if asked:
        typer.echo(metadata.version("trieur"))
        raise typer.Exit


@app.callback()
def prepare(
    _version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """A labelled dataset becomes a live text-classification endpoint.

    Commands about what is deployed speak to AWS with your credentials (those of the aws command), or with --local to
    the local AWS. Every command has --json for scripts: one object on one line of standard output (predict: one for
    each text), whose keys its --help names; where something goes wrong, that object has the key error, and the sentence
    also goes to standard error. What cannot be parsed (an unknown command or option, a missing or impossible value) is
    said on standard error only.

    Exit statuses of every command:

    - 0: done
    - 1: a negative answer, such as a refused dataset, a failed run, no such classifier
    - 2: wrong usage, or AWS cannot be asked: credentials, region, network
    - 130: ended by Ctrl-C
    """
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a letter shows its code rather than ending the command.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


TRAIN = "Train"
LOOK = "Look"
ASK = "Ask"
WEIGH = "Weigh"
AROUND = "Around it"

app.command(rich_help_panel=TRAIN)(check)
app.command(rich_help_panel=TRAIN)(train)
app.command(rich_help_panel=TRAIN)(settings)
app.command(rich_help_panel=LOOK)(runs)
app.command(rich_help_panel=LOOK)(status)
app.command(rich_help_panel=LOOK)(report)
app.command(rich_help_panel=LOOK)(console)
app.command(rich_help_panel=ASK)(predict)
app.command(rich_help_panel=ASK)(batch)
app.command(rich_help_panel=WEIGH)(bench)
app.command(rich_help_panel=WEIGH)(cost)
app.command(rich_help_panel=WEIGH)(compare)
app.command(rich_help_panel=AROUND)(start)
app.add_typer(local, rich_help_panel=AROUND)
