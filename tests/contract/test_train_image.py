"""The training image as `docker run` starts it: no network, its own user, only /opt/ml and /tmp writable."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.localcloud.test_docker import needs_engine
from tests.contract.training_job import CONTAINER
from tests.unit.train.jobs import write_job
from tests.unit.train.tiny_base_models import write_base_model

pytestmark = needs_engine
IMAGE = "trieur-train-under-test"
BUILD_SECONDS, RUN_SECONDS = 1200, 300


def docker(*arguments: str, seconds: float = 60) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, timeout=seconds)


@pytest.fixture(scope="module")
def image() -> Iterator[str]:
    built = docker("build", "--network", "host", "--tag", IMAGE, str(CONTAINER), seconds=BUILD_SECONDS)
    assert built.returncode == 0, built.stderr[-2000:]
    yield IMAGE
    docker("rmi", IMAGE)


def train(image: str, root: Path) -> "subprocess.CompletedProcess[str]":
    for folder in (root, *root.rglob("*")):
        folder.chmod(0o777 if folder.is_dir() else 0o666)
    options = ("--rm", "--network", "none", "--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL")
    return docker("run", *options, "--volume", f"{root}:/opt/ml", image, "train", seconds=RUN_SECONDS)


def test_it_trains_without_network_root_or_a_writable_image(image: str, tmp_path: Path) -> None:
    root = write_job(tmp_path / "ml", epochs="3", recipe="fast")
    write_base_model(root / "input" / "data" / "pretrained", "camembert")
    trained = train(image, root)
    assert trained.returncode == 0, trained.stderr[-2000:]
    assert {path.stat().st_uid for path in (root / "model").iterdir()} == {10001}
    metrics = json.loads((root / "output" / "data" / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["recipe"]["chosen"] == "fast"


def test_a_failure_is_said_in_the_mounted_folder(image: str, tmp_path: Path) -> None:
    root = write_job(tmp_path / "ml")
    (root / "input" / "data" / "test" / "test.jsonl").write_bytes(b"")
    assert train(image, root).returncode == 1
    assert "The test split is empty" in (root / "output" / "failure").read_text(encoding="utf-8")


def test_its_user_is_not_root_and_it_holds_no_compiler(image: str) -> None:
    configuration = json.loads(docker("image", "inspect", image).stdout)[0]["Config"]
    assert configuration["User"] == "10001:10001"
    assert configuration["Entrypoint"] == ["python", "-m", "trieur_train"]
    found = docker("run", "--rm", "--entrypoint", "python", image, "-c", "import shutil; print(shutil.which('gcc'))")
    assert found.stdout.strip() == "None"
