"""Reading a run's splits back from the artifacts bucket, an example at a time."""

import json
from collections.abc import Iterator, Sequence

from trieur.backends.comprehend.documents import Example
from trieur.objects import ObjectStore
from trieur.runs import Run
from trieur.splits import SplitName

# Comprehend has no use for a validation split: it learns from both.
TRAINED_ON: Sequence[SplitName] = ("train", "validation")
TESTED_ON: Sequence[SplitName] = ("test",)


def examples(artifacts: ObjectStore, run: Run, splits: Sequence[SplitName]) -> Iterator[Example]:
    """The examples of these splits of the run, in their order; `trieur.splits.to_jsonl` wrote them."""
    for name in splits:
        for line in artifacts.lines(run.splits[name].key):
            row = json.loads(line)
            labels = row["labels"] if run.dataset.mode == "multi-label" else [row["label"]]
            yield row["text"], tuple(labels)
