"""Where things lie under /opt/ml, the folder SageMaker shares with a training container."""

import os
from dataclasses import dataclass
from pathlib import Path

MODEL_FILES = ("model.onnx", "tokenizer.json", "model.json")
# Beside them where the graph is one that serving can compute without ONNX Runtime.
ENCODER_FILE = "encoder.json"
REPORT_FILES = ("metrics.json", "confusion_matrix.json", "errors.jsonl", "report.html", "model_card.md")


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

    @property
    def resources(self) -> Path:
        return self.root / "input" / "config" / "resourceconfig.json"

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

    @property
    def checkpoints(self) -> Path:
        """SageMaker brings back what an interrupted job left here; without a CheckpointConfig there is no folder."""
        return self.root / "checkpoints"

    def remove_artefacts(self) -> None:
        """Leave nothing of an earlier or half-finished training. Raises OSError."""
        for folder, names in ((self.model, (*MODEL_FILES, ENCODER_FILE)), (self.report, REPORT_FILES)):
            for name in names:
                (folder / name).unlink(missing_ok=True)
