"""What people read of a dataset: its labels and how they are balanced, its splits, its warnings, what it will take."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from trieur.cli.estimate import Estimate
from trieur.dataset import Dataset
from trieur.splits import Splits

_LABELS_SHOWN: Final = 50
_SENTENCES_SHOWN: Final = 20
# A narrower terminal has room for the labels only; the sizes of the splits then stand in a line of their own.
_SPLIT_COLUMNS_WIDTH: Final = 60
# From so many examples of the most frequent label for each of the rarest on, training tends to forget the rarest.
_UNBALANCED: Final = 10
_EVEN: Final = 1.1


@dataclass(frozen=True)
class Balance:
    """How evenly the labels are spread: the most frequent and the rarest, and how many examples each has; `one_each`
    says that an example has one label only."""

    most: str
    most_examples: int
    least: str
    least_examples: int
    examples: int
    one_each: bool

    @classmethod
    def of(cls, dataset: Dataset) -> "Balance":
        by_count = labels_by_count(dataset)
        (most, most_examples), (least, least_examples) = by_count[0], by_count[-1]
        return cls(most, most_examples, least, least_examples, len(dataset.texts), dataset.mode == "multi-class")

    @property
    def majority_share(self) -> float:
        """Of all examples, those with the most frequent label."""
        return self.most_examples / self.examples

    @property
    def ratio(self) -> float:
        return self.most_examples / self.least_examples

    def sentences(self) -> list[str]:
        if self.ratio < _EVEN:
            said = [f"The labels are even: the most frequent one has {self.majority_share:.0%} of the examples."]
        else:
            said = [
                f"{self.most!r} has {self.majority_share:.0%} of the examples, {self.ratio:.1f} times as many as"
                f" {self.least!r}."
            ]
        if self.one_each:
            said[0] += f" Always answering it would get {self.majority_share:.0%} right: what a model has to beat."
        if self.ratio >= _UNBALANCED:
            said.append(
                "That is uneven: collect more of the rare labels, or set hyperparameters.class_weights=balanced, and"
                " judge by macro-F1."
            )
        return said

    def as_json(self) -> dict[str, Any]:
        return {
            "most_frequent": self.most,
            "least_frequent": self.least,
            "majority_share": round(self.majority_share, 4),
            "ratio": round(self.ratio, 2),
        }


def labels_by_count(dataset: Dataset) -> list[tuple[str, int]]:
    """The labels with their numbers of examples, most frequent first."""
    return sorted(dataset.label_counts.items(), key=lambda item: (-item[1], item[0]))


def label_counts(dataset: Dataset, splits: Splits) -> dict[str, Counter[str]]:
    """How many examples of each label there are, by split."""
    return {
        name: Counter(chain.from_iterable(dataset.labels[index] for index in part))
        for name, part in splits.parts().items()
    }


def print_report(
    console: Console, dataset: Dataset, splits: Splits, warnings: list[str], estimates: Sequence[Estimate]
) -> None:
    """All of it."""
    console.print(Text.assemble(("Accepted. ", "bold green"), _summary(dataset)))
    console.print()
    with_splits = console.width >= _SPLIT_COLUMNS_WIDTH
    console.print(_table(dataset, label_counts(dataset, splits) if with_splits else {}, splits))
    sizes = ", ".join(f"{name} {len(part):,}" for name, part in splits.parts().items())
    console.print(Text(f"Splits: {sizes}."))
    hidden = len(dataset.label_counts) - _LABELS_SHOWN
    if hidden > 0:
        console.print(Text(f"... and {hidden:,} less frequent labels; --json names them all.", "dim"))
    _print_list(console, "Balance", Balance.of(dataset).sentences())
    _print_list(console, "Warnings", warnings)
    _print_list(console, "Moved so that no split lacks a label", splits.notes)
    for estimate in estimates:
        _print_list(console, f"Estimate for {estimate.backend}", estimate.sentences)


def _summary(dataset: Dataset) -> str:
    return (
        f"{len(dataset.texts):,} examples of {len(dataset.label_counts):,} labels, {dataset.mode}, read as"
        f" {dataset.format}."
    )


def _table(dataset: Dataset, counts: Mapping[str, Counter[str]], splits: Splits) -> Table:
    """The labels, most frequent first, their share of the examples, and how many there are, also by split."""
    parts = splits.parts()
    table = Table(box=box.SIMPLE_HEAD, show_footer=True, pad_edge=False)
    table.add_column("Label", Text("all"), overflow="fold", ratio=1)
    table.add_column("Examples", f"{len(dataset.texts):,}", justify="right")
    if counts:
        table.add_column("Share", "", justify="right")
    for name in counts:
        table.add_column(name.capitalize(), f"{len(parts[name]):,}", justify="right")
    for label, count in labels_by_count(dataset)[:_LABELS_SHOWN]:
        share = [f"{count / len(dataset.texts):.0%}"] if counts else []
        table.add_row(Text(label), f"{count:,}", *share, *(f"{of[label]:,}" for of in counts.values()))
    return table


def _print_list(console: Console, title: str, sentences: Sequence[str]) -> None:
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
