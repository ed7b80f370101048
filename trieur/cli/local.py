"""`trieur local`: the AWS on this machine, from the command line."""

import os
import subprocess
import sys
import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.text import Text

import trieur
from trieur.account import Account, AccountError
from trieur.account.local import STATE_FOLDER, STATE_VARIABLE, LocalAws
from trieur.cli.options import DEFAULT_STACK, AsJson, Stack
from trieur.cli.output import NEGATIVE, Failed, Paper, fails_in_a_sentence, print_json, printing

_LOG: Final = "up.log"
_UP_SECONDS: Final = 300.0
_PAUSE: Final = 0.3

local = typer.Typer(
    name="local",
    no_args_is_help=True,
    help="AWS on this machine, with the very template that goes to AWS deployed in it: no account, no Docker.",
    epilog="It comes with Trieur's repository. Every command finds it by --local.",
)


class ContainersChoice(StrEnum):
    """What the local AWS runs containers as."""

    process = "process"
    docker = "docker"


@local.command()
@fails_in_a_sentence
def up(
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, metavar="N", help="Of 127.0.0.1; 0 takes a free one.")
    ] = 0,
    containers: Annotated[
        ContainersChoice, typer.Option("--containers", help="Training and serving in plain processes, or the images.")
    ] = ContainersChoice.process,
    stack: Stack = DEFAULT_STACK,
    as_json: AsJson = False,
) -> None:
    """Start the local AWS, deploy the stack, and leave it running.

    It takes some twenty seconds, and some minutes with --containers docker, which builds the images first. What is in
    it is gone once it ends: `trieur local down`.

    With --json, the object has the keys endpoint_url, region, inbox and artifacts.

    The exit status is 0 once it runs, or where it already did; 1 if it could not be started; 2 for wrong usage.

    Examples:

        trieur local up
        trieur local up --port 4566
    """
    repository = _repository()
    if _running(stack) is None:
        _start(repository, ["--port", str(port), "--containers", containers.value], stack, as_json)
    account = Account.connect(local=True, stack=stack)
    where = LocalAws.find()
    if as_json:
        document = {"endpoint_url": where.endpoint_url, "region": where.region}
        print_json({**document, "inbox": account.inbox, "artifacts": account.artifacts})
        return
    with printing():
        paper = Paper()
        told = f"The local AWS answers at {where.endpoint_url}. Datasets go to s3://{account.inbox}."
        paper.print(Text(told), soft_wrap=True)
        paper.print("Add --local to any command, such as:")
        paper.print("\n  trieur train questions examples/chatbot-questions.json --watch --local\n", soft_wrap=True)
        paper.print("`trieur local down` ends it.")


@local.command()
@fails_in_a_sentence
def down(as_json: AsJson = False) -> None:
    """End the local AWS, and with it all that is in it; only its logs are kept.

    With --json, the object has the key message.

    The exit status is 0 if none runs any longer, 1 if it does not end, 2 for wrong usage.

    Examples:

        trieur local down
    """
    ended = subprocess.run(
        _localcloud("down", _repository()), cwd=_repository(), capture_output=True, text=True, check=False
    )
    if ended.returncode != 0:
        raise Failed(_last_line(ended.stderr) or "The local AWS could not be ended.")
    if as_json:
        print_json({"message": ended.stdout.strip()})
    else:
        typer.echo(ended.stdout.strip())


@local.command()
@fails_in_a_sentence
def status(stack: Stack = DEFAULT_STACK, as_json: AsJson = False) -> None:
    """Say whether a local AWS runs, and where it answers.

    With --json, the object has the keys running, endpoint_url and region (null where none runs).

    The exit status is 0 if one runs, 1 if none does, 2 for wrong usage.

    Examples:

        trieur local status
    """
    running = _running(stack)
    if as_json:
        print_json(
            {
                "running": running is not None,
                "endpoint_url": running.endpoint_url if running else None,
                "region": running.region if running else None,
            }
        )
    elif running:
        typer.echo(f"The local AWS answers at {running.endpoint_url} ({running.region}).")
    else:
        typer.echo("No local AWS runs: start one with `trieur local up`.")
    if running is None:
        raise typer.Exit(NEGATIVE)


def _running(stack: str) -> LocalAws | None:
    """The one that runs with the stack deployed, if any."""
    try:
        Account.connect(local=True, stack=stack)
        return LocalAws.find()
    except AccountError:
        return None


def _repository() -> Path:
    """The checkout this package runs from. Raises Failed where it was installed without one."""
    folder = Path(trieur.__file__).resolve().parents[1]
    if not (folder / "localcloud" / "__main__.py").is_file():
        raise Failed(
            "The local AWS comes with Trieur's repository, not with this package: clone it, `make install`, and run"
            " .venv/bin/trieur there."
        )
    return folder


def _state(repository: Path) -> Path:
    return Path(os.environ.get(STATE_VARIABLE) or repository / STATE_FOLDER)


def _localcloud(command: str, repository: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "localcloud", command, "--state", str(_state(repository).absolute()), *arguments]


def _start(repository: Path, arguments: list[str], stack: str, as_json: bool) -> None:
    """Start it in a session of its own, which outlives this command and its terminal. Raises Failed."""
    state = _state(repository)
    state.mkdir(parents=True, exist_ok=True)
    log = state / _LOG
    with log.open("wb") as written:
        process = subprocess.Popen(
            _localcloud("up", repository, *arguments),
            cwd=repository,
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    paper = Paper(stderr=as_json)
    deadline, told = time.monotonic() + _UP_SECONDS, 0
    try:
        with paper.status("Starting the local AWS") if paper.is_terminal else printing():
            while _running(stack) is None:
                told = _tell(paper, log, told)
                if process.poll() is not None:
                    raise Failed(_last_line(log.read_text(errors="replace")) or f"It has ended at once: see {log}.")
                if time.monotonic() > deadline:
                    raise Failed(f"It is not up after {_UP_SECONDS:.0f} s: see {log}.")
                time.sleep(_PAUSE)
            _tell(paper, log, told)
    except BaseException:
        process.terminate()
        raise


def _tell(paper: Paper, log: Path, told: int) -> int:
    """Say which steps are done since the first `told` characters of the log; how many there are now."""
    text = log.read_text(errors="replace")
    whole = text.rfind("\n") + 1
    for line in text[told:whole].splitlines():
        if ": done in" in line:
            paper.print(Text.assemble(("✓ ", "green"), line), soft_wrap=True)
    return max(whole, told)


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""
