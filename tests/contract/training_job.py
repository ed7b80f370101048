"""One training job as SageMaker runs it: the container's own process on real folders, and what it left there."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

CONTAINER = Path(__file__).parents[2] / "containers" / "train"
PATIENCE = 240
JOB = "trieur-questions-0123456789abcdef"


@dataclass
class Job:
    """One training job under /opt/ml at `root`, and how its process ended."""

    root: Path
    status: int
    log: str
    errors: str

    @property
    def failure(self) -> str:
        return (self.root / "output" / "failure").read_text(encoding="utf-8")

    @property
    def metrics(self) -> Any:
        return json.loads((self.root / "output" / "data" / "metrics.json").read_text(encoding="utf-8"))

    @property
    def model(self) -> Any:
        return json.loads((self.root / "model" / "model.json").read_text(encoding="utf-8"))

    def logits(self, texts: Sequence[str]) -> list[Any]:
        """What the exported graph answers, text by text."""
        tokenizer = Tokenizer.from_file(str(self.root / "model" / "tokenizer.json"))
        tokenizer.enable_truncation(self.model["max_length"])
        session = onnxruntime.InferenceSession(self.root / "model" / "model.onnx", providers=["CPUExecutionProvider"])
        answers = []
        for text in texts:
            tokens = np.array([tokenizer.encode(text).ids], dtype=np.int64)
            answers.append(session.run(None, {"input_ids": tokens, "attention_mask": np.ones_like(tokens)})[0][0])
        return answers


def start(root: Path, **environment: str) -> "subprocess.Popen[str]":
    """The process that the Dockerfile's ENTRYPOINT and SageMaker's `train` make, with this interpreter."""
    (entrypoint,) = re.findall(r"^ENTRYPOINT (\[.*\])$", (CONTAINER / "Dockerfile").read_text(), re.MULTILINE)
    python, *rest = json.loads(entrypoint)
    assert python == "python"
    scratch = root.parent / f"{root.name}-tmp"
    scratch.mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, *rest, "train"],
        cwd=CONTAINER,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={
            "PATH": os.environ["PATH"],
            "OPT_ML": str(root),
            "TMPDIR": str(scratch),
            "HOME": str(scratch),
            "HF_HUB_OFFLINE": "1",
            "BASE_MODEL_DIR": str(root / "nothing-baked"),
            "TRAINING_JOB_NAME": JOB,
            **environment,
        },
    )


def run(root: Path, **environment: str) -> Job:
    process = start(root, **environment)
    log, errors = process.communicate(timeout=PATIENCE)
    assert not list((root.parent / f"{root.name}-tmp").glob("trieur*")), "a temporary folder was left behind"
    return Job(root, process.returncode, log, errors)
