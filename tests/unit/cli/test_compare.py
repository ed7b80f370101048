"""`trieur compare`: the published matrix, notes by hand, and a comparison of two runs."""

import json
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.unit.comparison.runs import Store, answering, run, store, summary
from trieur.account import ClassifierSummary
from trieur.cli.main import app
from trieur.client import Prediction
from trieur.settings import Backend

NOTES = "name,coefficient,comprehend,camembert\nspeed,2,3,4\n"


def trieur(*arguments: str, columns: int = 120) -> Result:
    return CliRunner(env={"COLUMNS": str(columns), "NO_COLOR": "1"}).invoke(app, ["compare", *arguments])


def test_the_published_table() -> None:
    result = trieur("--published")
    assert result.exit_code == 0, result.output
    for said in ("5 × 3 = 15", "4 × 4 = 16", "68 / 90", "71 / 90", "CamemBERT: 71 against 68", "not measured here"):
        assert said in result.stdout
    totals = json.loads(trieur("--published", "--json").stdout)["matrix"]["totals"]
    assert totals == {"comprehend": 68, "camembert": 71}


def test_the_published_table_in_files(tmp_path: Path) -> None:
    page, text = tmp_path / "matrix.html", tmp_path / "matrix.md"
    result = trieur("--published", "--html", str(page), "--markdown", str(text), "--language", "fr")
    assert result.exit_code == 0, result.output
    for file in (page, text):
        content = file.read_text(encoding="utf-8")
        assert "71 contre 68, sur 90" in content
        assert "non mesurées ici" in content


def test_notes_by_hand(tmp_path: Path) -> None:
    file = tmp_path / "notes.csv"
    file.write_text(NOTES)
    result = trieur("--notes", str(file))
    assert "CamemBERT: 8 against 6, of 10." in result.stdout
    assert "Notes from notes.csv." in result.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "Name the CLASSIFIER"),
        (["questions", "--published"], 2, "leave CLASSIFIER out."),
        (["--published", "--notes", "notes.csv"], 2, "leave --notes out."),
        (["--published", "--series", "4"], 2, "leave --series out."),
        (["--published", "--language", "fr"], 2, "leave --language out."),
        (["--notes", "/nowhere/notes.csv"], 2, "cannot be read: No such file"),
        (["--published", "--html", "/nowhere/at/all.html"], 2, "cannot be written"),
        (["--published", "--html", "long" * 100], 2, "cannot be written: File name too long"),
        (["Questions!"], 2, "'Questions!' cannot name a classifier"),
        (["questions", "--hours", "0"], 2, "168 hours"),
        (["questions", "--prices-of", "x"], 2, "'x' is not the name of an AWS region"),
    ],
    ids=[
        "nothing",
        "both",
        "both notes",
        "a default",
        "no file",
        "notes",
        "html",
        "long html",
        "name",
        "hours",
        "region",
    ],
)
def test_wrong_usage_is_one_sentence(arguments: list[str], code: int, said: str) -> None:
    result = trieur(*arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_bad_notes_are_refused_with_their_place(tmp_path: Path) -> None:
    file = tmp_path / "notes.csv"
    file.write_text(NOTES + "cost,1,9,1\n")
    result = trieur("--notes", str(file), "--json")
    assert result.exit_code == 1
    assert "notes.csv, line 3: comprehend is 9.0" in json.loads(result.stdout)["error"]


class Account:
    region, name, artifacts, is_local, session = "eu-west-1", "trieur", "artifacts", True, None

    def __init__(self, found: ClassifierSummary, objects: Store) -> None:
        self.found, self.objects = found, objects

    def asking(self) -> Any:
        return nullcontext()

    def client(self, _service: str) -> Any:
        return self.objects

    def classifier(self, _name: str) -> ClassifierSummary:
        return self.found


class Client:
    """Stands for trieur.client.Classifier: right but for two texts on Comprehend."""

    def __init__(self, _name: str, *, backend: Backend, **_: Any) -> None:
        self.stream = answering({1, 2} if backend == "comprehend" else ())
        self.closed = False

    def predict(self, _text: str) -> Prediction | None:
        return None

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """What the account has; the test may change it."""
    has = SimpleNamespace(found=summary(run("comprehend"), run("camembert")), objects=store())
    monkeypatch.setattr("trieur.cli.compare.connect", lambda *_: Account(has.found, has.objects))
    monkeypatch.setattr("trieur.client.Classifier", Client)
    monkeypatch.setattr("trieur.objects.ObjectStore", lambda s3, _bucket: s3)
    return has


@pytest.mark.usefixtures("account")
def test_two_runs_are_compared(tmp_path: Path) -> None:
    page = tmp_path / "compared.html"
    result = trieur("questions", "--local", "--series", "1", "--pause", "0", "--html", str(page))
    assert result.exit_code == 0, result.output
    for said in (
        "Comprehend (stand-in)",
        "28 of 30 right, asked now",
        "30 of 30 right, asked now",
        "(10 requests)",
        "Only Comprehend is right on 0, only CamemBERT on 2; McNemar's exact test: p = 0.5",
        "weighted sum",
        "5 up to 400",
        "times are this machine's",
    ):
        assert said in " ".join(result.stdout.split())
    assert "Comprehend (stand-in)" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("file", ["--html", "--markdown"])
def test_a_file_that_cannot_be_written_is_refused_before_anything_is_measured(
    monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    monkeypatch.setattr("trieur.cli.compare.connect", lambda *_: pytest.fail("AWS is asked"))
    result = trieur("questions", file, "/nowhere/at/all")
    assert (result.exit_code, "cannot be written" in result.stderr) == (2, True)


@pytest.mark.usefixtures("account")
def test_json_has_it_all() -> None:
    result = trieur("questions", "--series", "0", "--json", "--questions", "1000")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["paired"] == {"only_comprehend_right": 0, "only_camembert_right": 2, "p_value": 0.5}
    assert found["backends"]["camembert"]["latency_ms"] is None
    assert found["backends"]["camembert"]["month"]["way"] == "serverless"
    assert "speed" not in {one["key"] for one in found["matrix"]["criteria"]}


@pytest.mark.usefixtures("account")
def test_notes_by_hand_go_before_the_rules(tmp_path: Path) -> None:
    file = tmp_path / "notes.csv"
    file.write_text(NOTES)
    result = trieur("questions", "--series", "0", "--notes", str(file), "--json")
    assert json.loads(result.stdout)["matrix"]["totals"] == {"comprehend": 6, "camembert": 8}


def test_nothing_to_compare_is_one_sentence_with_the_commands(account: SimpleNamespace) -> None:
    account.found = summary(run("camembert"))
    result = trieur("questions")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "run `trieur settings questions backend=both`, then `trieur train questions FILE`" in result.stderr


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("columns", [20, 60])
def test_any_terminal_will_do(columns: int) -> None:
    assert trieur("questions", "--series", "0", columns=columns).exit_code == 0
