"""What one training job is given."""

from dataclasses import dataclass
from pathlib import Path

from trieur_train.base_models.find import BaseModel
from trieur_train.examples import Splits
from trieur_train.folders import Folders
from trieur_train.hyperparameters import Hyperparameters


@dataclass(frozen=True)
class Job:
    """From what a classifier is to be trained, how, and where the artefacts go."""

    folders: Folders
    settings: Hyperparameters
    splits: Splits
    base_model: BaseModel
    workspace: Path
    """An empty folder for what need not stay."""
    started: float
    """The `time.perf_counter()` at which the process began."""
