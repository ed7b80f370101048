"""`trieur batch`: a file is dropped, followed while the pipeline works, and its predictions are brought."""

import gzip
import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from typer.testing import CliRunner, Result

from tests.unit.batches.bulk import answers, complete_classification, complete_transform, inbox_keys, settings, trained
from tests.unit.world import ARTIFACTS, INBOX, REGION, World
from trieur import names
from trieur.account import Account
from trieur.batches import BatchReference
from trieur.cli.main import app
from trieur.drops import Drop
from trieur.pipeline.check_batch import check_batch, fail_batch
from trieur.pipeline.start_batch import start_batch
from trieur.settings import BACKENDS

TEXTS = "alpha\n\nbeta\n"


class Pipeline:
    """Goes on with what lies in the inbox each time the command waits: starts, then completes or fails."""

    def __init__(self, world: World, key: str) -> None:
        self.world, self.key = world, key
        self.steps = [self.start, self.end]
        self.fails = False

    def sleep(self, _seconds: float) -> None:
        assert self.steps, "the command waits for nothing"
        self.steps.pop(0)()

    @property
    def version(self) -> str:
        return str(self.world.clients.s3.head_object(Bucket=INBOX, Key=self.key)["VersionId"])

    def start(self) -> None:
        start_batch(Drop(INBOX, self.key, self.version, ""), self.world.deployment, self.world.clients)

    def end(self) -> None:
        for backend in BACKENDS:
            batch_id = names.run_id(INBOX, self.key, self.version, backend)
            reference = BatchReference(classifier="questions", batch_id=batch_id, backend=backend)
            if f"trieur-questions-{batch_id}" in self.world.sagemaker.transform_jobs:
                complete_transform(self.world, batch_id)
            elif backend == "comprehend" and self.world.comprehend.jobs:
                complete_classification(self.world)
            else:
                continue
            if self.fails:
                fail_batch(reference, "The job was stopped.", self.world.deployment, self.world.clients)
            else:
                check_batch(reference, self.world.deployment, self.world.clients)


@pytest.fixture
def account(world: World) -> Account:
    outputs = {
        "InboxBucketName": INBOX,
        "ArtifactsBucketName": ARTIFACTS,
        "StateMachineArn": world.deployment.state_machine_arn,
    }
    account = Account(boto3.Session(region_name=REGION), outputs)
    account.clients = world.clients
    return account


@pytest.fixture
def pipeline(world: World, account: Account, monkeypatch: pytest.MonkeyPatch) -> Pipeline:
    """That of questions.txt; the command waits for it."""
    pipeline = Pipeline(world, "batch/questions/texts.txt")
    monkeypatch.setattr("trieur.cli.batch.connect", lambda *_: account)
    monkeypatch.setattr("trieur.cli.batch.time.sleep", pipeline.sleep)
    return pipeline


def run(*arguments: str | Path) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, ["batch", *map(str, arguments)])


def written(folder: Path, content: bytes = TEXTS.encode(), name: str = "texts.txt") -> Path:
    file = folder / name
    file.write_bytes(content)
    return file


def test_it_drops_and_says_where_answers_will_lie(world: World, pipeline: Pipeline, tmp_path: Path) -> None:
    trained(world)

    result = run("questions", written(tmp_path))

    assert (result.exit_code, result.stdout.splitlines()) == (
        0,
        [
            "Dropped 2 texts at s3://inbox/batch/questions/texts.txt.",
            "Its predictions will lie beside it: s3://inbox/batch/questions/texts.txt.camembert.predictions.jsonl",
        ],
    )
    assert inbox_keys(world) == [pipeline.key]


def test_it_follows_and_brings_the_predictions(world: World, pipeline: Pipeline, tmp_path: Path) -> None:
    trained(world)
    target = tmp_path / "out.jsonl"

    result = run("questions", written(tmp_path), "--output", target)

    assert result.exit_code == 0, result.output
    dropped, waiting, running, completed, brought = result.stdout.splitlines()
    assert waiting == "camembert: DROPPED. Dropped; the pipeline reads it and starts the job."
    assert running.startswith("camembert: RUNNING. Classifying 2 texts")
    assert completed.startswith("camembert: COMPLETED. Classified 2 texts")
    assert brought == f"Predictions of camembert: {target}"
    assert [[row[0]["Class"] if row else None] for row in map(json.loads, target.read_bytes().splitlines())] == [
        ["alpha"],
        [None],
        ["beta"],
    ]
    assert [json.loads(line) for line in target.read_text().splitlines()] == answers(
        world, f"{pipeline.key}.camembert.predictions.jsonl"
    )
    assert dropped.startswith("Dropped 2 texts")


def test_both_backends_are_followed(world: World, pipeline: Pipeline, tmp_path: Path) -> None:
    settings(world, backend="both")
    trained(world)
    trained(world, "comprehend", "1" * 16)

    refused = run("questions", written(tmp_path), "--output", tmp_path / "out.jsonl")
    assert (refused.exit_code, refused.stderr) == (
        2,
        "questions is classified by camembert and comprehend: give --output a folder that exists.\n",
    )
    assert inbox_keys(world) == []

    result = run("questions", written(tmp_path), "--output", tmp_path, "--json")

    assert result.exit_code == 0, result.output
    told: dict[str, Any] = json.loads(result.stdout)
    assert (told["dropped"], told["version"]) == ("s3://inbox/batch/questions/texts.txt", pipeline.version)
    assert (told["lines"], told["texts"]) == (3, 2)
    assert [(one["backend"], one["stage"]) for one in told["backends"]] == [
        ("camembert", "COMPLETED"),
        ("comprehend", "COMPLETED"),
    ]
    for one in told["backends"]:
        assert Path(one["output"]) == tmp_path / f"texts.txt.{one['backend']}.predictions.jsonl"
        assert len(Path(one["output"]).read_bytes().splitlines()) == 3
    assert "comprehend: COMPLETED." in result.stderr


@pytest.mark.usefixtures("pipeline")
def test_one_backend_may_be_refused(world: World, tmp_path: Path) -> None:
    settings(world, backend="both")
    trained(world)

    result = run("questions", written(tmp_path), "--watch", "--json")

    assert result.exit_code == 1
    ours, amazons = json.loads(result.stdout)["backends"]
    assert (ours["stage"], amazons["stage"], amazons["predictions"]) == ("COMPLETED", "REFUSED", None)
    assert "has no model on comprehend that passed its gate" in amazons["message"]


def test_a_job_that_fails_is_said(world: World, pipeline: Pipeline, tmp_path: Path) -> None:
    trained(world)
    pipeline.fails = True

    result = run("questions", written(tmp_path), "--output", tmp_path / "out.jsonl")

    assert result.exit_code == 1
    assert "camembert: FAILED." in result.stdout
    assert "The job was stopped." in result.stdout
    assert not (tmp_path / "out.jsonl").exists()


def test_the_refusal_of_an_earlier_version_counts_no_more(world: World, pipeline: Pipeline, tmp_path: Path) -> None:
    trained(world)
    broken = world.drop(pipeline.key, b"\xff\n")
    start_batch(broken, world.deployment, world.clients)
    assert f"{pipeline.key}.rejected.json" in inbox_keys(world)

    assert run("questions", written(tmp_path), "--watch").exit_code == 0


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("texts.txt", b"\n \n", "The file holds no text: it has 2 lines, all blank."),
        ("texts.jsonl", b'{"txt": 1}\n', 'Line 1 has no "text"'),
        ("texts.csv", b"text\nalpha\n", "is not named as a file of texts: use .txt"),
        (".texts.txt", b"alpha\n", "It would start nothing"),
        ("texts.txt.gz", gzip.compress(b"alpha\n")[:-4], "gzip"),
    ],
    ids=["blank", "no text", "csv", "hidden", "cut off"],
)
def test_what_the_pipeline_would_refuse_is_not_dropped(
    world: World, pipeline: Pipeline, tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    trained(world)

    result = run("questions", written(tmp_path, content, name))

    assert (result.exit_code, result.stdout) == (1, "")
    assert said in result.stderr
    assert inbox_keys(world) == []
    assert pipeline.steps


@pytest.mark.usefixtures("pipeline")
def test_wrong_usage(world: World, tmp_path: Path) -> None:
    trained(world)

    assert run("questions", tmp_path / "missing.txt").exit_code == 2
    assert run("Questions", written(tmp_path)).exit_code == 2
    unknown = run("question", written(tmp_path))
    assert (unknown.exit_code, "did you mean 'questions'?" in unknown.stderr) == (1, True)
    unwritable = run("questions", written(tmp_path), "--output", tmp_path / "no" / "folder.jsonl")
    assert unwritable.exit_code == 2
    assert "cannot be written: No such file or directory. The predictions are at s3://" in unwritable.stderr
