"""Trainings that are killed, stopped and started again, and one on two machines: real processes, real signals."""

import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.contract.training_job import PATIENCE, Job, run, start
from tests.unit.train.jobs import write_job
from tests.unit.train.tiny_base_models import write_base_model

EPOCHS = 8
SETTINGS = {"epochs": str(EPOCHS), "patience": str(EPOCHS), "checkpoint_seconds": "0"}
RECIPES = ("scratch", "full", "fast")
MODEL = ("model.onnx", "tokenizer.json", "model.json")


@pytest.fixture(scope="module")
def base_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_base_model(tmp_path_factory.mktemp("base") / "model", "camembert")


def job_of(folder: Path, recipe: str, base_model: Path) -> Path:
    """A job with a folder for checkpoints, as one with a CheckpointConfig has it."""
    if recipe == "scratch":
        root = write_job(folder / "ml", **SETTINGS)
    else:
        root = write_job(folder / "ml", recipe=recipe, learning_rate="0.003", **SETTINGS)
        shutil.copytree(base_model, root / "input" / "data" / "pretrained")
    (root / "checkpoints").mkdir()
    return root


@pytest.fixture(scope="module", params=RECIPES)
def undisturbed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, base_model: Path) -> Job:
    job = run(job_of(tmp_path_factory.mktemp("undisturbed"), request.param, base_model))
    assert job.status == 0, job.errors
    return job


def again(undisturbed: Job, folder: Path) -> Path:
    """The same job, as if nothing had been done of it."""
    root = folder / "ml"
    shutil.copytree(undisturbed.root / "input", root / "input")
    (root / "checkpoints").mkdir()
    return root


def in_the_middle(process: "subprocess.Popen[str]", *, after: int) -> str:
    """Wait until that epoch is over and, with no line in sight, the next under way; what was said until then."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if line.startswith(f"epoch={after} "):
            return said
    raise AssertionError(f"it ended before: {process.stderr.read() if process.stderr else ''}")


def children(pid: int) -> Iterator[int]:
    for child in map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()):
        yield child
        yield from children(child)


def test_stopped_and_later_killed_it_goes_on_to_the_same_weights(undisturbed: Job, tmp_path: Path) -> None:
    root = again(undisturbed, tmp_path)
    process = start(root)
    in_the_middle(process, after=2)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    failure = root / "output" / "failure"
    assert "stopped (SIGTERM) before it had finished; a checkpoint was saved" in failure.read_text()
    assert not list((root / "model").glob("*"))

    process = start(root)
    said = in_the_middle(process, after=5)
    assert "Going on from the checkpoint" in said
    assert "epoch=1 " not in said
    for child in children(process.pid):
        os.kill(child, signal.SIGKILL)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert "killed, as happens when the machine's memory runs out" in failure.read_text()
    assert not list((root / "model").glob("*"))
    shutil.rmtree(tmp_path / "ml-tmp")

    resumed = run(root)
    assert resumed.status == 0, resumed.errors
    assert "Going on from the checkpoint" in resumed.log
    for name in MODEL:
        assert (root / "model" / name).read_bytes() == (undisturbed.root / "model" / name).read_bytes(), name
    assert [epoch["epoch"] for epoch in resumed.metrics["history"]] == list(range(1, EPOCHS + 1))


def test_two_machines_train_one_model(tmp_path: Path) -> None:
    hosts = ["127.0.0.1", "localhost"]
    roots = []
    for host in hosts:
        root = write_job(tmp_path / host / "ml", epochs="12", patience="12", learning_rate="0.001")
        facts = {"current_host": host, "hosts": hosts, "network_interface_name": "lo"}
        (root / "input" / "config" / "resourceconfig.json").write_text(json.dumps(facts))
        roots.append(root)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    with ThreadPoolExecutor() as side_by_side:
        first, second = side_by_side.map(lambda root: run(root, MASTER_PORT=port), roots)
    assert (first.status, second.status) == (0, 0), first.errors + second.errors
    assert first.metrics["recipe"]["processes"] == 2
    assert first.metrics["test"]["accuracy"] >= 0.9
    assert "2 processes" in first.log
    # The first machine speaks and keeps for both.
    assert "epoch=" not in second.log
    assert not (second.root / "model").exists() or not list((second.root / "model").iterdir())
