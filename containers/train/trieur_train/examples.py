"""Reads the splits: the train, validation and test channels of the job."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from trieur_train.failure import TrainingFailed
from trieur_train.folders import Folders
from trieur_train.hyperparameters import MULTI_CLASS

SPLIT_NAMES = ("train", "validation", "test")


@dataclass(frozen=True)
class Split:
    """Texts and, for each, its labels (exactly one when the mode is multi-class)."""

    texts: list[str]
    labels: list[tuple[str, ...]]


@dataclass(frozen=True)
class Splits:
    """The three splits of one dataset, and the names of its labels in the order of the model's outputs."""

    train: Split
    validation: Split
    test: Split
    labels: list[str]


def read_splits(folders: Folders, mode: str) -> Splits:
    """Read and check all three channels. Raises TrainingFailed naming the channel, file and line."""
    train, validation, test = (_read_channel(folders.channel(name), name, mode) for name in SPLIT_NAMES)
    labels = sorted({label for labels in train.labels for label in labels})
    if len(labels) < 2:
        found = f"only {labels[0]!r}" if labels else "none"
        raise TrainingFailed(f"The train split needs at least two labels to tell apart and has {found}.")
    known = set(labels)
    for name, split in (("validation", validation), ("test", test)):
        unknown = sorted({label for labels in split.labels for label in labels} - known)
        if unknown:
            raise TrainingFailed(
                f"The {name} split has {len(unknown)} label(s) that no training example carries, such as "
                f"{unknown[0]!r}: nothing could be learnt about them; make the splits again."
            )
    return Splits(train, validation, test, labels)


def target_matrix(split: Split, labels: Sequence[str], mode: str) -> npt.NDArray[np.int64] | npt.NDArray[np.float32]:
    """What the model should answer: label numbers int64 [examples]; for multi-label 0/1 float32 [examples, labels]."""
    number = {label: position for position, label in enumerate(labels)}
    if mode == MULTI_CLASS:
        return np.array([number[label] for (label,) in split.labels], dtype=np.int64)
    matrix = np.zeros((len(split.labels), len(labels)), dtype=np.float32)
    for row, names in enumerate(split.labels):
        matrix[row, [number[name] for name in names]] = 1.0
    return matrix


def _read_channel(folder: Path, channel: str, mode: str) -> Split:
    if not folder.is_dir():
        raise TrainingFailed(f"The channel {channel!r} is missing: the job needs {', '.join(SPLIT_NAMES)}.")
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        raise TrainingFailed(f"The channel {channel!r} holds no .jsonl file.")
    texts: list[str] = []
    labels: list[tuple[str, ...]] = []
    for path in files:
        for text, names in _read_examples(path, f"{channel}/{path.name}", mode):
            texts.append(text)
            labels.append(names)
    if not texts:
        raise TrainingFailed(f"The {channel} split is empty: it needs at least one example.")
    return Split(texts, labels)


def _read_examples(path: Path, shown: str, mode: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    try:
                        yield _example(line, mode)
                    except ValueError as error:
                        raise TrainingFailed(f"{shown}, line {number}: {error}.") from error
    except OSError as error:
        raise TrainingFailed(f"{shown} cannot be read: {error.strerror}.") from error


def _example(line: bytes, mode: str) -> tuple[str, tuple[str, ...]]:
    """One example of a JSON line. Raises ValueError with the reason."""
    try:
        row = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 at byte {error.start + 1}") from error
    except (json.JSONDecodeError, RecursionError) as error:
        raise ValueError("not valid JSON") from error
    if not isinstance(row, dict):
        raise ValueError('not an object with "text" and its label')
    text = _name(row, "text", row.get("text"))
    if mode == MULTI_CLASS:
        return text, (_name(row, "label", row.get("label")),)
    names = row.get("labels")
    if not isinstance(names, list):
        raise ValueError(f'"labels" must be a list of strings, since the mode is {mode}')
    return text, tuple(dict.fromkeys(_name(row, "labels", name) for name in names))


def _name(row: dict[str, object], key: str, value: object) -> str:
    if key not in row:
        raise ValueError(f'no "{key}"')
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f'"{key}" must hold text that is not blank')
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError(f'"{key}" has half a character (a lone surrogate) at position {error.start + 1}') from error
    return value
