"""What every command prints with: to people in sentences and tables, to scripts as one JSON object."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import Any, Final, ParamSpec

import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from trieur.account import AccountError, explained
from trieur.settings import SettingsRefused

DONE: Final = 0
NEGATIVE: Final = 1
WRONG_USAGE: Final = 2
INTERRUPTED: Final = 130

_NARROWEST: Final = 20

Arguments = ParamSpec("Arguments")


class Failed(Exception):
    """A command's negative answer: one sentence for people."""

    exit_code = NEGATIVE


class Paper(Console):
    """Rich's console, without its guesses at what is a number or a path."""

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(highlight=False, stderr=stderr)
        # Rich prints nothing at all on a terminal that says it has no columns.
        self.width = max(self.width, _NARROWEST)

    def on_broken_pipe(self) -> None:
        # Rich would end the program, with the exit status of a refusal.
        raise BrokenPipeError


@contextmanager
def printing() -> Iterator[None]:
    """Whoever reads what is printed may have had enough before its end, which changes no verdict."""
    try:
        yield
    except OSError as error:
        # Python tries once more, at its end, to write what is left.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            typer.echo(f"The answer cannot be written: {error.strerror or error}.", err=True)
            raise typer.Exit(WRONG_USAGE) from error


@printing()
def print_json(document: Mapping[str, Any]) -> None:
    """One object on one line, in ASCII: whatever encoding the output has, it stays JSON."""
    typer.echo(json.dumps(document))


def fails_in_a_sentence(command: Callable[Arguments, None]) -> Callable[Arguments, None]:
    """Has the command end with one sentence on stderr and its exit status where it raises one of our own errors, or
    botocore's: with --json also with `{"error": ...}` on stdout."""

    @wraps(command)
    def run(*arguments: Arguments.args, **options: Arguments.kwargs) -> None:
        try:
            command(*arguments, **options)
        except (AccountError, Failed, SettingsRefused, BotoCoreError, ClientError) as error:
            known = explained(error) if isinstance(error, BotoCoreError | ClientError) else error
            if options.get("as_json"):
                print_json({"error": str(known)})
            typer.echo(str(known), err=True)
            raise typer.Exit(getattr(known, "exit_code", NEGATIVE)) from error
        except KeyboardInterrupt:
            typer.echo("Stopped.", err=True)
            raise typer.Exit(INTERRUPTED) from None

    return run
