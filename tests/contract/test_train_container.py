"""The training container as SageMaker sees it: the real process, real folders, what it leaves and what it logs."""

import json
import re
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from tokenizers import Tokenizer

from tests.contract.training_job import CONTAINER, JOB, PATIENCE, Job, run, start
from tests.unit.train.jobs import SUBJECTS, multi_class_rows, multi_label_rows, write_job
from tests.unit.train.tiny_base_models import write_base_model

LABELS = sorted(SUBJECTS)
SETTINGS = {"classifier": "questions", "run_id": "0123456789abcdef", "epochs": "12", "patience": "3"}
EPOCH = re.compile(
    r"epoch=(\d+) epochs=12 train_loss=(\d+\.\d+) train_accuracy=(\d\.\d+) validation_loss=(\d+\.\d+) "
    r"validation_accuracy=(\d\.\d+) validation_macro_f1=(\d\.\d+) seconds=(\d+\.\d+)"
)


@pytest.fixture(scope="session")
def trained_twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Job, Job]:
    roots = [write_job(tmp_path_factory.mktemp("trained") / "ml", **SETTINGS) for _ in range(2)]
    with ThreadPoolExecutor() as side_by_side:
        first, second = side_by_side.map(run, roots)
    return first, second


@pytest.fixture(scope="session")
def trained(trained_twice: tuple[Job, Job]) -> Job:
    return trained_twice[0]


@pytest.fixture(scope="session")
def multi_label(tmp_path_factory: pytest.TempPathFactory) -> Job:
    settings = SETTINGS | {"epochs": "6", "learning_rate": "0.001"}
    return run(write_job(tmp_path_factory.mktemp("multi-label") / "ml", "multi-label", **settings))


def test_it_succeeds_and_leaves_what_the_contract_names(trained: Job) -> None:
    assert trained.status == 0, trained.errors
    found = {str(path.relative_to(trained.root)) for path in trained.root.rglob("*") if path.is_file()}
    assert {path for path in found if not path.startswith("input/")} == {
        "model/model.onnx",
        "model/tokenizer.json",
        "model/model.json",
        "model/encoder.json",
        "output/data/metrics.json",
        "output/data/confusion_matrix.json",
        "output/data/errors.jsonl",
        "output/data/report.html",
        "output/data/model_card.md",
    }


def test_it_logs_one_line_an_epoch_with_the_numbers_of_the_history(trained: Job) -> None:
    lines = [line for line in trained.log.splitlines() if line.startswith("epoch=")]
    matches = [EPOCH.fullmatch(line) for line in lines]
    history = trained.metrics["history"]
    assert len(lines) == len(history)
    for number, (match, epoch) in enumerate(zip(matches, history, strict=True), start=1):
        assert match is not None
        assert int(match[1]) == epoch["epoch"] == number
        logged = [float(value) for value in match.groups()[1:6]]
        names = ("train_loss", "train_accuracy", "validation_loss", "validation_accuracy", "validation_macro_f1")
        assert logged == pytest.approx([epoch[name] for name in names], abs=1e-4)


def test_nothing_but_progress_is_said(trained: Job) -> None:
    assert trained.errors == ""


def test_it_learns(trained: Job) -> None:
    metrics = trained.metrics
    assert metrics["test"]["accuracy"] >= 0.9
    assert metrics["test"]["majority_share"] == pytest.approx(1 / 3)
    losses = [epoch["validation_loss"] for epoch in metrics["history"]]
    assert metrics["best_epoch"] == 1 + losses.index(min(losses))


def test_metrics_say_all_that_the_contract_names(trained: Job) -> None:
    metrics = trained.metrics
    assert (metrics["mode"], metrics["labels"]) == ("multi-class", LABELS)
    for split, examples in (("test", 24), ("validation", 24)):
        assert metrics[split]["examples"] == examples
        assert set(metrics[split]["per_label"]) == set(LABELS)
    assert metrics["base_model"]["source"] == "scratch"
    assert "Trained from scratch" in metrics["base_model"]["note"]
    assert metrics["base_model"]["note"] in trained.log
    assert metrics["export"]["quantization"] in {"int8", "none"}
    assert metrics["export"]["bytes"] == (trained.root / "model" / "model.onnx").stat().st_size
    assert set(metrics["seconds"]) == {"load", "train", "export", "total"}
    assert metrics["hyperparameters"]["epochs"] == 12
    assert metrics["hyperparameters"]["seed"] == 13
    assert metrics["versions"]["torch"]


def test_the_model_describes_itself(trained: Job) -> None:
    model = trained.model
    assert model == {
        "format": 2,
        "mode": "multi-class",
        "labels": LABELS,
        "max_length": 128,
        "long_texts": "truncate",
        "pad_token_id": 1,
        "temperature": trained.metrics["calibration"]["temperature"],
        "threshold": trained.metrics["rejection"]["threshold"],
        "base_model": trained.metrics["base_model"],
        "training_job": JOB,
    }


def test_the_exported_graph_gives_the_answers_that_were_measured(trained: Job) -> None:
    rows = multi_class_rows("test")
    answers = trained.logits([str(row["text"]) for row in rows])
    right = sum(LABELS[int(logits.argmax())] == row["label"] for logits, row in zip(answers, rows, strict=True))
    assert right / len(rows) == pytest.approx(trained.metrics["test"]["accuracy"], abs=1.01 / len(rows))


def test_the_graph_takes_and_gives_what_the_contract_names(trained: Job) -> None:
    session = onnxruntime.InferenceSession(trained.root / "model" / "model.onnx", providers=["CPUExecutionProvider"])
    inputs = {given.name: (given.type, given.shape) for given in session.get_inputs()}
    assert inputs == {name: ("tensor(int64)", ["batch", "tokens"]) for name in ("input_ids", "attention_mask")}
    (output,) = session.get_outputs()
    assert (output.name, output.type, output.shape) == ("logits", "tensor(float)", ["batch", len(LABELS)])


def test_the_confusion_matrix_counts_the_test_split(trained: Job) -> None:
    confusion = json.loads((trained.root / "output" / "data" / "confusion_matrix.json").read_text(encoding="utf-8"))
    assert confusion["type"] == "multi_class"
    assert confusion["labels"] == confusion["all_labels"] == LABELS
    matrix = np.array(confusion["confusion_matrix"])
    assert matrix.sum(axis=1).tolist() == [8, 8, 8]
    assert np.trace(matrix) / 24 == pytest.approx(trained.metrics["test"]["accuracy"])


def test_the_report_shows_accuracy_and_base_model(trained: Job) -> None:
    page = (trained.root / "output" / "data" / "report.html").read_text(encoding="utf-8")
    assert f"{trained.metrics['test']['accuracy']:.1%}" in page
    assert "Trained from scratch" in page


def test_the_same_job_gives_the_same_model(trained_twice: tuple[Job, Job]) -> None:
    trained, again = trained_twice
    assert again.status == 0, again.errors
    for name in ("model.onnx", "tokenizer.json", "model.json"):
        assert (again.root / "model" / name).read_bytes() == (trained.root / "model" / name).read_bytes(), name

    def untimed(job: Job) -> list[dict[str, float]]:
        return [{name: value for name, value in epoch.items() if name != "seconds"} for epoch in job.metrics["history"]]

    assert untimed(again) == untimed(trained)


def test_several_labels_are_learnt_and_answered_one_by_one(multi_label: Job) -> None:
    assert multi_label.status == 0, multi_label.errors
    assert multi_label.model["mode"] == multi_label.metrics["mode"] == "multi-label"
    assert multi_label.metrics["test"]["macro_f1"] > 0.75
    confusion = json.loads((multi_label.root / "output" / "data" / "confusion_matrix.json").read_text(encoding="utf-8"))
    rows = multi_label_rows("test")
    answers = multi_label.logits([str(row["text"]) for row in rows])
    assert confusion["type"] == "multi_label"
    for number, (label, matrix) in enumerate(zip(LABELS, confusion["confusion_matrix"], strict=True)):
        assert sum(matrix[1]) == sum(label in row["labels"] for row in rows)  # type: ignore[operator]
        assert abs(sum(bool(logits[number] >= 0) for logits in answers) - matrix[0][1] - matrix[1][1]) <= 1


def test_a_base_model_of_the_channel_is_fine_tuned(tmp_path: Path) -> None:
    root = write_job(tmp_path / "ml", **SETTINGS | {"epochs": "2", "max_length": "512"})
    source = write_base_model(tmp_path / "source", "camembert")
    shutil.make_archive(str(tmp_path / "model"), "gztar", source)
    (root / "input" / "data" / "pretrained").mkdir()
    shutil.move(tmp_path / "model.tar.gz", root / "input" / "data" / "pretrained")
    job = run(root)
    assert job.status == 0, job.errors
    assert job.metrics["base_model"]["source"] == "channel"
    assert job.metrics["base_model"]["name"] == "camembert"
    assert job.metrics["base_model"]["note"] is None
    assert job.metrics["hyperparameters"]["learning_rate"] == 5e-5
    assert job.model["max_length"] < 512
    expected = Tokenizer.from_file(str(source / "tokenizer.json")).encode("Bonjour, l'heure svp")
    assert (
        Tokenizer.from_file(str(root / "model" / "tokenizer.json")).encode("Bonjour, l'heure svp").ids == expected.ids
    )
    (logits,) = job.logits(["mot " * 30])
    assert np.isfinite(logits).all()


def test_a_stop_ends_it_promptly_with_a_sentence_and_no_model(tmp_path: Path) -> None:
    root = write_job(tmp_path / "ml", **SETTINGS | {"epochs": "1000", "patience": "1000"})
    process = start(root)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("epoch="):
            break
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert "stopped" in (root / "output" / "failure").read_text()
    assert not list((root / "model").glob("*"))
    assert not list((tmp_path / "ml-tmp").glob("trieur*"))


def empty_test_split(root: Path) -> None:
    (root / "input" / "data" / "test" / "test.jsonl").write_bytes(b"")


def no_validation_channel(root: Path) -> None:
    shutil.rmtree(root / "input" / "data" / "validation")


def bad_line(root: Path) -> None:
    with (root / "input" / "data" / "train" / "train.jsonl").open("a") as lines:
        lines.write('{"text": "Qui est là ?"}\n')


def unknown_test_label(root: Path) -> None:
    with (root / "input" / "data" / "test" / "test.jsonl").open("a") as lines:
        lines.write('{"text": "Qui est là ?", "label": "QUI"}\n')


def unknown_hyperparameter(root: Path) -> None:
    (root / "input" / "config" / "hyperparameters.json").write_text('{"epoch": "3"}')


def tokenizer_without_model(root: Path) -> None:
    write_base_model(root / "input" / "data" / "pretrained", "camembert")
    (root / "input" / "data" / "pretrained" / "model.safetensors").unlink()


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (empty_test_split, "The test split is empty"),
        (no_validation_channel, "The channel 'validation' is missing"),
        (bad_line, 'train/train.jsonl, line 73: no "label"'),
        (unknown_test_label, "such as 'QUI'"),
        (unknown_hyperparameter, "Unknown hyperparameter 'epoch'"),
        (tokenizer_without_model, "has no weights"),
    ],
)
def test_what_cannot_be_trained_ends_with_a_sentence_and_no_model(tmp_path: Path, spoil: Any, sentence: str) -> None:
    root = write_job(tmp_path / "ml", **SETTINGS)
    (root / "model").mkdir()
    (root / "model" / "model.onnx").write_bytes(b"of an earlier job")
    spoil(root)
    job = run(root)
    assert job.status == 1
    assert sentence in job.failure
    assert len(job.failure) <= 1024
    assert "Traceback" not in job.errors
    assert not list((root / "model").iterdir())


def test_without_train_it_says_how_it_is_used(tmp_path: Path) -> None:
    used = subprocess.run(
        [sys.executable, "-m", "trieur_train"],
        cwd=CONTAINER,
        env={"OPT_ML": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert used.returncode == 2
    assert "usage" in used.stderr
    assert not list(tmp_path.iterdir())
