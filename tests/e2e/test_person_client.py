"""Asking a live classifier as a person does: from Python, the command line, and the examples."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from localcloud import LocalCloud
from tests.e2e.conftest import CHATBOT, REPOSITORY, Command, Live
from trieur import AsyncClassifier, Classifier
from trieur.client import NoSuchEndpoint, TextRefused

EXAMPLES = REPOSITORY / "examples"
QUESTIONS = ["Qui est Marie Curie ?", "Comment ça va ?", "Qui est-ce qui fait du nodejs ?"]
LABELS = ["WHO_IS", "HOW_ARE_YOU", "WHO_KNOWS_ABOUT"]


@pytest.fixture(autouse=True)
def _local(cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIEUR_LOCAL_STATE", str(cloud.state))


def test_both_backends_answer_the_client_alike(live: Live) -> None:
    for backend in ("camembert", "comprehend"):
        with Classifier.local(live.name, backend=backend) as classifier:
            predictions = classifier.predict(QUESTIONS)
            assert [prediction.label for prediction in predictions] == LABELS
            assert {prediction.mode for prediction in predictions} == {"multi-class"}
            assert sum(one.probability for one in predictions[0].classes) == pytest.approx(1, abs=1e-5)
            refused = [type(answer) for answer in classifier.stream(["", "Ça va ?", "a" * 7_000_000])]
            assert (refused[0], refused[2]) == (TextRefused, TextRefused)
    classifier = Classifier.local(live.name)
    assert classifier.predict("Comment ça va ?").backend == "camembert"
    with pytest.raises(NoSuchEndpoint, match="no endpoint in service on any backend"):
        Classifier.local("nobody").predict("Comment ça va ?")


def test_many_questions_at_once(live: Live) -> None:
    rows = json.loads(CHATBOT.read_text(encoding="utf-8"))

    async def ask() -> list[str]:
        async with AsyncClassifier.local(live.name) as classifier:
            return [prediction.label for prediction in await classifier.predict_many(row["text"] for row in rows)]

    labels = asyncio.run(ask())

    assert len(labels) == len(rows)
    assert sum(label == row["label"] for label, row in zip(labels, rows, strict=True)) > 0.85 * len(rows)


def test_predict_prints_what_the_client_answers(command: Command, live: Live, tmp_path: Path) -> None:
    lines = command.run("predict", live.name, *QUESTIONS, "--local").splitlines()
    assert [line.split("\t")[0] for line in lines] == LABELS
    assert [line.split("\t")[2] for line in lines] == QUESTIONS

    file = tmp_path / "texts.csv"
    file.write_text("id,text\n1,Comment ça va ?\n2,\n3,Qui est Marie Curie ?\n", encoding="utf-8")
    arguments = ("predict", live.name, "--file", str(file), "--backend", "comprehend", "--local", "--json")
    answered = command.run(*arguments, code=1).splitlines()[:3]
    told = [json.loads(line) for line in answered]
    assert [one.get("label", one.get("error")) for one in told] == [
        "HOW_ARE_YOU",
        "The text is empty: give one with words in it.",
        "WHO_IS",
    ]


def test_bench_measures_the_endpoint(command: Command, live: Live) -> None:
    told = command.json("bench", live.name, "--series", "1", "--requests", "3", "--pause", "0.05", "--local")

    assert told["local"] is True
    assert told["run_id"] == live.runs["camembert"]["run_id"]
    assert (told["paused"]["all"]["requests"], told["back_to_back"]["all"]["requests"]) == (3, 3)
    assert 0 < told["back_to_back"]["all"]["lowest"] <= told["back_to_back"]["all"]["p99"]


def test_batch_brings_the_predictions_of_both_backends(command: Command, live: Live, tmp_path: Path) -> None:
    file = tmp_path / "questions.txt"
    file.write_text("\n\n".join(QUESTIONS), encoding="utf-8")

    told = command.json("batch", live.name, str(file), "--output", str(tmp_path), "--local")

    assert (told["lines"], told["texts"]) == (5, 3)
    assert [(one["backend"], one["stage"]) for one in told["backends"]] == [
        ("camembert", "COMPLETED"),
        ("comprehend", "COMPLETED"),
    ]
    for one in told["backends"]:
        answers = [json.loads(line) for line in Path(one["output"]).read_text(encoding="utf-8").splitlines()]
        assert [row[0]["Class"] if row else None for row in answers] == [LABELS[0], None, LABELS[1], None, LABELS[2]]


def example(cloud: LocalCloud, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    environment = {**cloud.environment, "PATH": "/usr/bin:/bin", "PYTHONPATH": str(REPOSITORY)}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=EXAMPLES,
        env=environment,
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )


def test_the_chatbot_routes_questions(cloud: LocalCloud, live: Live) -> None:
    # A model of a minute is not as sure as one should be.
    arguments = ("chatbot.py", "--classifier", live.name, "--threshold", "0.4")

    done = example(cloud, *arguments, stdin="\n".join(QUESTIONS))

    assert (done.returncode, done.stderr) == (0, "")
    person, well, skill = done.stdout.splitlines()
    assert person.startswith("Marie Curie, directrice de la recherche.")
    assert well.startswith("Très bien, merci !")
    assert skill == "Pour nodejs, demandez à Ada Lovelace."

    doubting = example(cloud, *arguments[:-1], "1", "--language", "en", "--verbose", stdin=QUESTIONS[0])
    assert doubting.stdout.splitlines()[1:] == ["I am not sure I understand: could you say it in other words?"]
    missing = example(cloud, "chatbot.py", "--classifier", "nobody", stdin=QUESTIONS[0])
    assert (missing.returncode, missing.stdout) == (1, "")
    assert missing.stderr.startswith("Classifier nobody has no endpoint")


def test_the_sagemaker_sdk_asks_the_endpoint(cloud: LocalCloud, live: Live) -> None:
    done = example(cloud, "sagemaker_sdk.py", live.name, *QUESTIONS)

    assert done.returncode == 0, done.stderr
    first, *answers = done.stdout.splitlines()
    assert first.startswith(f"trieur-{live.name} is InService, on trieur-{live.name}-")
    assert [line.split()[0] for line in answers] == LABELS


def test_the_notebooks_cells_run_in_their_order(cloud: LocalCloud, live: Live, tmp_path: Path) -> None:
    notebook: dict[str, Any] = json.loads((EXAMPLES / "questions.ipynb").read_text(encoding="utf-8"))
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    source = (
        "\n".join(cells).replace('"questions"', f'"{live.name}"').replace("trieur-questions", f"trieur-{live.name}")
    )
    script = tmp_path / "notebook.py"
    script.write_text(f"{source}\nprint(prediction.label, endpoint.endpoint_status)\n", encoding="utf-8")

    done = example(cloud, str(script))

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "WHO_IS InService"
    assert "of 390 right" in done.stdout
