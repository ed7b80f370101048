"""The `trieur` command as processes of their own, against the local AWS."""

import json
import signal
from pathlib import Path

import pytest

from tests.e2e.conftest import CHATBOT, Aws, Command, Live, eventually


def test_train_and_watch_end_with_what_is_live(live: Live, aws: Aws) -> None:
    assert live.said["dropped"]["uri"] == f"s3://{aws.inbox}/datasets/{live.name}/{CHATBOT.name}"
    assert {backend: run["status"] for backend, run in live.runs.items()} == {"camembert": "LIVE", "comprehend": "LIVE"}
    for run in live.runs.values():
        assert run["version"] == live.said["dropped"]["version"]
        assert run["endpoint"] == f"trieur-{live.name}"
        assert run["accuracy"] > 0.8
    stored = {run["run_id"]: run for run in aws.documents(live.name, "run.json")}
    assert {run["run_id"] for run in live.runs.values()} == set(stored)


def test_runs_and_status_say_what_answers(command: Command, live: Live) -> None:
    runs = command.json("runs", live.name, "--local")["runs"]
    assert {run["run_id"] for run in runs} == {run["run_id"] for run in live.runs.values()}
    table = command.run("runs", live.name, "--local")
    assert all(run["run_id"] in table for run in runs)
    [classifier] = command.json("status", live.name, "--local")["classifiers"]
    answering = {endpoint["backend"]: endpoint["run_id"] for endpoint in classifier["endpoints"]}
    assert answering == {backend: run["run_id"] for backend, run in live.runs.items()}
    kinds = {endpoint["backend"]: endpoint["kind"] for endpoint in classifier["endpoints"]}
    assert kinds == {"camembert": "serverless", "comprehend": "on-demand"}
    assert "InService" in command.run("status", live.name, "--local")
    assert live.name in command.run("status", "--local")


def test_the_report_is_downloaded(command: Command, live: Live, tmp_path: Path) -> None:
    run_id = live.runs["camembert"]["run_id"]
    kept = tmp_path / "report.html"
    command.run("report", live.name, "--run", run_id[:8], "--output", str(kept), "--no-open", "--local")
    assert "HOW_ARE_YOU" in kept.read_text(encoding="utf-8")
    said = command.json("report", live.name, "--no-open", "--local")
    assert Path(said["file"]).is_relative_to(command.folder)


def test_an_endpoint_that_stands_is_not_started_again(command: Command, live: Live) -> None:
    said = command.json("start", live.name, "--backend", "comprehend", "--local")
    assert (said["outcome"], said["run_id"]) == ("live", live.runs["comprehend"]["run_id"])


def test_a_bad_dataset_is_refused_here_and_by_the_pipeline_alike(command: Command, aws: Aws, tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text('[{"text": "a", "label": "A"}, {"text": "b", "intent": "B"}]')
    checked = command.json("check", str(bad), code=1)["error"]
    trained = command.json("train", "bad", str(bad), "--local", code=1)["error"]
    assert checked in trained
    assert aws.s3.list_objects_v2(Bucket=aws.inbox, Prefix="datasets/bad/")["KeyCount"] == 0
    aws.drop("datasets/bad/bad.json", bad.read_bytes())
    eventually(lambda: aws.documents("bad", "rejected.json"))
    [run] = command.json("runs", "bad", "--local")["runs"]
    assert (run["status"], run["backend"], run["message"]) == ("REFUSED", None, checked)


def test_ctrl_c_ends_the_watching_and_the_run_goes_on(command: Command, aws: Aws) -> None:
    command.run("settings", "left", "hyperparameters.epochs=1", "endpoint.kind=none", "--local")
    watching = command.start("train", "left", str(CHATBOT), "--watch", "--local")
    assert watching.stdout is not None
    told = next(line for line in watching.stdout if "TRAINING" in line)
    assert "camembert" in told
    watching.send_signal(signal.SIGINT)
    _, complained = watching.communicate(timeout=30)
    assert watching.returncode == 130, complained
    assert "The local AWS goes on: `trieur status left --local`" in complained
    [run] = command.json("runs", "left", "--local")["runs"]
    assert run["status"] in ("TRAINING", "TRAINED", "REFUSED")
    job = aws.sagemaker.describe_training_job(TrainingJobName=f"trieur-left-{run['run_id']}")
    assert job["TrainingJobStatus"] in ("InProgress", "Completed")


@pytest.mark.parametrize(
    ("arguments", "code", "remedy"),
    [
        (["runs", "persom", "--local"], 1, "did you mean 'person'?"),
        (["runs", "--stack", "Nope", "--local"], 2, "There is no stack 'Nope'"),
        (["runs"], 2, "--region"),
    ],
    ids=["no such classifier", "no such stack", "no region"],
)
@pytest.mark.usefixtures("live")
def test_what_goes_wrong_is_one_sentence(command: Command, arguments: list[str], code: int, remedy: str) -> None:
    answered, complained = command.run(*arguments, "--json", code=code).splitlines()
    assert remedy in complained
    assert json.loads(answered) == {"error": complained}


def test_a_local_aws_of_ones_own(tmp_path: Path) -> None:
    own = Command(tmp_path / "state", tmp_path)
    assert "No local AWS runs" in own.run("local", "status", code=1)
    up = own.json("local", "up")
    try:
        assert own.json("local", "status") == {
            "running": True,
            "endpoint_url": up["endpoint_url"],
            "region": up["region"],
        }
        assert own.json("runs", "--local") == {"runs": []}
    finally:
        ended = own.run("local", "down")
    assert "has ended" in ended
    assert not (tmp_path / "state" / "localcloud.json").exists()
