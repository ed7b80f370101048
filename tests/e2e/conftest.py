"""One local AWS with the synthesised template for all end-to-end tests, spoken to by plain boto3."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from localcloud import LocalCloud

RUN_SECONDS = 420
REPOSITORY = Path(__file__).parents[2]
CHATBOT = REPOSITORY / "examples" / "chatbot-questions.json"
SHARED_DATA = Path(__file__).parents[3] / "shared" / "data"
FINAL = ("LIVE", "REFUSED", "FAILED", "ROLLED_BACK")


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    # Interrupts trainings on spot machines only, which those of one test are.
    with LocalCloud(tmp_path_factory.mktemp("cloud"), spot_interruption=10) as cloud:
        yield cloud


class Aws:
    """What a user has: the buckets' names, and clients made from the environment."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.inbox = cloud.outputs["InboxBucketName"]
        self.artifacts = cloud.outputs["ArtifactsBucketName"]
        self.outcomes_topic = cloud.outputs["OutcomesTopicArn"]
        self.s3 = boto3.client("s3")
        self.sagemaker = boto3.client("sagemaker")
        self.runtime = boto3.client("sagemaker-runtime")
        self.rules = boto3.client("events")

    def drop(self, key: str, examples: Sequence[Mapping[str, str]] | bytes) -> None:
        body = examples if isinstance(examples, bytes) else json.dumps(examples, ensure_ascii=False).encode()
        self.s3.put_object(Bucket=self.inbox, Key=key, Body=body)

    def documents(self, classifier: str, name: str) -> list[dict[str, Any]]:
        """Every run.json or rejected.json of a classifier."""
        listed = self.s3.list_objects_v2(Bucket=self.artifacts, Prefix=f"runs/{classifier}/").get("Contents", [])
        return [
            json.loads(self.s3.get_object(Bucket=self.artifacts, Key=entry["Key"])["Body"].read())
            for entry in listed
            if entry["Key"].endswith(f"/{name}")
        ]

    def ended(self, classifier: str, runs: int = 1) -> list[dict[str, Any]]:
        """The classifier's runs, oldest first, once there are so many and all of them have ended."""

        def look() -> list[dict[str, Any]]:
            found = self.documents(classifier, "run.json")
            return found if len(found) >= runs and all(map(has_ended, found)) else []

        return sorted(eventually(look), key=lambda run: run["dataset"]["sequencer"])

    def ask(self, classifier: str, body: object) -> Any:
        answer = self.runtime.invoke_endpoint(
            EndpointName=f"trieur-{classifier}", ContentType="application/json", Body=json.dumps(body)
        )
        return json.loads(answer["Body"].read())


@pytest.fixture(scope="session")
def aws(cloud: LocalCloud) -> Iterator[Aws]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in cloud.environment.items():
            patch.setenv(name, value)
        yield Aws(cloud)


class Command:
    """The `trieur` command as a process of its own, which finds the local AWS by --local and by nothing else."""

    def __init__(self, state: Path, folder: Path) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TRIEUR_"))}
        self.environment = {
            **kept,
            "TRIEUR_LOCAL_STATE": str(state),
            "PYTHONPATH": str(REPOSITORY),
            "HOME": str(folder),
            "COLUMNS": "120",
            "NO_COLOR": "1",
        }
        self.folder = folder

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        """The process, which runs on."""
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL}
        command = [sys.executable, "-m", "trieur", *arguments]
        return subprocess.Popen(
            command, cwd=self.folder, env=self.environment, text=True, encoding="utf-8", **{**streams, **options}
        )

    def run(self, *arguments: str, stdin: str = "", code: int = 0) -> str:
        """What it prints. It has to end with that exit status."""
        process = self.start(*arguments, stdin=subprocess.PIPE)
        said, complained = process.communicate(stdin, timeout=RUN_SECONDS)
        assert process.returncode == code, f"{process.returncode}\n{said}\n{complained}"
        return said + (complained if code else "")

    def json(self, *arguments: str, **options: Any) -> Any:
        """The object it prints."""
        return json.loads(self.run(*arguments, "--json", **options).splitlines()[0])


@pytest.fixture(scope="session")
def command(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Command:
    return Command(cloud.state, tmp_path_factory.mktemp("home"))


@dataclass(frozen=True)
class Live:
    """A classifier that answers on both backends; `said` is what `trieur train --watch --json` printed of it."""

    name: str
    said: dict[str, Any]

    @property
    def runs(self) -> dict[str, dict[str, Any]]:
        """Its run of each backend."""
        return {run["backend"]: run for run in self.said["runs"]}


@pytest.fixture(scope="session")
def live(command: Command) -> Live:
    """For all tests of tests/e2e/test_person_*.py, which one worker has to itself: see tests/conftest.py."""
    settings = ["backend=both", "comprehend.endpoint=on-demand", "hyperparameters.epochs=20"]
    command.run("settings", "person", *settings, "--local")
    return Live("person", command.json("train", "person", str(CHATBOT), "--watch", "--local"))


def has_ended(run: Mapping[str, Any]) -> bool:
    """TRAINED is an end only for a run that wants no endpoint."""
    endpoint = {
        "camembert": run["settings"]["endpoint"]["kind"],
        "comprehend": run["settings"]["comprehend"]["endpoint"],
    }[run["backend"]]
    return run["status"] in (*FINAL, "TRAINED") if endpoint == "none" else run["status"] in FINAL


def eventually(look: Callable[[], Any], seconds: float = RUN_SECONDS) -> Any:
    """The first true answer of `look`; fails when there is none in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.25)
    pytest.fail(f"nothing came of it within {seconds} seconds")
