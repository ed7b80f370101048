"""What each backend says of the test examples: asked now, or as the run recorded it."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from trieur.client import Prediction, TextRefused
from trieur.dataset import Mode
from trieur.objects import ObjectStore
from trieur.predictions import from_json, predicted_labels
from trieur.runs import Run

Labels = tuple[str, ...]
Source = Literal["endpoint", "recorded"]
Ask = Callable[[Iterable[str]], Iterable[Prediction | TextRefused]]
"""Asks an endpoint: one answer a text, in their order, such as `trieur.client.Classifier.stream`."""

# Asked at most; one unit of Comprehend takes about ten minutes for so many.
MOST_EXAMPLES: Final = 1_000


@dataclass(frozen=True)
class Example:
    text: str
    labels: Labels


@dataclass(frozen=True)
class Answers:
    """Predicted labels, one tuple an example; `refused` texts have none and count as wrong."""

    source: Source
    labels: tuple[Labels, ...]
    refused: int = 0


def split_examples(artifacts: ObjectStore, run: Run, most: int = MOST_EXAMPLES) -> tuple[Example, ...]:
    """The examples of the run's test split in their order; where there are more than `most`, so many, spread evenly
    over it."""
    rows = [json.loads(line) for line in artifacts.lines(run.splits["test"].key)]
    several = run.dataset.mode == "multi-label"
    kept = min(most, len(rows))
    chosen = [rows[place * len(rows) // kept] for place in range(kept)]
    return tuple(Example(row["text"], tuple(row["labels"]) if several else (row["label"],)) for row in chosen)


def asked(ask: Ask, examples: Sequence[Example], mode: Mode, progress: Callable[[int], None]) -> Answers:
    """What the endpoint answers now; `progress` is told how many answers there are. Raises ClassifierError."""
    found: list[Labels] = []
    refused = 0
    for answer in ask([example.text for example in examples]):
        if isinstance(answer, TextRefused):
            refused += 1
            found.append(())
        else:
            found.append(predicted_labels(answer.classes, mode))
        progress(len(found))
    return Answers("endpoint", tuple(found), refused)


def recorded(artifacts: ObjectStore, run: Run, examples: Sequence[Example]) -> Answers | None:
    """What was written down of the same examples when the run was judged; None where that is not all of them."""
    if len(examples) != run.splits["test"].examples:
        return None
    labels = _of_comprehend(artifacts, run) if run.backend == "comprehend" else _of_camembert(artifacts, run, examples)
    return None if labels is None else Answers("recorded", labels)


def _of_comprehend(artifacts: ObjectStore, run: Run) -> tuple[Labels, ...] | None:
    """The evaluation through the endpoint, whose answers are kept by the example's place."""
    lines = artifacts.find_object(f"{run.reference.prefix}evaluation/predictions.jsonl")
    rows = [json.loads(line) for line in (lines or b"").splitlines()]
    if len(rows) != run.splits["test"].examples:
        return None
    mode: Mode = "multi-label" if run.dataset.mode == "multi-label" else "multi-class"
    return tuple(
        predicted_labels(from_json(row["prediction"]), mode) for row in sorted(rows, key=lambda row: row["index"])
    )


def _of_camembert(artifacts: ObjectStore, run: Run, examples: Sequence[Example]) -> tuple[Labels, ...] | None:
    """The training container writes its errors down; of all else it is right."""
    lines = artifacts.find_object(f"{run.reference.prefix}report/errors.jsonl")
    if lines is None or run.metrics is None:
        return None
    errors = {row["text"]: tuple(row["predicted"]) for row in map(json.loads, _lines(lines))}
    test = run.metrics["test"]
    wrong = test["examples"] - round(test["accuracy"] * test["examples"])
    found = tuple(errors.get(example.text, example.labels) for example in examples)
    # Where there were more errors than it writes down, or texts occur twice, that would be guessing.
    if sum(set(said) != set(e.labels) for said, e in zip(found, examples, strict=True)) != wrong:
        return None
    return found


def _lines(body: bytes) -> Iterator[bytes]:
    # No other character ends a line: texts may hold U+2028.
    return (line for line in body.split(b"\n") if line)
