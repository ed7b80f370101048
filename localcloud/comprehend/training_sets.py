"""What Comprehend asks of a classifier's training and test documents, and the test set it takes where none is given."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

from localcloud.comprehend.examples import BadData, Example

_LEAST_DOCUMENTS = 10
_MOST_LABELS = {"MULTI_CLASS": 1_000, "MULTI_LABEL": 100}
_MOST_DOCUMENTS = 1_000_000
_SHOWN = 10


def check_training(examples: Sequence[Example], mode: str) -> None:
    """Raises BadData when a classifier cannot be trained on these."""
    if len(examples) > _MOST_DOCUMENTS:
        raise BadData(f"The training data has {len(examples)} documents, at most {_MOST_DOCUMENTS} can be trained on.")
    counts = Counter(label for example in examples for label in example.labels)
    if len(counts) < 2:
        raise BadData(f"The training data has {len(counts)} label(s), at least 2 are needed.")
    most = _MOST_LABELS[mode]
    if len(counts) > most:
        raise BadData(f"The training data has {len(counts)} labels, a {mode} classifier has at most {most}.")
    rare = sorted(label for label, count in counts.items() if count < _LEAST_DOCUMENTS)
    if rare:
        listed = [f"{label} ({counts[label]})" for label in rare]
        raise BadData(
            f"Every label needs at least {_LEAST_DOCUMENTS} training documents, these have fewer: {_some(listed)}."
        )


def check_test(training: Sequence[Example], test: Sequence[Example]) -> list[str]:
    """Warnings about a test set that was given. Raises BadData when the classifier cannot be judged on it."""
    if not test:
        raise BadData("The test data has no documents.")
    trained, tested = _labels(training), _labels(test)
    missing = sorted(trained - tested)
    if missing:
        raise BadData(f"Every training label must occur in the test data, these do not: {_some(missing)}.")
    unknown = sorted(tested - trained)
    if unknown:
        return [f"The test data has labels the training data does not have, which count as errors: {_some(unknown)}."]
    return []


def split(examples: Sequence[Example]) -> tuple[list[Example], list[Example], list[str]]:
    """Nine tenths to train on, one tenth to test on, always the same ones; and warnings."""
    shuffled = list(examples)
    random.Random(0).shuffle(shuffled)
    size = max(1, len(shuffled) // 10)
    test, training = shuffled[:size], shuffled[size:]
    lost = sorted(_labels(training) - _labels(test))
    if not lost:
        return training, test, []
    return training, test, [f"The test documents taken from the training data have none of the labels {_some(lost)}."]


def _labels(examples: Sequence[Example]) -> set[str]:
    return {label for example in examples for label in example.labels}


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown} and {len(names) - _SHOWN} more"
