"""Where things lie under /opt/ml, the folder SageMaker shares with a training container."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Folders:
    """The files and folders of one training job under `root`."""

    root: Path

    @classmethod
    def from_environment(cls) -> "Folders":
        return cls(Path(os.environ.get("OPT_ML", "/opt/ml")))

    @property
    def hyperparameters(self) -> Path:
        return self.root / "input" / "config" / "hyperparameters.json"

    def channel(self, name: str) -> Path:
        return self.root / "input" / "data" / name

    @property
    def model(self) -> Path:
        return self.root / "model"

    @property
    def report(self) -> Path:
        return self.root / "output" / "data"

    @property
    def failure(self) -> Path:
        return self.root / "output" / "failure"
