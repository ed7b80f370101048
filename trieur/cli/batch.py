"""`trieur batch`: classify a file of texts in bulk, without an endpoint."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from trieur.account import Account
from trieur.cli.files import read_file
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
from trieur.cli.output import NEGATIVE, Failed, Paper, fails_in_a_sentence, print_json
from trieur.dataset.wording import counted

if TYPE_CHECKING:
    from trieur.client.bulk import BatchProgress, DroppedTexts
    from trieur.settings import Backend

_SECONDS_BETWEEN_LOOKS: Final = 2.0


@fails_in_a_sentence
def batch(
    classifier: Classifier,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help='The texts: .txt with one a line, or .jsonl with {"text": ...} or a JSON string a line; each'
            " optionally with .gz.",
            show_default=False,
        ),
    ],
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Follow it until every backend has ended.")] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="PATH",
            help="Follow it and bring the predictions here: a file or, for classifiers of both backends, a folder.",
            show_default=False,
        ),
    ] = None,
    local: Local = False,
    stack: Stack = DEFAULT_STACK,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Have CLASSIFIER classify all texts of FILE in bulk, without an endpoint.

    FILE is read as the pipeline will read it, then dropped into the inbox at batch/CLASSIFIER/. A SageMaker batch
    transform, or an asynchronous job of Comprehend's, or both, as the classifier's settings say, classify it with the
    model that passed its gate. The predictions come to lie beside it: a line for each line of FILE, in its order,
    [] for a blank one. A job takes some minutes to start; `trieur predict --file` asks the endpoint instead, at once.

    With --json: classifier, dropped (an S3 URI), version, lines, texts and, where it was followed, backends, each with
    backend, stage, message, batch_id, predictions (an S3 URI) and output (a path).

    The exit status is 0 if it was dropped and, where it was followed, classified; 1 if the file was refused or a job
    failed, 2 for wrong usage or if AWS cannot be asked. Ctrl-C ends the following, not the jobs.

    Examples:

        trieur batch questions november.txt
        trieur batch questions november.jsonl.gz --output november.predictions.jsonl
    """
    from trieur.batch_texts import TextsRefused
    from trieur.client.bulk import drop_texts
    from trieur.drops import DropRefused

    require_classifier_name(classifier)
    data = read_file(file)
    account = connect(local, stack, region)
    account.classifier(classifier)
    backends = account.settings(classifier).backends
    if output is not None and len(backends) > 1 and not output.is_dir():
        raise WrongUsage(f"{classifier} is classified by {' and '.join(backends)}: give --output a folder that exists.")
    try:
        with account.asking():
            dropped = drop_texts(account.clients.s3, account.inbox, classifier, file.name, data)
    except (TextsRefused, DropRefused) as refusal:
        raise Failed(str(refusal)) from refusal
    say = Paper(stderr=as_json).print
    say(f"Dropped {counted(dropped.texts, 'text')} at {dropped.uri}.", soft_wrap=True, markup=False)
    ended: list[BatchProgress] = []
    if watch or output is not None:
        with _waiting() as sleep:
            ended = _follow(account, dropped, backends, say, sleep)
    files = {one.backend: _bring(account, one, file, output) for one in ended if one.batch and output is not None}
    for backend, path in files.items():
        say(f"Predictions of {backend}: {path}", soft_wrap=True, markup=False)
    if as_json:
        print_json(_document(dropped, ended, files))
    elif not ended:
        say(f"Its predictions will lie beside it: {_answers(dropped, backends)}", soft_wrap=True, markup=False)
    if any(one.stage != "COMPLETED" for one in ended):
        raise typer.Exit(NEGATIVE)


@contextmanager
def _waiting() -> "Iterator[Callable[[float], None]]":
    """How to wait for jobs: on a terminal with something that moves."""
    paper = Paper(stderr=True)
    if not paper.is_terminal:
        yield time.sleep
        return
    with paper.status("Following; Ctrl-C ends this, not the jobs."):
        yield time.sleep


def _follow(
    account: Account,
    dropped: "DroppedTexts",
    backends: "tuple[Backend, ...]",
    say: Callable[..., None],
    sleep: Callable[[float], None],
) -> "list[BatchProgress]":
    """What every backend came to; says what changes meanwhile."""
    from trieur.client.bulk import progress_of

    told: dict[str, str] = {}
    while True:
        with account.asking():
            found = progress_of(account.clients.s3, account.artifacts, dropped, backends)
        for one in found:
            if told.get(one.backend) != one.message:
                told[one.backend] = one.message
                say(f"{one.backend}: {one.stage}. {one.message}", soft_wrap=True, markup=False)
        if all(one.stage.is_final for one in found):
            return found
        sleep(_SECONDS_BETWEEN_LOOKS)


def _bring(account: Account, one: "BatchProgress", file: Path, output: Path | None) -> Path | None:
    """Where the predictions were put; None where there are none."""
    from trieur.client.bulk import prediction_pieces

    if one.batch is None or one.batch.predictions is None or output is None:
        return None
    path = output / f"{file.name}.{one.backend}.predictions.jsonl" if output.is_dir() else output
    try:
        with account.asking(), path.open("wb") as written:
            for piece in prediction_pieces(account.clients.s3, one.batch):
                written.write(piece)
    except OSError as error:
        raise WrongUsage(
            f"{str(path)!r} cannot be written: {error.strerror or error}. The predictions are at"
            f" {one.batch.predictions}."
        ) from error
    return path


def _answers(dropped: "DroppedTexts", backends: "tuple[Backend, ...]") -> str:
    from trieur.batch_drops import predictions_key

    return ", ".join(f"s3://{dropped.drop.bucket}/{predictions_key(dropped.drop.key, one)}" for one in backends)


def _document(
    dropped: "DroppedTexts", ended: "list[BatchProgress]", files: "dict[Backend, Path | None]"
) -> dict[str, Any]:
    return {
        "classifier": dropped.classifier,
        "dropped": dropped.uri,
        "version": dropped.drop.version,
        "lines": dropped.lines,
        "texts": dropped.texts,
        "backends": [
            {
                "backend": one.backend,
                "stage": str(one.stage),
                "message": one.message,
                "batch_id": one.batch.batch_id if one.batch else None,
                "predictions": one.batch.predictions if one.batch else None,
                "output": str(path) if (path := files.get(one.backend)) else None,
            }
            for one in ended
        ],
    }
