"""What a dataset is once read, and what a refusal is."""

from dataclasses import dataclass
from typing import Literal

Mode = Literal["multi-class", "multi-label"]
AskedMode = Literal["auto", "multi-class", "multi-label"]


class DatasetRefused(Exception):
    """The dataset cannot be used; `str()` and `.sentence` are one sentence for the person who dropped it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Dataset:
    """Labelled examples, fit for training.

    `texts[i]` has the labels `labels[i]`: a tuple of one name in mode multi-class; of one or more names, sorted, in
    mode multi-label. `label_counts` counts the examples kept, by label in the order of the names. `warnings` are
    sentences for people. `sha256` is of the bytes as dropped, in hexadecimal.
    """

    texts: list[str]
    labels: list[tuple[str, ...]]
    mode: Mode
    format: str
    warnings: list[str]
    label_counts: dict[str, int]
    sha256: str
