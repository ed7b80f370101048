"""Composes the commands; each lives in a module of its own."""

import sys
from io import TextIOWrapper

import typer

from trieur.cli.check import check
from trieur.cli.start import start

app = typer.Typer(
    name="trieur",
    no_args_is_help=True,
    add_completion=False,
)


@app.callback()
def prepare() -> None:
    """A labelled dataset becomes a live text-classification endpoint."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a letter shows its code rather than ending the command.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


app.command()(check)
app.command()(start)
