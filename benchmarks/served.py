"""The servers that are measured: how each is started, asked, and checked."""

import json
import os
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.load import Check, Request, http_request
from benchmarks.server_process import ServerProcess

OURS: Final = "ours"
STANDARD: Final = "FastAPI + transformers pipeline"
ROOT: Final = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Served:
    """`start` takes a port and the file for what the server prints."""

    name: str
    start: Callable[[int, Path], ServerProcess]
    check: Check
    key: str
    """Where the request's JSON holds the text."""

    def request(self, text: str) -> Request:
        return Request(http_request(json.dumps({self.key: text}).encode(), "application/json"), self.check)


def ours(folder: Path, container: Path, python: str = sys.executable) -> Served:
    """The serving container's program with the settings of its image, over FOLDER/ml."""
    command = [python if word == "python" else word for word in _instruction(container, "ENTRYPOINT")]
    environment = os.environ | _environment(container) | {"OPT_ML": str(folder / "ml"), "TRIEUR_BIND_HOST": "127.0.0.1"}
    # The image holds its compiled modules; here Python may leave them beside the sources.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)

    def start(port: int, log: Path) -> ServerProcess:
        env = environment | {"SAGEMAKER_BIND_TO_PORT": str(port)}
        return ServerProcess([*command, "serve"], port=port, cwd=container, env=env, log=log)

    return Served(OURS, start, check_prediction, "text")


def standard(folder: Path) -> Served:
    """FastAPI and a transformers pipeline over FOLDER/transformers."""
    environment = os.environ | {"MODEL_FOLDER": str(folder / "transformers"), "HF_HUB_OFFLINE": "1"}

    def start(port: int, log: Path) -> ServerProcess:
        command = [sys.executable, "-m", "uvicorn", "benchmarks.standard_serving:app", "--port", str(port)]
        return ServerProcess(command, port=port, cwd=ROOT, env=environment, log=log)

    return Served(STANDARD, start, check_labels, "text")


def toolkit(folder: Path, venv: Path) -> Served:
    """Hugging Face's SageMaker toolkit in an environment of its own, over a copy of FOLDER/transformers."""
    base = folder / "toolkit"
    shutil.copytree(folder / "transformers", base / "model", dirs_exist_ok=True)
    described = base / "model" / "tokenizer_config.json"
    # Its transformers does not know the class that ours names, but reads the same file by this one.
    settings = json.loads(described.read_text(encoding="utf-8")) | {"tokenizer_class": "PreTrainedTokenizerFast"}
    described.write_text(json.dumps(settings), encoding="utf-8")
    environment = os.environ | {
        "SAGEMAKER_BASE_DIR": str(base),
        "HF_TASK": "text-classification",
        "HF_HUB_OFFLINE": "1",
    }

    def start(port: int, log: Path) -> ServerProcess:
        command = [str(venv / "bin" / "python"), str(ROOT / "benchmarks" / "toolkit_serving.py"), str(base)]
        env = environment | {"SAGEMAKER_BIND_TO_PORT": str(port)}
        return ServerProcess(command, port=port, cwd=base, env=env, log=log)

    return Served("Hugging Face toolkit", start, check_labels, "inputs")


def check_prediction(status: int, body: bytes) -> str | None:
    """Every class once, probabilities that sum to 1, highest first."""
    if status != 200:
        return f"status {status}"
    try:
        good = is_prediction(json.loads(body))
    except ValueError:
        good = False
    return None if good else "not a prediction"


def is_prediction(answer: Any) -> bool:
    try:
        probabilities = [entry["Probability"] for entry in answer if isinstance(entry["Class"], str)]
        return abs(sum(probabilities) - 1) < 1e-4 and probabilities == sorted(probabilities, reverse=True)
    except (TypeError, KeyError):
        return False


def check_labels(status: int, body: bytes) -> str | None:
    """What a text-classification pipeline gives: a list of labels with scores."""
    if status != 200:
        return f"status {status}"
    try:
        good = all(isinstance(entry["label"], str) and 0 <= entry["score"] <= 1 for entry in json.loads(body))
    except (ValueError, TypeError, KeyError):
        good = False
    return None if good else "no label with a score"


def _lines(container: Path) -> list[str]:
    """The instructions of the Dockerfile's last stage, which is the image."""
    instructions = (container / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    last = max(number for number, line in enumerate(instructions) if line.startswith("FROM "))
    return instructions[last:]


def _instruction(container: Path, name: str) -> list[str]:
    (line,) = (line for line in _lines(container) if line.startswith(f"{name} "))
    words: list[str] = json.loads(line.removeprefix(name))
    return words


def _environment(container: Path) -> dict[str, str]:
    entries = (line.removeprefix("ENV ") for line in _lines(container) if line.startswith("ENV "))
    return {name: value for entry in entries for name, value in re.findall(r"(\w+)=(\S+)", entry)}
