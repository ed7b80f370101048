"""The serving image in a Docker engine: what it adds, what it needs, and what memory is enough for it."""

import json
import os
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks.load import Request, drive, http_request
from benchmarks.served import check_prediction
from localcloud.processes import wait_until
from tests.contract.localcloud.test_docker import needs_engine
from tests.unit.serve.tiny_model import write_model

pytestmark = needs_engine
ROOT = Path(__file__).parents[2]
CONTAINER = ROOT / "containers" / "serve"
# `make images` builds it once for all tests.
IMAGE_VARIABLE = "TRIEUR_SERVE_IMAGE"
FIRST_INSTRUCTION = "LABEL com.amazonaws.sagemaker"
BUILD_SECONDS, START_SECONDS = 600, 60
MOST_ADDED_MB = 300
STATED = re.compile(r"adds (\d+) MB to its base")
LARGEST = 6 * 1024 * 1024
LOCKED = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")
SHELLS = ("/usr/bin/dash", "/usr/bin/bash")
PING = "from urllib.request import urlopen; print(urlopen('http://127.0.0.1:8080/ping').status)"
PEAK = "print(next(line.split()[1] for line in open('/proc/1/status') if line.startswith('VmHWM')))"


def docker(*arguments: str, seconds: float = 60) -> str:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, timeout=seconds)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.fixture(scope="module")
def image() -> Iterator[str]:
    given = os.environ.get(IMAGE_VARIABLE)
    tag = given or f"trieur-serve-{uuid.uuid4().hex[:12]}"
    if not given:
        docker("build", "--network", "host", "--tag", tag, str(CONTAINER), seconds=BUILD_SECONDS)
    yield tag
    if not given:
        docker("rmi", tag)


@contextmanager
def running(image: str, model: Path, *options: str) -> Iterator[str]:
    """The name of a container that answers /ping."""
    for path in (model, *model.iterdir()):
        path.chmod(0o755 if path.is_dir() else 0o644)
    name = f"trieur-serve-{uuid.uuid4().hex[:12]}"
    docker("run", "--detach", "--name", name, *options, "--volume", f"{model}:/opt/ml/model:ro", image, "serve")
    try:
        assert wait_until(lambda: pings(name), START_SECONDS, 0.1), docker("logs", name)
        yield name
    finally:
        docker("rm", "--force", name)


def pings(name: str) -> bool:
    asked = subprocess.run(["docker", "exec", name, "python", "-c", PING], capture_output=True, text=True)
    return asked.stdout.strip() == "200"


def python(image: str, code: str) -> str:
    return docker("run", "--rm", "--entrypoint", "python", image, "-c", code).strip()


def test_what_it_adds_to_its_base_is_small_and_stated(image: str) -> None:
    entries = docker("history", "--human=false", "--no-trunc", "--format", "{{.Size}} {{.CreatedBy}}", image)
    added = 0
    for entry in entries.splitlines():
        size, _, instruction = entry.partition(" ")
        added += int(size)
        if instruction.startswith(FIRST_INSTRUCTION):
            break
    else:
        pytest.fail(f"no {FIRST_INSTRUCTION} among its layers")
    (stated,) = STATED.findall((CONTAINER / "README.md").read_text(encoding="utf-8"))
    assert added / 1e6 < MOST_ADDED_MB
    assert added / 1e6 == pytest.approx(int(stated), rel=0.1)


def test_it_holds_what_serving_needs_and_no_more(image: str) -> None:
    listed = "import importlib.metadata as m; print(*(d.name.lower() for d in m.distributions(path=['/opt/program'])))"
    wanted = re.findall(r"^([\w.-]+)==", (CONTAINER / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE)
    assert {name.replace("_", "-") for name in python(image, listed).split()} == {
        name.lower().replace("_", "-") for name in wanted
    }
    absent = (
        "import importlib.util as u; print([n for n in ('torch', 'transformers', 'huggingface_hub') if u.find_spec(n)])"
    )
    assert python(image, absent) == "[]"


def test_nothing_is_compiled_at_start(image: str) -> None:
    uncompiled = (
        "import importlib.util as u, pathlib; root = pathlib.Path('/opt/program'); "
        "print([str(p) for p in root.rglob('*.py') if not pathlib.Path(u.cache_from_source(str(p))).exists()])"
    )
    assert python(image, uncompiled) == "[]"


def test_it_is_started_without_root(image: str) -> None:
    configuration = json.loads(docker("image", "inspect", image))[0]["Config"]
    assert configuration["User"] == "10001:10001"
    assert configuration["Entrypoint"] == ["python", "-m", "trieur_serve"]


def test_no_network_root_shell_or_writable_file_is_needed(image: str, tmp_path: Path) -> None:
    no_shell = [option for shell in SHELLS for option in ("--volume", f"/dev/null:{shell}:ro")]
    model = write_model(tmp_path / "model")
    with running(image, model, *LOCKED, "--network", "none", "--user", "23456:23456", *no_shell) as name:
        docker("stop", "--time", "30", name)
        assert json.loads(docker("inspect", name))[0]["State"]["ExitCode"] == 0


@pytest.mark.parametrize(
    ("limit", "weights", "most_share"),
    [
        pytest.param(2048, ["--max-length", "512"], 0.5, id="camembert-base-in-2048-MB"),
        pytest.param(1024, ["--small", "--max-length", "512"], 0.5, id="small-in-1024-MB"),
    ],
)
def test_serverless_memory_is_enough(
    image: str, tmp_path: Path, limit: int, weights: list[str], most_share: float
) -> None:
    """The largest bodies, texts that fill the model and short ones, eight at a time, leave half of the memory free."""
    made = [sys.executable, "-m", "benchmarks.serving_weights", str(tmp_path), *weights]
    subprocess.run(made, cwd=ROOT, check=True, capture_output=True, timeout=300)
    memory = ("--memory", f"{limit}m", "--memory-swap", f"{limit}m")
    with running(image, tmp_path / "ml" / "model", *LOCKED, *memory, "--publish", "127.0.0.1::8080") as name:
        port = int(docker("port", name, "8080/tcp").split(":")[-1])
        load = drive(port, largest_and_longest(), connections=8, seconds=5, warm_up=0)
        peak = int(docker("exec", name, "python", "-c", PEAK)) / 1024
        state = json.loads(docker("inspect", name))[0]["State"]
    assert not load.failures
    assert load.milliseconds
    assert not state["OOMKilled"]
    assert peak < most_share * limit


def largest_and_longest() -> list[Request]:
    words = "Qui peut dire qui sait comment va ce serveur ? "
    texts = [words * 200, words * 200, "Qui est Galilée ?", (words * (LARGEST // len(words))), words * 200]
    return [Request(http_request(text.encode()[:LARGEST], "text/plain"), check_prediction) for text in texts]
