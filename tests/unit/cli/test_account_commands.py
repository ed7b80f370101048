"""The commands about what is deployed, in this process: what they print, what they change, how they end."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.unit.deployed import Deployed
from tests.unit.world import INBOX, examples
from trieur.account import Account, Alarm, Drop, watch
from trieur.cli.main import app


def run(*arguments: str, width: int = 120) -> Result:
    return CliRunner(env={"COLUMNS": str(width), "NO_COLOR": "1"}).invoke(app, list(arguments))


def document(*arguments: str, code: int = 0) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "questions.json"
    path.write_bytes(examples())
    return path


@pytest.fixture
def handled(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Has the pipeline do all it can with what is dropped, as far as the named step, before the drop is looked at."""

    def up_to(step: str) -> None:
        put = Account.drop

        def drop(self: Account, classifier: str, name: str, data: bytes) -> Drop:
            dropped = put(self, classifier, name, data)
            for reference in deployed.handle(dropped):
                if step != "started":
                    deployed.train(reference)
                if step == "live":
                    deployed.go_live(reference)
            return dropped

        monkeypatch.setattr(Account, "drop", drop)

    return up_to


def test_train_drops_the_file_and_names_its_runs(deployed: Deployed, file: Path) -> None:
    said = document("train", "questions", str(file))
    [run_] = said["runs"]
    assert said["classifier"] == "questions"
    assert said["dropped"]["uri"] == f"s3://{INBOX}/datasets/questions/questions.json"
    stored = deployed.world.clients.s3.get_object(
        Bucket=INBOX, Key="datasets/questions/questions.json", VersionId=said["dropped"]["version"]
    )
    assert stored["Body"].read() == file.read_bytes()
    # The very id that the pipeline gives it.
    drop = Drop("questions", INBOX, "datasets/questions/questions.json", said["dropped"]["version"], None)  # type: ignore[arg-type]
    assert run_ == {"backend": "camembert", "run_id": drop.run_id("camembert")}
    assert [reference.run_id for reference in deployed.handle(drop)] == [run_["run_id"]]


def test_train_says_what_to_type_next(deployed: Deployed, file: Path) -> None:
    deployed.stacks.outputs["Sorter"] = deployed.stacks.outputs["Trieur"]
    said = run("train", "questions", str(file), "--stack", "Sorter")
    assert said.exit_code == 0
    assert "trieur status questions --stack Sorter" in said.stdout


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("questions.json", b'[{"text": "a", "label": "A"}]', "not uploaded"),
        ("questions.txt", examples(), "rename it"),
    ],
)
def test_train_uploads_nothing_that_would_be_refused(
    deployed: Deployed, tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    (tmp_path / name).write_bytes(content)
    result = run("train", "questions", str(tmp_path / name))
    assert (result.exit_code, result.stdout) == (1, "")
    assert reason in result.stderr
    assert reason in document("train", "questions", str(tmp_path / name), code=1)["error"]
    assert deployed.world.clients.s3.list_objects_v2(Bucket=INBOX)["KeyCount"] == 0


def test_train_judges_by_the_classifiers_own_settings(deployed: Deployed, file: Path) -> None:
    deployed.account().change_settings("questions", b'{"minimum_examples": 100}')
    assert "100" in run("train", "questions", str(file)).stderr


@pytest.mark.usefixtures("deployed")
def test_train_needs_a_file_and_a_name_that_can_be(tmp_path: Path, file: Path) -> None:
    result = run("train", "questions", str(tmp_path / "none.json"))
    assert (result.exit_code, "No such file" in result.stderr) == (2, True)
    result = run("train", "Questions", str(file))
    assert result.exit_code == 2
    assert "cannot name a classifier" in result.stderr


def test_watching_shows_what_the_run_came_to(deployed: Deployed, handled: Callable[[str], None], file: Path) -> None:
    handled("live")
    deployed.stacks.outputs["Sorter"] = deployed.stacks.outputs["Trieur"]
    result = run("train", "questions", str(file), "--watch", "--stack", "Sorter")
    assert result.exit_code == 0, result.output
    assert "LIVE on camembert" in result.stdout
    assert "Accuracy 0.900" in result.stdout
    assert "trieur-questions" in result.stdout
    assert "Ask it: trieur predict questions '...' --stack Sorter" in result.stdout
    [ended] = document("train", "questions", str(file), "--watch")["runs"]
    assert (ended["status"], ended["endpoint"], ended["accuracy"]) == ("LIVE", "trieur-questions", 0.9)


def test_watching_a_run_that_misses_the_gate_ends_with_why(
    deployed: Deployed, handled: Callable[[str], None], file: Path
) -> None:
    deployed.account().change_settings("questions", b'{"gate": {"min_accuracy": 0.99}}')
    handled("trained")
    result = run("train", "questions", str(file), "--watch")
    assert result.exit_code == 1
    assert "REFUSED on camembert" in result.stdout
    assert "the gate asks for 0.990" in result.stdout


def test_watching_a_dataset_that_the_pipeline_refuses_all_the_same_says_which_row(
    deployed: Deployed, handled: Callable[[str], None], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Somebody changes the settings between the check and the drop.
    handled("started")
    check = "trieur.cli.train.require_accepted"
    monkeypatch.setattr(check, lambda *_, **__: b'[{"text": "a", "label": "A"}, {"text": "b", "intent": "B"}]')
    result = run("train", "questions", str(file), "--watch")
    assert result.exit_code == 1
    assert "REFUSED The dataset" in result.stdout
    [rejected] = deployed.account().runs("questions")
    assert rejected.message in result.stdout


def test_ctrl_c_ends_the_watching_and_not_the_run(
    deployed: Deployed, handled: Callable[[str], None], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handled("started")

    def interrupted(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("trieur.cli.train.watch", partial(watch, sleep=interrupted))
    deployed.stacks.outputs["Sorter"] = deployed.stacks.outputs["Trieur"]
    result = run("train", "questions", str(file), "--watch", "--stack", "Sorter")
    assert result.exit_code == 130
    assert "goes on: `trieur status questions --stack Sorter`" in result.stderr
    assert deployed.account().runs("questions")[0].status == "TRAINING"


def test_settings_are_shown_and_changed(deployed: Deployed) -> None:
    assert document("settings", "questions")["own"] == {}
    said = document("settings", "questions", "backend=both", "gate.min_accuracy=0.9", "language=en")
    assert said["own"] == {"backend": "both", "gate": {"min_accuracy": 0.9}, "language": "en"}
    assert said["settings"]["gate"]["min_accuracy"] == 0.9
    assert deployed.account().settings("questions").backends == ("camembert", "comprehend")
    assert document("settings", "questions", "language=")["own"] == {"backend": "both", "gate": {"min_accuracy": 0.9}}
    shown = run("settings", "questions").stdout
    assert [line.split() for line in shown.splitlines() if line.startswith("backend")] == [["backend", "both", "set"]]
    assert [line.split() for line in shown.splitlines() if line.startswith("language")] == [["language", "fr"]]


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ("backend=bert", 1, "backend"),
        ("colour=red", 1, "no setting named 'colour'"),
        ("backend", 2, "write KEY=VALUE"),
        ("=x", 2, "write KEY=VALUE"),
        ("backend.name=x", 2, "no group of settings"),
    ],
)
def test_settings_that_cannot_be_are_said_and_change_nothing(
    deployed: Deployed, change: str, code: int, said: str
) -> None:
    own = b'{"backend": "both"}'
    deployed.account().change_settings("questions", own)
    result = run("settings", "questions", change)
    assert (result.exit_code, result.stdout) == (code, "")
    assert said in result.stderr
    assert deployed.account().own_settings("questions") == own


def test_runs_of_one_and_of_all(deployed: Deployed) -> None:
    first, second = deployed.live_run("questions"), deployed.live_run("intents")
    assert {r["run_id"] for r in document("runs")["runs"]} == {first.run_id, second.run_id}
    [only] = document("runs", "questions")["runs"]
    assert (only["run_id"], only["status"], only["ended"]) == (first.run_id, "LIVE", True)
    assert len(document("runs", "--limit", "1")["runs"]) == 1
    table = run("runs").stdout
    for shown in (first.run_id, second.run_id, "LIVE", "0.900", "data.json"):
        assert shown in table


@pytest.mark.parametrize("width", [30, 60, 200])
def test_runs_and_status_can_be_read_on_any_terminal(deployed: Deployed, width: int) -> None:
    run_id = deployed.live_run().run_id
    flat = "".join(run("runs", width=width).stdout.split())
    assert run_id in flat
    assert "LIVE" in flat
    assert "camembert" in "".join(run("status", width=width).stdout.split())


def test_nothing_dropped_yet_is_no_error(deployed: Deployed) -> None:
    for command in ("runs", "status"):
        result = run(command)
        assert (result.exit_code, "trieur train" in result.stdout) == (0, True)
    assert document("status") == {"classifiers": [], "alarms": []}
    assert deployed.stacks.status


def test_status_says_what_answers(deployed: Deployed) -> None:
    run_id = deployed.live_run().run_id
    said = run("status", "questions").stdout
    assert "trieur-questions on camembert" in said
    assert "InService" in said
    assert f"answers with run {run_id}" in said
    [classifier] = document("status", "questions")["classifiers"]
    assert classifier["live"]["run_id"] == run_id
    assert classifier["endpoints"][0]["status"] == "InService"
    assert "camembert" in run("status").stdout


def test_status_says_which_alarms_ring(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Account, "alarms", lambda _self: [Alarm("trieur-RunsFailed", "A run failed.")])
    assert "trieur-RunsFailed: A run failed." in run("status").stdout
    assert document("status")["alarms"] == [{"name": "trieur-RunsFailed", "description": "A run failed."}]
    assert deployed.stacks.status


@pytest.mark.parametrize("command", ["runs", "status", "report"])
def test_a_classifier_that_is_not_there_is_said_with_the_nearest(deployed: Deployed, command: str) -> None:
    deployed.live_run()
    result = run(command, "question")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "There is no classifier 'question': did you mean 'questions'?\n"
    assert "did you mean" in document(command, "question", code=1)["error"]


def test_the_report_is_kept_and_opened(deployed: Deployed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = deployed.live_run().run_id
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda url: bool(opened.append(url)) or True)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    said = document("report", "questions")
    kept = tmp_path / "trieur" / "reports" / f"questions-{run_id}.html"
    assert said == {"classifier": "questions", "run_id": run_id, "file": str(kept), "opened": True}
    assert kept.read_bytes() == b"<!doctype html>"
    assert opened == [kept.as_uri()]
    elsewhere = tmp_path / "new folder" / "r.html"
    said = document("report", "questions", "--run", run_id[:6], "--output", str(elsewhere), "--no-open")
    assert (said["file"], said["opened"], elsewhere.exists()) == (str(elsewhere), False, True)
    assert len(opened) == 1


def test_a_report_that_no_browser_opens_or_no_folder_takes_is_said(
    deployed: Deployed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployed.live_run()
    monkeypatch.setattr("webbrowser.open", lambda _url: False)
    result = run("report", "questions", "--output", str(tmp_path / "r.html"))
    assert (result.exit_code, "No browser could be opened" in result.stdout) == (0, True)
    result = run("report", "questions", "--output", str(tmp_path))
    assert (result.exit_code, "cannot be kept" in result.stderr) == (2, True)


def test_a_local_aws_has_its_own_region() -> None:
    result = run("runs", "--local", "--region", "eu-west-1")
    assert (result.exit_code, "exclude each other" in result.stderr) == (2, True)
