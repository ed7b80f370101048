"""What the dataset of a training is like, and what in it should worry whoever reads the metrics."""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np

from trieur_train.examples import SPLIT_NAMES, Splits

FEW_EXAMPLES = 10
SMALL_TEST = 100
STRONG_IMBALANCE = 10
"""How many times more training examples the commonest label may have than the rarest."""
MOST_NAMES = 20
LONGEST_QUOTE = 200

Facts = dict[str, Any]


def dataset_facts(splits: Splits, token_counts: Sequence[int]) -> dict[str, Any]:
    """The `dataset` of metrics.json; `token_counts` are the lengths in tokens of all training texts before cutting.

    Each warning is a `code` and its numbers; lists of labels name at most MOST_NAMES of `count`. Two texts are the same
    when they differ only by case, blanks and Unicode's normal form.
    """
    counts = {
        name: Counter(label for labels in getattr(splits, name).labels for label in labels) for name in SPLIT_NAMES
    }
    texts = {name: [_normalised(text) for text in getattr(splits, name).texts] for name in SPLIT_NAMES}
    return {
        "examples": {name: len(texts[name]) for name in SPLIT_NAMES},
        "labels": {label: {name: counts[name][label] for name in SPLIT_NAMES} for label in splits.labels},
        "tokens": {
            "median": int(np.median(token_counts)),
            "p95": int(np.percentile(token_counts, 95)),
            "longest": int(max(token_counts)),
        },
        "warnings": [
            *_few_examples(splits.labels, counts["train"]),
            *_imbalance(splits.labels, counts["train"]),
            *_small_test(len(texts["test"])),
            *_absent_labels(splits.labels, counts),
            *_shared_texts(texts),
            *_contradictions(splits, texts),
            *_repeated_texts(texts["train"]),
        ],
    }


def _normalised(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _few_examples(labels: Sequence[str], train: Counter[str]) -> list[Facts]:
    few = sorted((label for label in labels if train[label] < FEW_EXAMPLES), key=lambda label: (train[label], label))
    if not few:
        return []
    return [{"code": "few_examples", "below": FEW_EXAMPLES, "count": len(few), "labels": few[:MOST_NAMES]}]


def _imbalance(labels: Sequence[str], train: Counter[str]) -> list[Facts]:
    most, least = (choose(labels, key=lambda label: train[label]) for choose in (max, min))
    if train[most] < STRONG_IMBALANCE * train[least]:
        return []
    return [
        {
            "code": "imbalance",
            "most": most,
            "most_examples": train[most],
            "least": least,
            "least_examples": train[least],
        }
    ]


def _small_test(examples: int) -> list[Facts]:
    return [{"code": "small_test", "examples": examples, "below": SMALL_TEST}] if examples < SMALL_TEST else []


def _absent_labels(labels: Sequence[str], counts: dict[str, Counter[str]]) -> list[Facts]:
    warnings = []
    for split in ("validation", "test"):
        absent = [label for label in labels if not counts[split][label]]
        if absent:
            warnings.append(
                {"code": "absent_label", "split": split, "count": len(absent), "labels": absent[:MOST_NAMES]}
            )
    return warnings


def _shared_texts(texts: dict[str, list[str]]) -> list[Facts]:
    return [
        {"code": "text_in_two_splits", "splits": [one, other], "count": shared}
        for one, other in combinations(SPLIT_NAMES, 2)
        if (shared := len(set(texts[one]) & set(texts[other])))
    ]


def _contradictions(splits: Splits, texts: dict[str, list[str]]) -> list[Facts]:
    answers: dict[str, set[frozenset[str]]] = defaultdict(set)
    for name in SPLIT_NAMES:
        for text, labels in zip(texts[name], getattr(splits, name).labels, strict=True):
            answers[text].add(frozenset(labels))
    contradictory = [text for text, found in answers.items() if len(found) > 1]
    if not contradictory:
        return []
    return [{"code": "contradictory_text", "count": len(contradictory), "text": contradictory[0][:LONGEST_QUOTE]}]


def _repeated_texts(train: Sequence[str]) -> list[Facts]:
    repeated = len(train) - len(set(train))
    return [{"code": "repeated_text", "count": repeated, "of": len(train)}] if repeated else []
