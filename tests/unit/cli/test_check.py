"""`trieur check`: its exit status, its one JSON object, and what people read."""

import gzip
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.unit.dataset.samples import WHO_IS, csv_file, csv_rows, json_lines, json_list, rows
from trieur.cli.main import app
from trieur.dataset import read_dataset
from trieur.splits import make_splits

VERDICT = ["accepted", "examples", "labels", "warnings", "error"]
FACTS = ["mode", "format", "balance", "splits", "notes", "estimates"]
KEYS = [*VERDICT, *FACTS]


@pytest.fixture
def drop(tmp_path):
    def write(data: bytes, name: str = "dataset.json") -> str:
        path = tmp_path / name
        path.write_bytes(data)
        return str(path)

    return write


LABELS = {"A": 120, "B": 12}


def flat(said: str) -> str:
    return " ".join(said.split())


def run(*arguments: str, width: int = 100):
    return CliRunner(env={"COLUMNS": str(width), "NO_COLOR": "1"}).invoke(app, ["check", *arguments])


def test_an_accepted_dataset_as_json(drop):
    result = run(drop(json_list(rows() + rows()[:1])), "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    document = json.loads(result.stdout)
    assert list(document) == KEYS
    assert {key: document[key] for key in VERDICT} == {
        "accepted": True,
        "examples": 24,
        "labels": {"HOW_ARE_YOU": 12, "WHO_IS": 12},
        "warnings": ["1 row left out (an exact repetition): example 25."],
        "error": None,
    }
    assert (document["mode"], document["format"]) == ("multi-class", "json-list")
    assert len(document["notes"]) == 1


def test_the_splits_and_the_balance_are_those_that_training_will_see(drop):
    examples = [
        {"text": f"{label} numéro {number}", "label": label} for label, n in LABELS.items() for number in range(n)
    ]
    data = json_list(examples)
    document = json.loads(run(drop(data), "--json").stdout)
    dataset = read_dataset(data, "dataset.json")
    for name, part in make_splits(dataset).parts().items():
        shown = document["splits"][name]
        assert shown["examples"] == len(part)
        assert shown["labels"] == dict(Counter(dataset.labels[index][0] for index in part))
    assert document["balance"] == {
        "most_frequent": "A",
        "least_frequent": "B",
        "majority_share": 0.9091,
        "ratio": 10.0,
    }
    said = flat(run(drop(data)).stdout)
    assert "'A' has 91% of the examples, 10.0 times as many as 'B'." in said
    assert "class_weights=balanced" in said


def test_the_labels_of_one_text_are_no_baseline(drop):
    examples = [{"text": f"Texte {number}", "label": ["A", "B"] if number % 2 else ["A"]} for number in range(30)]
    said = flat(run(drop(json_list(examples))).stdout)
    assert "'A' has 100% of the examples, 2.0 times as many as 'B'." in said
    assert "Always answering" not in said
    assert "Always answering it would get 50% right" in flat(run(drop(json_list(rows()))).stdout)


def test_time_and_money_are_estimated_for_both_backends(drop):
    path = drop(json_list(rows()))
    camembert, comprehend = json.loads(run(path, "--json").stdout)["estimates"]
    assert (camembert["backend"], comprehend["backend"]) == ("camembert", "comprehend")
    assert camembert["published_minutes_to_live"] == [12, 14]
    assert comprehend["published_minutes_to_live"] == [30, 35]
    # 3 $ an hour, half an hour of it.
    assert comprehend["training_usd"][0] == pytest.approx(1.5)
    assert camembert["training_minutes"][0] < camembert["training_minutes"][1] < 15
    # A unit of Comprehend day and night, against what a serverless endpoint is asked.
    assert comprehend["serving_usd_a_month"] > 100 * camembert["serving_usd_a_month"]
    said = flat(run(path).stdout)
    assert "From drop to live, published: 12 to 14 minutes" in said
    assert "Training with comprehend: about 30 to 35 minutes, 1.50 to 1.75 $." in said


def test_a_refused_dataset_as_json(drop):
    result = run(drop(json_list(rows()[:12])), "--json")
    assert (result.exit_code, result.stderr) == (1, "")
    document = json.loads(result.stdout)
    assert list(document) == KEYS
    assert '"WHO_IS"' in document.pop("error")
    assert document == {"accepted": False, "examples": 0, "labels": {}, "warnings": [], **dict.fromkeys(FACTS)}


@pytest.mark.parametrize("arguments", [["--json"], []])
def test_what_cannot_be_read_is_wrong_usage(tmp_path, arguments):
    for path, reason in ((tmp_path / "none.json", "No such file"), (tmp_path, "Is a directory")):
        result = run(str(path), *arguments)
        assert result.exit_code == 2
        assert reason in result.stderr
        assert str(path) in result.stderr
        if arguments:
            document = json.loads(result.stdout)
            assert list(document) == KEYS
            assert (document["accepted"], document["error"]) == (False, result.stderr.strip())
        else:
            assert result.stdout == ""


@pytest.mark.parametrize(
    "arguments",
    [[], ["--unknown"], ["a", "b"], ["a", "--minimum", "0"], ["a", "--minimum", "x"], ["a", "--mode", "none"]],
)
def test_other_wrong_usage(arguments):
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Usage" in result.stderr


def test_an_empty_file_is_refused_and_not_wrong_usage(drop):
    assert run(drop(b"")).exit_code == 1


def test_a_file_beyond_the_limit_is_refused_unread(drop, monkeypatch):
    monkeypatch.setattr("trieur.cli.files.MAX_FILE_BYTES", 100)
    monkeypatch.setattr("trieur.dataset.content.MAX_FILE_BYTES", 100)
    result = run(drop(json_list(rows())), "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"].startswith("The file is larger than 100 bytes")


def test_a_name_that_no_drop_may_have_is_said(drop):
    (warning,) = json.loads(run(drop(json_lines(rows()), "output.manifest"), "--json").stdout)["warnings"]
    assert warning.startswith("'output.manifest' is not named as a dataset")
    assert ".jsonl" in warning
    assert json.loads(run(drop(json_lines(rows()), "output.JSONL.gz"), "--json").stdout)["warnings"] == []


def test_people_read_the_format_the_counts_the_splits_and_the_warnings(drop):
    data = csv_file([*csv_rows(), [WHO_IS[0], "HOW_ARE_YOU"]])
    result = run(drop(gzip.compress(data), "dataset.csv.gz"))
    assert (result.exit_code, result.stderr) == (0, "")
    assert "Accepted. 23 examples of 2 labels, multi-class, read as csv." in result.stdout
    assert next(line.split() for line in result.stdout.splitlines() if "WHO_IS" in line)[:2] == ["WHO_IS", "11"]
    assert "Splits: train " in result.stdout
    assert WHO_IS[0] in result.stdout


def test_people_read_why_it_is_refused(drop):
    examples = rows()
    examples[3]["label"] = None
    result = run(drop(json_lines(examples)))
    assert result.exit_code == 1
    assert result.stdout.startswith("Refused. Line 4 has null for a label")


@pytest.mark.parametrize("width", [30, 40, 60, 80, 200])
def test_every_label_can_be_read_on_any_terminal(drop, width):
    examples = rows()
    for number in range(60):
        examples += [{"text": f"{number} {n}", "label": f"une-étiquette-plutôt-longue-{number}"} for n in range(3)]
    result = run(drop(json_list(examples)), "--minimum", "3", width=width)
    assert result.exit_code == 0
    assert max(map(len, result.stdout.splitlines())) <= width
    flat = "".join(result.stdout.split())
    assert "HOW_ARE_YOU" in flat
    assert "12lessfrequentlabels" in flat


@pytest.mark.parametrize("width", [0, 1])
def test_a_terminal_without_columns_shows_the_verdict(drop, width):
    assert "Accepted." in run(drop(json_list(rows())), width=width).stdout
    assert "Refused." in run(drop(json_list(rows()[:12])), width=width).stdout


@pytest.mark.parametrize("width", range(60, 90))
def test_no_word_of_a_sentence_is_cut(drop, width):
    examples = [{"text": f"Qui est-ce numéro {number} ? «é😀»", "label": "AB"[number % 2]} for number in range(24)]
    result = run(drop(json_list(examples)), width=width)
    assert "which had no text of" in " ".join(result.stdout.split())
    assert "…" not in result.stdout


def test_what_looks_like_markup_is_printed_as_it_is(drop):
    examples = [{**row, "label": f"[bold]{row['label']}[/]"} for row in rows()]
    result = run(drop(json_list([*examples, {"text": f"{WHO_IS[0]}", "label": "[bold]HOW_ARE_YOU[/]"}])))
    assert result.exit_code == 0
    assert "[bold]WHO_IS[/]" in result.stdout


def test_the_settings_of_a_classifier_can_be_given(drop):
    path = drop(json_list([{"text": row["text"], "label": [row["label"]]} for row in rows()]))
    assert run(path, "--minimum", "13").exit_code == 1
    assert "multi-label" in run(path, "--mode", "multi-label").stdout
    assert "multi-class" in run(path).stdout


def test_the_command_and_the_reader_say_the_same(drop):
    data = (Path(__file__).parents[2] / "data" / "smalltalk-extract.json").read_bytes()
    dataset = read_dataset(data, "smalltalk-extract.json")
    document = json.loads(run(drop(data), "--json").stdout)
    assert document["labels"] == dataset.label_counts
    assert document["warnings"] == dataset.warnings
    assert document["examples"] == len(dataset.texts)


def test_help_is_a_manual():
    result = run("--help")
    assert result.exit_code == 0
    for word in ("FILE", "--json", "--minimum", "--mode", "exit status", "trieur check"):
        assert word in result.stdout


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_the_module_runs_as_a_program_in_any_encoding(drop, encoding, arguments):
    path = drop(json_list([{**row, "label": f"{row['label']} œ😀"} for row in rows()]), "données.json")
    command = [sys.executable, "-m", "trieur", "check", path, *arguments]
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONPATH": str(Path(__file__).parents[3])}
    result = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert (result.returncode, result.stderr) == (0, b"")
    output = result.stdout.decode(encoding)
    if arguments:
        assert set(json.loads(output)["labels"]) == {"WHO_IS œ😀", "HOW_ARE_YOU œ😀"}
    else:
        assert "WHO_IS" in output


def program(path: str, *arguments: str, **streams) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "trieur", "check", path, *arguments]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    return subprocess.run(command, env=environment, stderr=subprocess.PIPE, check=False, **streams)


@pytest.mark.parametrize("arguments", [[], ["--json"]])
@pytest.mark.parametrize(("examples", "status"), [(rows(), 0), (rows()[:12], 1)])
def test_the_verdict_holds_when_nobody_reads_it_to_the_end(drop, arguments, examples, status):
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as nobody:
        result = program(drop(json_list(examples)), *arguments, stdout=nobody)
    assert (result.returncode, result.stderr) == (status, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has a device that is always full")
@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_an_answer_that_cannot_be_written_is_no_refusal(drop, arguments):
    with Path("/dev/full").open("w") as full:
        result = program(drop(json_list(rows())), *arguments, stdout=full)
    assert result.returncode == 2
    assert result.stderr.decode() == "The answer cannot be written: No space left on device.\n"
