"""COMPREHEND_CSV: a label, or several joined, and a text in each row; UTF-8, no header, rows ended by a line feed.

A cell is quoted as RFC 4180 has it where that is needed. Texts are flattened to one line.
"""

import csv
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from trieur.backends.base import TrainingRefused
from trieur.backends.comprehend.flattening import flattened
from trieur.dataset import Mode
from trieur.dataset.limits import MAX_LABEL_CHARACTERS, MAX_MULTI_CLASS_LABELS, MAX_MULTI_LABEL_LABELS
from trieur.dataset.wording import code_point, first_listed, quoted

Example = tuple[str, tuple[str, ...]]
"""A text and its labels: one in mode multi-class, one or more in mode multi-label."""

# The characters CreateDocumentClassifier takes for LabelDelimiter (botocore's model of it). Comprehend's own default
# comes first, characters that often stand in names come last.
LABEL_DELIMITERS: Final = "|~^#;\t\\=>$%@!*?:+/_ -"
# 5 GB.
MAX_TRAINING_BYTES: Final = 5 * 10**9


def label_delimiter(labels: Collection[str]) -> str:
    """A character for LabelDelimiter that occurs in no label; raises TrainingRefused when each occurs in some."""
    used = set().union(*labels)
    for delimiter in LABEL_DELIMITERS:
        if delimiter not in used:
            return delimiter
    raise TrainingRefused(
        f"Every character that Comprehend can put between labels ({''.join(LABEL_DELIMITERS.split())}, a blank and a"
        " tab) occurs in a label: take one of them out of all labels."
    )


def require_labels(labels: Collection[str], mode: Mode) -> None:
    """Raises TrainingRefused for labels that Comprehend cannot take."""
    most = MAX_MULTI_CLASS_LABELS if mode == "multi-class" else MAX_MULTI_LABEL_LABELS
    if len(labels) > most:
        raise TrainingRefused(
            f"The dataset has {len(labels):,} labels, and Comprehend takes {most:,} at most in mode {mode}: merge some."
        )
    for label in labels:
        if not label:
            raise TrainingRefused("A label is empty, which Comprehend cannot take: name it.")
        if len(label) > MAX_LABEL_CHARACTERS:
            raise TrainingRefused(
                f"The label {quoted(label)} has {len(label):,} characters, and Comprehend takes"
                f" {MAX_LABEL_CHARACTERS:,} at most: shorten it."
            )
        for at, character in enumerate(label, 1):
            # Comprehend's own pattern is ^\P{C}*$; the separators of lines and paragraphs would break a row.
            category = unicodedata.category(character)
            if category[0] == "C" or category in ("Zl", "Zp"):
                raise TrainingRefused(
                    f"The label {quoted(label)} has {code_point(character)} at character {at:,}, a control, invisible"
                    " or unassigned character, which Comprehend cannot take: remove it."
                )


def require_minimum(trained: Mapping[str, int], minimum: int) -> None:
    """Raises TrainingRefused for labels that have fewer than `minimum` examples to train on, which is what Comprehend
    would say half an hour later."""
    scarce = sorted((label for label in trained if trained[label] < minimum), key=lambda label: (trained[label], label))
    if scarce:
        listed = first_listed((f"{quoted(label)} ({trained[label]:,})" for label in scarce), len(scarce))
        raise TrainingRefused(
            f"Comprehend wants {minimum:,} examples of every label to train on, the train and validation splits, and"
            f" there are fewer of {listed}: add examples. The setting comprehend.minimum_documents is that number."
        )


def require_tested(trained: Collection[str], tested: Collection[str]) -> None:
    """Raises TrainingRefused unless every label of the training has an example in the test, as Comprehend wants it."""
    missing = sorted(set(trained) - set(tested))
    if missing:
        names = first_listed(map(quoted, missing), len(missing))
        raise TrainingRefused(
            f"The test split has no example of {names}, and Comprehend wants one of every label: add examples of it."
        )


def csv_rows(examples: Iterable[Example], delimiter: str = "") -> Iterator[bytes]:
    """A row for each example, with its end; `delimiter` joins the labels of one example."""
    writer = csv.writer(_Returned(), lineterminator="\n")
    for text, labels in examples:
        row: str = writer.writerow((delimiter.join(labels), flattened(text)))
        yield row.encode()


def require_size(pieces: Iterable[bytes], room: int = MAX_TRAINING_BYTES) -> Iterator[bytes]:
    """The pieces, as long as all of them fit into `room` bytes; then raises TrainingRefused."""
    for piece in pieces:
        room -= len(piece)
        if room < 0:
            raise TrainingRefused(
                f"The training data have more than {MAX_TRAINING_BYTES:,} bytes, the most that Comprehend takes: drop"
                " fewer or shorter texts."
            )
        yield piece


class _Returned:
    """A file for csv's writer, whose `writerow` returns what `write` does."""

    def write(self, row: str) -> str:
        return row
