"""`trieur check`: what the pipeline would say of a dataset, without AWS."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from trieur.cli.dataset_file import DatasetFile
from trieur.cli.dataset_report import Balance, label_counts, print_report
from trieur.cli.estimate import estimates
from trieur.cli.files import read_file
from trieur.cli.options import AsJson, WrongUsage
from trieur.cli.output import NEGATIVE, WRONG_USAGE, Paper, print_json, printing
from trieur.dataset import Dataset, DatasetRefused, read_dataset
from trieur.dataset.limits import DEFAULT_MINIMUM_EXAMPLES
from trieur.drops import DATASET_NAMES, is_dataset_name
from trieur.splits import make_splits

# What is only known of a dataset that is accepted.
FACTS: Final = ("mode", "format", "balance", "splits", "notes", "estimates")


class ModeChoice(StrEnum):
    """`AskedMode` as typer wants it."""

    auto = "auto"
    multi_class = "multi-class"
    multi_label = "multi-label"


def check(
    file: DatasetFile,
    as_json: AsJson = False,
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

    It needs no AWS: the same code runs when the file is dropped into the inbox bucket. It shows how the labels are
    balanced, the splits as they will be made, and about what training and serving will take, under default settings and
    at the prices of trieur/costs. What Comprehend asks for besides is not checked: it may still refuse a dataset with
    few examples of a label (docs/backends.md).

    With --json, the object has the keys accepted, examples, labels (name to count), warnings, error, mode, format,
    balance, splits (name to examples and labels), notes and estimates; from mode on they are null where the dataset is
    refused.

    The exit status is 0 if the dataset is accepted, 1 if it is refused, 2 for wrong usage, such as no such file.

    Examples:

        trieur check questions.json
        trieur check labels.csv.gz --mode multi-label --minimum 25
        trieur check export.jsonl --json
    """
    try:
        data = read_file(file)
    except WrongUsage as error:
        typer.echo(str(error), err=True)
        if as_json:
            print_json(_document(None, [], str(error)))
        raise typer.Exit(WRONG_USAGE) from error
    try:
        dataset = read_dataset(data, file.name, mode=mode.value, minimum_examples=minimum)
    except DatasetRefused as refusal:
        if as_json:
            print_json(_document(None, [], refusal.sentence))
        else:
            with printing():
                Paper().print(Text.assemble(("Refused. ", "bold red"), refusal.sentence))
        raise typer.Exit(NEGATIVE) from refusal
    warnings = [*dataset.warnings, *_name_warnings(file)]
    if as_json:
        print_json(_document(dataset, warnings, None))
    else:
        with printing():
            print_report(Paper(), dataset, make_splits(dataset), warnings, estimates(dataset))


def _name_warnings(file: Path) -> list[str]:
    if is_dataset_name(file.name) or file.is_relative_to("/dev"):
        return []
    return [f"{file.name!r} is not named as a dataset and would be refused when dropped: use {DATASET_NAMES}."]


def _document(dataset: Dataset | None, warnings: list[str], error: str | None) -> dict[str, Any]:
    return {
        "accepted": dataset is not None,
        "examples": len(dataset.texts) if dataset else 0,
        "labels": dataset.label_counts if dataset else {},
        "warnings": warnings,
        "error": error,
        **(_facts(dataset) if dataset else dict.fromkeys(FACTS)),
    }


def _facts(dataset: Dataset) -> dict[str, Any]:
    splits = make_splits(dataset)
    counts = label_counts(dataset, splits)
    return {
        "mode": dataset.mode,
        "format": dataset.format,
        "balance": Balance.of(dataset).as_json(),
        "splits": {
            name: {"examples": len(part), "labels": dict(sorted(counts[name].items()))}
            for name, part in splits.parts().items()
        },
        "notes": splits.notes,
        "estimates": [estimate.as_json() for estimate in estimates(dataset)],
    }
