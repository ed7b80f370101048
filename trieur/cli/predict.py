"""`trieur predict`: what a classifier's live endpoint makes of texts."""

import gzip
import json
import sys
import zlib
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.bar import Bar
from rich.table import Table
from rich.text import Text

from trieur.cli.asking import LiveClassifier, WhichBackend, asking, live_classifier
from trieur.cli.counting import counting
from trieur.cli.options import (
    DEFAULT_STACK,
    Classifier,
    Local,
    Region,
    Stack,
    WrongUsage,
    connect,
    require_classifier_name,
)
from trieur.cli.output import NEGATIVE, Paper, fails_in_a_sentence, printing
from trieur.cli.text_lines import Line, TextsUnreadable, kind_of, opened, read_lines
from trieur.dataset.wording import counted, sentence

if TYPE_CHECKING:
    from trieur.client import Prediction

_STDIN: Final = "-"
_CONNECTIONS: Final = 4
_BAR_COLUMNS: Final = 24
_CLASSES_ON_PAPER: Final = 3


@fails_in_a_sentence
def predict(
    classifier: Classifier,
    texts: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TEXT...]", help="Texts to classify; - reads them from stdin, one a line.", show_default=False
        ),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            "-f",
            metavar="FILE",
            help="A file of texts of any size: .txt with a text a line, .jsonl, or .csv with a header; each optionally"
            " with .gz.",
            show_default=False,
        ),
    ] = None,
    column: Annotated[
        str, typer.Option("--column", metavar="NAME", help="Where FILE has its texts: a .csv's column, a .jsonl's key.")
    ] = "text",
    top_k: Annotated[
        int | None,
        typer.Option(
            "--top-k",
            min=1,
            metavar="N",
            help="Classes shown of each text, most probable first; by default 3 on a terminal, 1 in plain lines, all"
            " with --json.",
            show_default=False,
        ),
    ] = None,
    backend: WhichBackend = None,
    local: Local = False,
    stack: Stack = DEFAULT_STACK,
    region: Region = None,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="Print one JSON object a text instead: line, text, label, probability, labels, is_none_of_these,"
            " classes; or line and error.",
        ),
    ] = False,
) -> None:
    """Ask the live endpoint of CLASSIFIER for the class of each text.

    On a terminal every text is shown with its classes as bars. Elsewhere it is a line: class, tab, probability, tab,
    text, with further classes and probabilities between them under --top-k. Answers come in the order of the texts
    and as they are had, whatever the size of FILE. A probability below the model's threshold means none of these.

    A text that cannot be classified, such as an empty one, is named by its line on stderr, and the others go on.

    The exit status is 0 if every text has its prediction, 1 if one has none or nothing answers, 2 for wrong usage or
    if AWS cannot be asked.

    Examples:

        trieur predict questions "Qui est Marie Curie ?" "Comment ça va ?"
        trieur predict questions --file november.csv --column question --json > answers.jsonl
        tail -n 100 questions.log | trieur predict questions - --backend comprehend
    """
    require_classifier_name(classifier)
    asked = list(texts or ())
    if bool(asked) == (file is not None) or (_STDIN in asked and len(asked) > 1):
        raise WrongUsage("Give either texts, or - for those on stdin, or --file.")
    with ExitStack() as stack_of_files:
        lines = _lines(asked, file, column, stack_of_files)
        account = connect(local, stack, region)
        live = live_classifier(account, classifier, backend, connections=_CONNECTIONS)
        at_once = asked == [_STDIN] and sys.stdin.isatty()
        answers = _one_by_one(live, lines) if at_once else _streamed(live, lines)
        several = len(asked) != 1 or asked == [_STDIN]
        failed = _print(answers, top_k=top_k, as_json=as_json, in_lines=several)
    if failed:
        raise typer.Exit(NEGATIVE)


def _lines(asked: list[str], file: Path | None, column: str, files: ExitStack) -> Iterator[Line]:
    if asked == [_STDIN]:
        return read_lines(sys.stdin.buffer, ".txt")
    if file is None:
        return (Line(number, text) for number, text in enumerate(asked, start=1))
    try:
        lines = _read(file, read_lines(files.enter_context(opened(file)), kind_of(file.name), column))
        # Before AWS is asked, for what is no such file, or has no such column.
        first = next(lines, None)
    except TextsUnreadable as error:
        raise WrongUsage(str(error)) from error
    except OSError as error:
        raise _unreadable(file, error) from error
    return _with_first(first, lines)


def _with_first(first: Line | None, rest: Iterator[Line]) -> Iterator[Line]:
    if first is not None:
        yield first
        yield from rest


def _read(file: Path, lines: Iterator[Line]) -> Iterator[Line]:
    """The lines; what goes wrong with the file is not taken for something that is wrong with what is written."""
    try:
        yield from lines
    except (OSError, EOFError, zlib.error) as error:
        raise _unreadable(file, error) from error


def _unreadable(file: Path, error: Exception) -> WrongUsage:
    reason = error.strerror if isinstance(error, OSError) and not isinstance(error, gzip.BadGzipFile) else None
    return WrongUsage(f"{str(file)!r} cannot be read: {reason or sentence(str(error))}".rstrip(".") + ".")


def _one_by_one(live: LiveClassifier, lines: Iterable[Line]) -> "Iterator[tuple[Line, Prediction | str]]":
    """As somebody types them."""
    from trieur.client import TextRefused

    for line in lines:
        try:
            yield line, line.problem or live.classifier.predict(line.text)
        except TextRefused as refusal:
            yield line, refusal.sentence


def _streamed(live: LiveClassifier, lines: Iterable[Line]) -> "Iterator[tuple[Line, Prediction | str]]":
    """Many at a time, in order; what is known to be wrong with a line is said in its place."""
    from trieur.client import TextRefused

    waiting = deque[Line]()

    def good_texts() -> Iterator[str]:
        for line in lines:
            waiting.append(line)
            if line.problem is None:
                yield line.text

    for answer in live.classifier.stream(good_texts()):
        while problem := waiting[0].problem:
            yield waiting.popleft(), problem
        yield waiting.popleft(), answer.sentence if isinstance(answer, TextRefused) else answer
    for line in waiting:
        yield line, line.problem or "It has no answer."


def _print(
    answers: "Iterator[tuple[Line, Prediction | str]]", *, top_k: int | None, as_json: bool, in_lines: bool
) -> int:
    """How many lines have no prediction."""
    paper, done, failed, last = Paper(), 0, 0, 0
    bars = paper.is_terminal and not as_json
    try:
        with asking(), printing(), ExitStack() as stack:
            tell = None if paper.is_terminal else stack.enter_context(counting("Classified", "texts"))
            for line, answer in answers:
                if isinstance(answer, str):
                    failed += 1
                    typer.echo(f"Line {line.number:,}: {answer}" if in_lines else answer, err=True)
                    if as_json:
                        typer.echo(json.dumps({"line": line.number, "error": answer}))
                elif as_json:
                    typer.echo(json.dumps(_document(line, answer, top_k)))
                elif bars:
                    paper.print(_bars(line, answer, top_k or _CLASSES_ON_PAPER))
                else:
                    typer.echo(_plain(line, answer, top_k or 1))
                done, last = done + 1, line.number
                if tell:
                    tell(done)
    except Exception:
        if last:
            typer.echo(f"The answers end at line {last:,}.", err=True)
        raise
    if failed and in_lines:
        typer.echo(f"{counted(failed, 'line')} of {done:,} without a prediction.", err=True)
    return failed


def _document(line: Line, prediction: "Prediction", top_k: int | None) -> dict[str, Any]:
    return {
        "line": line.number,
        "text": line.text,
        "label": prediction.label,
        "probability": prediction.probability,
        "labels": list(prediction.labels),
        "is_none_of_these": prediction.is_none_of_these,
        "classes": prediction.as_json()[:top_k],
    }


def _plain(line: Line, prediction: "Prediction", top_k: int) -> str:
    pairs = (f"{one.name}\t{one.probability:.6f}" for one in prediction.classes[:top_k])
    return "\t".join([*pairs, " ".join(line.text.split())])


def _bars(line: Line, prediction: "Prediction", top_k: int) -> Table:
    said = set(prediction.labels)
    table = Table.grid(padding=(0, 1))
    table.title, table.title_style, table.title_justify = Text(line.text, "bold"), "", "left"
    for one in prediction.classes[:top_k]:
        is_said = one.name in said
        table.add_row(
            Text(f"  {one.name}", "" if is_said else "dim", overflow="fold"),
            Bar(1, 0, one.probability, width=_BAR_COLUMNS, color="green" if is_said else "bright_black"),
            Text(f"{one.probability:.1%}", "" if is_said else "dim"),
        )
    if prediction.is_none_of_these:
        table.caption, table.caption_justify = Text(f"  None of these{_below(prediction)}.", "yellow"), "left"
    return table


def _below(prediction: "Prediction") -> str:
    return (
        "" if prediction.threshold is None else f": nothing reaches the model's threshold, {prediction.threshold:.2f}"
    )
