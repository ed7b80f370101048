"""Reads the job's hyperparameters, which SageMaker passes as a JSON object of strings."""

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trieur_train.failure import TrainingFailed

MULTI_CLASS = "multi-class"
MULTI_LABEL = "multi-label"


@dataclass(frozen=True)
class Hyperparameters:
    """What may be set on a training job; the defaults are those of the README's table."""

    classifier: str = "classifier"
    run_id: str = ""
    base_model: str = "camembert-base"
    mode: str = MULTI_CLASS
    language: str = "fr"
    epochs: int = 50
    patience: int = 10
    min_delta: float = 0.01
    recipe: str = "auto"
    precision: str = "auto"
    batch_size: int = 8
    gradient_accumulation_steps: int = 1
    """In how many parts a batch is worked through where it does not fit the memory; its size stays `batch_size`."""
    learning_rate: float | None = None
    """None is `auto`: chosen by whether the base model was pretrained."""
    warmup_ratio: float = 0.1
    weight_decay: float = 0.01
    label_smoothing: float = 0.0
    class_weights: str = "none"
    max_length: int = 128
    long_texts: str = "truncate"
    rejection_precision: float = 0.95
    """The precision on the validation split for which the rejection threshold is chosen."""
    checkpoint_seconds: int = 300
    price_per_hour: float | None = None
    """US dollars for one instance; None where the report's own list of prices is to be asked."""
    seed: int = 13


def read_hyperparameters(path: Path) -> Hyperparameters:
    """Read and check the hyperparameters at `path`; a missing file means all defaults.

    Raises TrainingFailed naming the hyperparameter, the value and what was expected.
    """
    if not path.exists():
        return Hyperparameters()
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise TrainingFailed(f"{path.name} is not UTF-8 JSON ({error}): pass an object of strings.") from error
    if not isinstance(given, dict):
        raise TrainingFailed(f"{path.name} holds a {type(given).__name__}: pass an object of strings.")
    return check_hyperparameters(given)


def check_hyperparameters(given: Mapping[str, object]) -> Hyperparameters:
    """Turn `given` (name to string) into Hyperparameters. Raises TrainingFailed as `read_hyperparameters` does."""
    values: dict[str, Any] = {}
    for name, text in given.items():
        if name not in _CHECKS:
            raise TrainingFailed(f"Unknown hyperparameter {name!r}: this container knows {', '.join(sorted(_CHECKS))}.")
        expected, parse = _CHECKS[name]
        value = parse(text.strip()) if isinstance(text, str) else _WRONG
        if value is _WRONG:
            shown = json.dumps(text, ensure_ascii=False)[:80]
            raise TrainingFailed(f"Hyperparameter {name} is {shown}: it must be {expected}, given as a string.")
        values[name] = value
    return Hyperparameters(**values)


_WRONG = object()
Parser = Callable[[str], object]


def _whole(lowest: int, highest: int) -> tuple[str, Parser]:
    def parse(text: str) -> object:
        if not re.fullmatch(r"[0-9]{1,12}", text) or not lowest <= int(text) <= highest:
            return _WRONG
        return int(text)

    return f"a whole number from {lowest} to {highest}", parse


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _between(lowest: float, highest: float) -> tuple[str, Parser]:
    """From `lowest` up to, but not including, `highest`."""

    def parse(text: str) -> object:
        value = _number(text)
        return value if lowest <= value < highest else _WRONG

    upper = "" if highest == math.inf else f" and below {highest:g}"
    return f"a number of at least {lowest:g}{upper}", parse


def _rejection_precision(text: str) -> object:
    value = _number(text)
    return value if 0 < value <= 1 else _WRONG


def _price(text: str) -> object:
    value = _number(text)
    return value if 0 <= value < math.inf else _WRONG


def _learning_rate(text: str) -> object:
    if text == "auto":
        return None
    value = _number(text)
    return value if 0 < value < 1 else _WRONG


def _one_of(*words: str) -> tuple[str, Parser]:
    return f"{', '.join(words[:-1])} or {words[-1]}", lambda text: text if text in words else _WRONG


def _matching(pattern: str) -> Parser:
    return lambda text: text if re.fullmatch(pattern, text) else _WRONG


_CHECKS: dict[str, tuple[str, Parser]] = {
    "classifier": (
        "at most 30 lowercase letters, digits and single hyphens",
        _matching(r"(?=.{1,30}$)[a-z0-9](-?[a-z0-9])*"),
    ),
    "run_id": ("16 lowercase hexadecimal characters", _matching(r"[0-9a-f]{16}")),
    "base_model": ("a directory or a model's name on the hub", _matching(r"\S(.{0,498}\S)?")),
    "mode": _one_of(MULTI_CLASS, MULTI_LABEL),
    "language": ("a language code such as fr", _matching(r"[a-z]{2,3}(-[A-Za-z]{2,4})?")),
    "epochs": _whole(1, 1000),
    "patience": _whole(1, 1000),
    "min_delta": _between(0, math.inf),
    "recipe": _one_of("auto", "full", "fast", "head"),
    "precision": _one_of("auto", "float32", "bfloat16"),
    "batch_size": _whole(1, 1024),
    "gradient_accumulation_steps": _whole(1, 1024),
    "learning_rate": ("auto or a number between 0 and 1", _learning_rate),
    "warmup_ratio": _between(0, 1),
    "weight_decay": _between(0, 1),
    "label_smoothing": _between(0, 1),
    "class_weights": _one_of("none", "balanced"),
    "max_length": _whole(8, 8192),
    "long_texts": _one_of("truncate", "windows"),
    "rejection_precision": ("a number above 0 and at most 1", _rejection_precision),
    "checkpoint_seconds": _whole(0, 86_400),
    "price_per_hour": ("a number of at least 0", _price),
    "seed": _whole(0, 2**32 - 1),
}
