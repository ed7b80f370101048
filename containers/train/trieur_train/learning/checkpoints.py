"""What an interrupted training needs to go on exactly where it was: saved whole, or not at all."""

import hashlib
import json
import pickle
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import nn

from trieur_train.examples import Splits
from trieur_train.failure import TrainingFailed
from trieur_train.hyperparameters import Hyperparameters

FILE = "training.pt"
# They change nothing of what is learnt.
IRRELEVANT = ("checkpoint_seconds", "price_per_hour", "run_id", "classifier", "language", "rejection_precision")


class Checkpoints:
    """Where the training of `fingerprint` keeps its state, and how often: `seconds` apart."""

    def __init__(self, folder: Path, fingerprint: str, seconds: float) -> None:
        self._path = folder / FILE
        self._fingerprint = fingerprint
        self._seconds = seconds
        self._saved = time.monotonic()

    @property
    def due(self) -> bool:
        """Whether it is time for the next one."""
        return time.monotonic() - self._saved >= self._seconds

    def save(self, state: dict[str, Any]) -> None:
        """Replace the last state by this one (tensors, numbers, strings, lists and dicts of them).

        Raises TrainingFailed where it cannot be written; the last one then stays.
        """
        unfinished = self._path.with_suffix(".unfinished")
        try:
            # torch tells of a full disk in words of its own, as a RuntimeError.
            torch.save(state | {"fingerprint": self._fingerprint}, unfinished)
            unfinished.replace(self._path)
        except (OSError, RuntimeError) as error:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)
            raise TrainingFailed(
                f"The checkpoint cannot be written to {self._path.parent}: its disk is full or the folder is not "
                "writable; give the training job a larger volume (training.volume_gb) or no CheckpointConfig."
            ) from error
        self._saved = time.monotonic()

    def last(self) -> dict[str, Any] | None:
        """The state that was saved last, or None where there is none of this training."""
        if not self._path.exists():
            return None
        try:
            state: dict[str, Any] = torch.load(self._path, map_location="cpu", weights_only=True)
        except (OSError, RuntimeError, EOFError, pickle.UnpicklingError) as error:
            print(f"The checkpoint cannot be read ({type(error).__name__}): the training begins anew.", flush=True)
            return None
        if not isinstance(state, dict) or state.get("fingerprint") != self._fingerprint:
            print("The checkpoint is of another training (data, settings or base model): this one begins anew.")
            return None
        return state


def open_checkpoints(
    folder: Path, settings: Hyperparameters, splits: Splits, network: nn.Module, *chosen: str
) -> Checkpoints | None:
    """The checkpoints of a training of those splits that begins with `network`; None where there is no folder for them.

    `chosen` is what the job decided by itself, such as its recipe.
    """
    if not folder.is_dir():
        return None
    return Checkpoints(folder, fingerprint(settings, splits, network, *chosen), settings.checkpoint_seconds)


def fingerprint(settings: Hyperparameters, splits: Splits, network: nn.Module, *chosen: str) -> str:
    """The same for trainings that learn the same: from these examples, these first weights and these settings."""
    relevant = {name: value for name, value in asdict(settings).items() if name not in IRRELEVANT}
    contents = [relevant, chosen, asdict(splits)]
    digest = hashlib.sha256(json.dumps(contents, sort_keys=True).encode())
    for name, weight in network.state_dict().items():
        digest.update(name.encode())
        digest.update(weight.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
