"""`trieur check`: what the pipeline would say of a dataset, without AWS."""

import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import Annotated, Final

import typer
from rich import box
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from trieur.dataset import Dataset, DatasetRefused, read_dataset
from trieur.dataset.limits import DEFAULT_MINIMUM_EXAMPLES, MAX_FILE_BYTES
from trieur.drops import DATASET_NAMES, is_dataset_name
from trieur.splits import Splits, make_splits

REFUSED: Final = 1
WRONG_USAGE: Final = 2

_LABELS_SHOWN: Final = 50
_SENTENCES_SHOWN: Final = 20
# A narrower terminal has room for the labels only; the sizes of the splits then stand in a line of their own.
_SPLIT_COLUMNS_WIDTH: Final = 60
_NARROWEST: Final = 20


class ModeChoice(StrEnum):
    """`AskedMode` as typer wants it."""

    auto = "auto"
    multi_class = "multi-class"
    multi_label = "multi-label"


def check(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="The dataset: JSON, JSON Lines, CSV, or an export of doccano, Label Studio, Prodigy, Rasa or SageMaker"
            " Ground Truth; gzipped or not. Its content decides, not its name.",
            show_default=False,
        ),
    ],
    as_json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="Print one JSON object instead: accepted, examples, labels (name to count), warnings, error.",
        ),
    ] = False,
    minimum: Annotated[
        int,
        typer.Option(
            "--minimum",
            min=1,
            metavar="N",
            help="Rows that every label must have: the classifier's setting minimum_examples.",
        ),
    ] = DEFAULT_MINIMUM_EXAMPLES,
    mode: Annotated[
        ModeChoice,
        typer.Option(
            "--mode",
            help="The classifier's setting of that name: one label a text, one or more, or as the file shows.",
        ),
    ] = ModeChoice.auto,
) -> None:
    """Say whether FILE would be accepted as a dataset, and what would be made of it.

    The same code runs when the file is dropped into the inbox bucket. What Comprehend asks for besides is not checked:
    it may still refuse a dataset with few examples of a label (docs/backends.md).

    The exit status is 0 if the dataset is accepted, 1 if it is refused, 2 for wrong usage, such as no such file.

    Examples:

    trieur check questions.json

    trieur check labels.csv.gz --mode multi-label --minimum 25

    trieur check export.jsonl --json
    """
    try:
        data = _read(file)
    except OSError as error:
        sentence = f"{str(file)!r} cannot be read: {error.strerror or error}."
        typer.echo(sentence, err=True)
        if as_json:
            _print_json(None, [], sentence)
        raise typer.Exit(WRONG_USAGE) from error
    try:
        dataset = read_dataset(data, file.name, mode=mode.value, minimum_examples=minimum)
    except DatasetRefused as refusal:
        if as_json:
            _print_json(None, [], refusal.sentence)
        else:
            _print_refusal(refusal)
        raise typer.Exit(REFUSED) from refusal
    warnings = [*dataset.warnings, *_name_warnings(file)]
    if as_json:
        _print_json(dataset, warnings, None)
    else:
        _print_report(dataset, warnings)


def _read(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(MAX_FILE_BYTES + 1)


def _name_warnings(file: Path) -> list[str]:
    if is_dataset_name(file.name) or file.is_relative_to("/dev"):
        return []
    return [f"{file.name!r} is not named as a dataset and would be refused when dropped: use {DATASET_NAMES}."]


class _Console(Console):
    def __init__(self) -> None:
        super().__init__(highlight=False)
        # Rich prints nothing at all on a terminal that says it has no columns.
        self.width = max(self.width, _NARROWEST)

    def on_broken_pipe(self) -> None:
        # Rich would end the program, with the exit status of a refusal.
        raise BrokenPipeError


@contextmanager
def _printing() -> Iterator[None]:
    """Whoever reads what is printed may have had enough before its end, which changes no verdict."""
    try:
        yield
    except OSError as error:
        # Python tries once more, at its end, to write what is left.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            typer.echo(f"The answer cannot be written: {error.strerror or error}.", err=True)
            raise typer.Exit(WRONG_USAGE) from error


@_printing()
def _print_json(dataset: Dataset | None, warnings: list[str], error: str | None) -> None:
    document = {
        "accepted": dataset is not None,
        "examples": len(dataset.texts) if dataset else 0,
        "labels": dataset.label_counts if dataset else {},
        "warnings": warnings,
        "error": error,
    }
    typer.echo(json.dumps(document))


@_printing()
def _print_refusal(refusal: DatasetRefused) -> None:
    _Console().print(Text.assemble(("Refused. ", "bold red"), refusal.sentence))


@_printing()
def _print_report(dataset: Dataset, warnings: list[str]) -> None:
    console, splits = _Console(), make_splits(dataset)
    console.print(Text.assemble(("Accepted. ", "bold green"), _summary(dataset)))
    console.print()
    console.print(_table(dataset, splits, with_splits=console.width >= _SPLIT_COLUMNS_WIDTH))
    sizes = ", ".join(f"{name} {len(part):,}" for name, part in splits.parts().items())
    console.print(Text(f"Splits: {sizes}."))
    hidden = len(dataset.label_counts) - _LABELS_SHOWN
    if hidden > 0:
        console.print(Text(f"... and {hidden:,} less frequent labels; --json names them all.", "dim"))
    _print_list(console, "Warnings", warnings)
    _print_list(console, "Moved so that no split lacks a label", splits.notes)


def _summary(dataset: Dataset) -> str:
    return (
        f"{len(dataset.texts):,} examples of {len(dataset.label_counts):,} labels, {dataset.mode}, read as"
        f" {dataset.format}."
    )


def _table(dataset: Dataset, splits: Splits, *, with_splits: bool) -> Table:
    """The labels, most frequent first, and how many examples of each there are, also by split."""
    parts = splits.parts() if with_splits else {}
    counts = {
        name: Counter(chain.from_iterable(dataset.labels[index] for index in part)) for name, part in parts.items()
    }
    table = Table(box=box.SIMPLE_HEAD, show_footer=True, pad_edge=False)
    table.add_column("Label", Text("all"), overflow="fold", ratio=1)
    table.add_column("Examples", f"{len(dataset.texts):,}", justify="right")
    for name, part in parts.items():
        table.add_column(name.capitalize(), f"{len(part):,}", justify="right")
    by_count = sorted(dataset.label_counts.items(), key=lambda item: (-item[1], item[0]))
    for label, count in by_count[:_LABELS_SHOWN]:
        table.add_row(Text(label), f"{count:,}", *(f"{counts[name][label]:,}" for name in parts))
    return table


def _print_list(console: Console, title: str, sentences: list[str]) -> None:
    if not sentences:
        return
    console.print()
    console.print(Text(title, "bold"))
    lines = Table.grid(Column(), Column(overflow="fold"), padding=(0, 1))
    for sentence in sentences[:_SENTENCES_SHOWN]:
        lines.add_row("-", Text(sentence))
    console.print(lines)
    hidden = len(sentences) - _SENTENCES_SHOWN
    if hidden > 0:
        console.print(Text(f"... and {hidden:,} more.", "dim"))
