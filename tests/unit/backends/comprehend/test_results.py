import json
from typing import Any

import pytest

from tests.unit.backends.comprehend.runs import multi_label_examples, split, started, stored, trained
from tests.unit.world import CONFUSION, REPORTED, World, tar_gz
from trieur.backends.comprehend.results import ResultsUnusable
from trieur.backends.comprehend.training import ComprehendTraining
from trieur.backends.output_archive import ArchiveRefused
from trieur.pipeline.check import check_run
from trieur.runs import Run, RunStatus

NOTE = "Trained by a stand-in: its accuracy is not Amazon's."


def of_several(*counts: tuple[int, int, int, int]) -> dict[str, Any]:
    """A matrix for each of the labels A, B, ...: no/no, no/yes, yes/no, yes/yes."""
    labels = list("ABCDEF"[: len(counts)])
    matrix = [[[a, b], [c, d]] for a, b, c, d in counts]
    return {"type": "multi_label", "confusion_matrix": matrix, "labels": labels, "all_labels": labels}


def checked(world: World, run: Run, **completed: Any) -> Run:
    world.complete_classifier(run.run_id, **completed)
    return check_run(run.reference, world.deployment, world.clients)


def test_the_confusion_matrix_gives_the_metrics_of_the_run(world: World) -> None:
    run = trained(world)

    assert run.status is RunStatus.TRAINED
    assert run.metrics is not None
    test = run.metrics["test"]
    assert (test["examples"], test["accuracy"]) == (10, 0.9)
    of_a = {name: value for name, value in test["per_label"]["A"].items() if not name.endswith("_interval")}
    assert of_a == {"precision": 1.0, "recall": 0.8, "f1": pytest.approx(8 / 9), "support": 5}
    assert test["macro_f1"] == pytest.approx((8 / 9 + 10 / 11) / 2)
    actual = [row["label"] for row in split(world, run, "test")]
    assert test["majority_share"] == max(map(actual.count, "AB")) / len(actual)
    assert run.metrics["mode"] == "multi-class"
    assert run.metrics["labels"] == ["A", "B"]
    assert run.metrics["seconds"] == {"train": 1800, "total": 1900}
    assert run.metrics["base_model"] == {
        "name": "Amazon Comprehend",
        "source": "comprehend",
        "parameters": None,
        "note": None,
    }
    assert run.metrics["comprehend"]["reported"]["EvaluationMetrics"] == REPORTED
    assert run.metrics["comprehend"]["test"] == test
    assert run.metrics["evaluation"] is None


def test_the_report_lies_with_the_run(world: World) -> None:
    run = trained(world)

    folder = f"{run.reference.prefix}report/"
    assert world.artifacts(folder) == [
        folder + name for name in ("confusion_matrix.json", "metrics.json", "report.html")
    ]
    assert world.json(folder + "confusion_matrix.json") == CONFUSION
    assert world.json(folder + "metrics.json") == run.metrics


def test_several_labels_take_the_accuracy_that_amazon_reports(world: World) -> None:
    run = checked(
        world,
        started(world, multi_label_examples()),
        confusion=of_several((4, 1, 0, 5), (3, 0, 1, 6)),
        reported={"Accuracy": 0.8123, "HammingLoss": 0.1, "F1Score": 0.9161},
    )

    assert run.metrics is not None
    assert run.metrics["mode"] == "multi-label"
    assert run.metrics["test"]["accuracy"] == 0.8123
    assert "the accuracy as it reports it" in run.metrics["test_source"]
    assert run.metrics["test"]["per_label"]["A"]["precision"] == pytest.approx(5 / 6)
    assert not [words for words in run.metrics["comprehend"]["disagreements"] if "reports" in words]


def test_a_message_of_a_trained_classifier_is_quoted_with_its_accuracy(world: World) -> None:
    run = checked(world, started(world), Message=NOTE)

    assert run.metrics is not None
    assert run.metrics["base_model"]["note"] == NOTE
    assert NOTE in run.message


def test_agreeing_figures_are_not_talked_about(world: World) -> None:
    run = started(world)
    tested = len(split(world, run, "test"))
    matrix = [[tested - 1, 0], [0, 1]]
    figures = dict.fromkeys(REPORTED, 1.0) | {"HammingLoss": 0.0}
    run = checked(world, run, confusion={**CONFUSION, "confusion_matrix": matrix}, reported=figures)

    assert run.metrics is not None
    assert run.metrics["comprehend"]["disagreements"] == []


def test_figures_that_contradict_each_other_are_told(world: World) -> None:
    run = checked(
        world,
        started(world),
        confusion={**CONFUSION, "all_labels": ["A", "B", "C"]},
        reported={**REPORTED, "Accuracy": 0.95, "MicroF1Score": 0.9004},
    )

    assert run.metrics is not None
    accuracy, examples, labels = run.metrics["comprehend"]["disagreements"]
    assert accuracy == "Comprehend reports Accuracy 0.9500, and its confusion matrix gives 0.9000."
    assert examples.startswith("Comprehend tested 10 examples, and the test split has ")
    assert labels == 'Only one of Comprehend\'s confusion matrix and the dataset has the label "C".'


@pytest.mark.parametrize(
    "confusion",
    [
        {},
        {**CONFUSION, "type": "other"},
        {**CONFUSION, "confusion_matrix": [[1, 2]]},
        {**CONFUSION, "confusion_matrix": [[1], [2]]},
        {**CONFUSION, "confusion_matrix": [[1, -2], [0, 1]]},
        {**CONFUSION, "confusion_matrix": [[1, "2"], [0, 1]]},
        {**CONFUSION, "confusion_matrix": None},
        {**CONFUSION, "type": "multi_label"},
        {**of_several((1, 1, 1, 1)), "confusion_matrix": [[[1, 1]]]},
    ],
)
def test_a_matrix_of_another_form_is_refused(world: World, confusion: dict[str, Any]) -> None:
    run = started(world)
    world.complete_classifier(run.run_id, confusion=confusion or {"nothing": 1})
    with pytest.raises(ResultsUnusable, match=r"output\.tar\.gz holds no confusion_matrix\.json as"):
        check_run(run.reference, world.deployment, world.clients)


def test_an_output_without_a_matrix_or_an_archive_is_refused(world: World) -> None:
    run = started(world)
    world.complete_classifier(run.run_id)
    training = ComprehendTraining(world.deployment, world.clients)
    described = run.model_copy(update={"training": {**run.training, **training.state(run).facts}})
    bucket, _, key = described.training["output"].removeprefix("s3://").partition("/")
    world.clients.s3.put_object(Bucket=bucket, Key=key, Body=tar_gz({"other.json": b"{}"}))
    with pytest.raises(ResultsUnusable, match="confusion_matrix"):
        training.model(described)
    world.clients.s3.put_object(Bucket=bucket, Key=key, Body=b"no archive")
    with pytest.raises(ArchiveRefused):
        training.model(described)
    with pytest.raises(ResultsUnusable, match=r"names no output\.tar\.gz of the training but nothing"):
        training.model(run)


def test_several_labels_without_a_reported_accuracy_are_refused(world: World) -> None:
    run = started(world, multi_label_examples())
    world.complete_classifier(run.run_id, confusion=of_several((4, 1, 0, 5), (3, 0, 1, 6)), reported={"F1Score": 0.9})
    with pytest.raises(ResultsUnusable, match="reports no accuracy"):
        check_run(run.reference, world.deployment, world.clients)


def test_a_model_no_better_than_the_majority_does_not_pass_the_gate(world: World) -> None:
    run = checked(world, started(world), confusion={**CONFUSION, "confusion_matrix": [[0, 5], [5, 0]]})

    assert run.status is RunStatus.REFUSED
    assert "did not pass the gate" in run.message
    assert json.loads(stored(world, run.run_id).model_dump_json())["gate"]["passed"] is False


def test_the_message_is_quoted_where_the_gate_is_missed_too(world: World) -> None:
    run = checked(world, started(world, gate={"min_accuracy": 0.95}), Message=NOTE)

    assert run.status is RunStatus.REFUSED
    assert NOTE in run.message
