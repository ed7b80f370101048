"""A dataset's file on this machine: read, and judged as the pipeline would."""

from pathlib import Path
from typing import Annotated

import typer

from trieur.cli.files import read_file
from trieur.cli.output import Failed
from trieur.dataset import DatasetRefused, read_dataset
from trieur.dataset.model import AskedMode
from trieur.drops import DATASET_NAMES, is_dataset_name

DatasetFile = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help="The dataset: JSON, JSON Lines, CSV, or an export of doccano, Label Studio, Prodigy, Rasa or SageMaker"
        " Ground Truth; gzipped or not. Its content decides, not its name.",
        show_default=False,
    ),
]


def require_accepted(file: Path, *, mode: AskedMode, minimum_examples: int) -> bytes:
    """What is in it. Raises WrongUsage where it cannot be read, Failed where the pipeline would refuse it."""
    data = read_file(file)
    if not is_dataset_name(file.name):
        raise Failed(f"Refused: {file.name!r} is not named as a dataset, which has {DATASET_NAMES}: rename it.")
    try:
        read_dataset(data, file.name, mode=mode, minimum_examples=minimum_examples)
    except DatasetRefused as refusal:
        raise Failed(f"Refused, and not uploaded. {refusal.sentence}") from refusal
    return data
