import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.backends.comprehend.runs import artifact, multi_label_examples, split, started, stored, trained
from tests.unit.comprehend_double import Classes, ComprehendError
from tests.unit.world import REPORTED, World, examples
from trieur.backends.comprehend import evaluation, judgement
from trieur.backends.comprehend.evaluation import ComprehendEvaluation, as_sent
from trieur.pipeline.check import check_run
from trieur.pipeline.deploy import deploy_run
from trieur.predictions import highest_first
from trieur.runs import Run, RunStatus

ALWAYS_RIGHT = {"Accuracy": 1.0}


class Clock:
    """Each look at it is a second later."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


def evaluate(world: World, **options: Any) -> ComprehendEvaluation:
    return ComprehendEvaluation(world.deployment, world.clients, **options)


def in_service(world: World, dataset: bytes | None = None, right: int = 9, wrong: int = 1) -> Run:
    """A run behind an endpoint, of whose test examples Amazon says that it got so many right and wrong."""
    run = started(world, dataset)
    matrix = [[right, wrong], [0, 0]]
    confusion = {"type": "multi_class", "confusion_matrix": matrix, "labels": ["A", "B"], "all_labels": ["A", "B"]}
    world.complete_classifier(run.run_id, confusion=confusion)
    return behind_endpoint(world, run)


def behind_endpoint(world: World, run: Run) -> Run:
    assert check_run(run.reference, world.deployment, world.clients).status is RunStatus.TRAINED
    run = deploy_run(run.reference, world.deployment, world.clients)
    world.comprehend.settle("trieur-questions")
    return run


def said(world: World, run: Run) -> list[dict[str, Any]]:
    return [
        json.loads(line) for line in artifact(world, f"{run.reference.prefix}evaluation/predictions.jsonl").splitlines()
    ]


def answers(first: str, others: tuple[str, ...] = ()) -> Classes:
    """The first class is likely, the others are less so."""
    return {"Classes": [{"Name": name, "Score": 0.05} for name in others] + [{"Name": first, "Score": 0.9}]}


def test_the_whole_test_split_is_asked_and_becomes_the_runs_figures(world: World) -> None:
    run = in_service(world, right=10, wrong=0)
    tested = split(world, run, "test")
    world.comprehend.classify = lambda text: answers(text[0], ("A", "B"))

    live = check_run(run.reference, world.deployment, world.clients)

    assert live.status is RunStatus.LIVE
    assert [request["Text"] for request in world.comprehend.asked("ClassifyDocument")] == [
        row["text"] for row in tested
    ]
    assert live.metrics is not None
    assert live.metrics["test"]["examples"] == len(tested)
    assert live.metrics["test"]["accuracy"] == 1.0
    assert live.metrics["test_source"].startswith("our evaluation")
    assert live.metrics["evaluation"]["agrees"] is True
    assert live.metrics["evaluation"]["reported"] == 1.0
    sentence = f"Asked through the endpoint, it got {len(tested)} of {len(tested)} test examples right;"
    assert f"{sentence} Comprehend's own accuracy, 1.000, agrees." in live.message
    assert world.json(f"{run.reference.prefix}report/metrics.json") == live.metrics
    confusion = world.json(f"{run.reference.prefix}report/confusion_matrix.json")
    assert sum(map(sum, confusion["confusion_matrix"])) == len(tested)


def test_what_was_said_is_kept_in_the_pipelines_shape(world: World) -> None:
    run = in_service(world)
    world.comprehend.classify = lambda text: answers(text[0], ("other",))

    evaluate(world).go_on(run)

    tested = split(world, run, "test")
    assert said(world, run) == [
        {
            "index": index,
            "prediction": [
                {"Class": row["label"], "Probability": 0.9},
                {"Class": "other", "Probability": 0.05},
            ],
        }
        for index, row in enumerate(tested)
    ]


def test_a_disagreement_is_said_in_words(world: World) -> None:
    run = in_service(world, right=10, wrong=0)
    world.comprehend.classify = lambda _: answers("A")

    live = check_run(run.reference, world.deployment, world.clients)

    assert live.status is RunStatus.LIVE, "a finding, not a failure"
    assert (
        "which DISAGREES with Comprehend's own accuracy, 1.000: look at the report before relying on either."
        in live.message
    )
    assert live.metrics is not None
    assert live.metrics["evaluation"]["agrees"] is False
    page = artifact(world, f"{run.reference.prefix}report/report.html").decode()
    assert page.index("DISAGREES") < page.index("Test accuracy")


@pytest.mark.parametrize(
    ("right", "reported", "agrees"),
    [(8, 1.0, True), (7, 1.0, False), (10, 0.8, True), (10, 0.79, False), (9, 0.9, True)],
)
def test_two_examples_are_forgiven(right: int, reported: float, agrees: bool) -> None:
    judged = judge(right, 10, reported, total=10)
    assert judged.metrics["evaluation"]["agrees"] is agrees


@pytest.mark.parametrize(("right", "agrees"), [(880, True), (879, False), (921, False)])
def test_two_points_are_forgiven(right: int, agrees: bool) -> None:
    assert judge(right, 1_000, 0.9, total=1_000).metrics["evaluation"]["agrees"] is agrees


@pytest.mark.parametrize(("right", "agrees"), [(872, True), (871, False)])
def test_a_sample_is_forgiven_three_standard_errors(right: int, agrees: bool) -> None:
    judged = judge(right, 1_000, 0.9, total=9_000)
    assert judged.metrics["evaluation"]["agrees"] is agrees
    assert judged.metrics["test"] == {"accuracy": 0.9}, "Comprehend's, which are of the whole"
    assert judged.confusion is None
    assert f"{right} of 1,000 test examples (a sample of 9,000) right" in judged.metrics["evaluation"]["sentence"]


@pytest.mark.parametrize(("reported_f1", "agrees"), [(0.82, True), (0.6, False)])
def test_several_labels_are_compared_by_what_both_mean_alike(reported_f1: float, agrees: bool) -> None:
    before = {
        "mode": "multi-label",
        "labels": ["A", "B"],
        # Label by label; half of the texts have both of theirs right.
        "comprehend": {"test": {"accuracy": 0.9, "macro_f1": reported_f1}},
    }
    actual = [("A", "B")] * 100
    predictions = [highest_first([("A", 0.9), ("B", 0.9 if place < 50 else 0.1)]) for place in range(100)]

    evaluation = judgement.judge(before, actual, predictions, total=100, cut=0).metrics["evaluation"]

    assert evaluation["accuracy"] == 0.5
    assert (evaluation["macro_f1"], evaluation["agrees"]) == (pytest.approx((1 + 2 / 3) / 2), agrees)
    assert f"Comprehend's own macro-F1, {reported_f1:.3f}" in evaluation["sentence"]


def judge(right: int, examples: int, reported: float, total: int) -> judgement.Judgement:
    before = {
        "mode": "multi-class",
        "labels": ["A", "B"],
        "test": {"accuracy": reported},
        "comprehend": {"test": {"accuracy": reported}},
    }
    predictions = [highest_first([("A" if place < right else "B", 0.9)]) for place in range(examples)]
    return judgement.judge(before, [("A",)] * examples, predictions, total=total, cut=0)


def test_it_goes_on_where_the_check_before_left_off(world: World) -> None:
    run = in_service(world)
    total = run.splits["test"].examples
    world.comprehend.classify = lambda text: answers(text[0])
    asked: list[int] = []

    for _ in range(20):
        progress = evaluate(world, clock=Clock(), check_seconds=4).go_on(run)
        asked.append(len(world.comprehend.asked("ClassifyDocument")))
        if progress.model is not None:
            break
        assert progress.message == f"Asked {asked[-1]} of {total} test examples for the evaluation."

    assert len(asked) > 1
    assert asked[-1] == total, "no example is asked twice"
    assert progress.model is not None
    assert progress.model.metrics["test"]["accuracy"] == 1.0


def test_the_run_is_live_only_once_all_is_asked(world: World) -> None:
    run = in_service(world)
    throttled = ComprehendError("ThrottlingException", "Rate exceeded")
    world.comprehend.classify = lambda text: answers(text[0])
    world.comprehend.errors["ClassifyDocument"] = [throttled]

    checked = check_run(run.reference, world.deployment, world.clients)
    assert checked.status is RunStatus.DEPLOYING
    assert f"Asked 0 of {run.splits['test'].examples} test examples" in checked.message
    assert check_run(run.reference, world.deployment, world.clients).status is RunStatus.LIVE


def test_a_run_is_not_live_by_what_the_next_runs_model_answered(world: World) -> None:
    """While it was being asked, the endpoint has been updated for another run."""
    run = in_service(world)
    (endpoint,) = world.comprehend.endpoints.values()

    def updated(text: str) -> Classes:
        endpoint["ModelArn"] = endpoint["ModelArn"].replace(run.run_id, "0" * 16)
        return answers(text[0])

    world.comprehend.classify = updated

    checked = check_run(run.reference, world.deployment, world.clients)

    assert (checked.status, checked.metrics) == (RunStatus.DEPLOYING, run.metrics)
    assert check_run(run.reference, world.deployment, world.clients).status is RunStatus.ROLLED_BACK


def test_what_was_answered_is_kept_when_amazon_fails(world: World) -> None:
    run = in_service(world)
    calls: list[str] = []

    def failing(text: str) -> Classes:
        calls.append(text)
        if len(calls) == 3:
            raise ComprehendError("InternalServerException", "Broken.")
        return answers(text[0])

    world.comprehend.classify = failing
    with pytest.raises(ClientError, match="Broken"):
        evaluate(world).go_on(run)

    assert [row["index"] for row in said(world, run)] == [0, 1]
    assert evaluate(world).go_on(run).model is not None


def test_a_split_of_many_is_sampled_evenly(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation, "MAX_EXAMPLES", 4)
    run = in_service(world, examples(60))
    total = run.splits["test"].examples
    world.comprehend.classify = lambda text: answers(text[0])

    progress = evaluate(world).go_on(run)

    assert [row["index"] for row in said(world, run)] == [0, total // 4, total // 2, 3 * total // 4]
    assert progress.model is not None
    assert run.metrics is not None
    assert progress.model.metrics["test"] == run.metrics["test"], "Comprehend's"
    assert progress.model.metrics["evaluation"]["examples"] == 4
    assert json.loads(progress.model.report["confusion_matrix.json"])["confusion_matrix"] == [[9, 1], [0, 0]]


def test_long_texts_are_sampled_so_that_the_evaluation_stays_affordable(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A unit answers 100 characters a second and is paid by the second."""
    monkeypatch.setattr(evaluation, "UNIT_CHARACTERS", 500)
    rows = [{**row, "text": f"{row['text']}{'.' * 85}"} for row in json.loads(examples(60))]
    run = in_service(world, json.dumps(rows).encode())
    world.comprehend.classify = lambda text: answers(text[0])

    progress = evaluate(world).go_on(run)

    assert run.splits["test"].examples > 5
    assert progress.model is not None
    assert progress.model.metrics["evaluation"]["examples"] in (4, 5)


def test_a_call_that_is_throttled_to_the_end_leaves_time_to_keep_the_answers(world: World) -> None:
    attempts = world.clients.paced_comprehend.meta.config.retries["total_max_attempts"]
    # botocore doubles its pauses up to 20 seconds; its adaptive mode adds at most two before each attempt.
    longest = sum(min(2**retry, 20) for retry in range(attempts - 1)) + 2 * attempts
    unheard = world.clients.paced_comprehend.meta.config.read_timeout * attempts
    assert evaluation.CHECK_SECONDS + longest + unheard < 600, "the time of check_model_status"


def test_a_text_that_comprehend_refuses_is_wrong_and_counted(world: World) -> None:
    run = in_service(world)
    world.comprehend.errors["ClassifyDocument"] = [ComprehendError("InvalidRequestException", "Not this text.")]

    progress = evaluate(world).go_on(run)

    assert said(world, run)[0] == {"index": 0, "prediction": []}
    assert progress.message.endswith("Texts that got no class at all: 1.")


def test_started_again_the_figures_are_the_same_and_nothing_is_asked(world: World) -> None:
    run = in_service(world)
    live = check_run(run.reference, world.deployment, world.clients)
    calls = len(world.comprehend.asked("ClassifyDocument"))

    again = evaluate(world).go_on(stored(world, run.run_id))

    assert len(world.comprehend.asked("ClassifyDocument")) == calls
    assert again.model is not None
    assert again.model.metrics == live.metrics


def test_of_several_labels_each_of_half_a_chance_counts(world: World) -> None:
    run = started(world, multi_label_examples())
    matrix = [[[4, 0], [0, 6]], [[4, 0], [0, 6]]]
    confusion = {"type": "multi_label", "confusion_matrix": matrix, "labels": ["A", "B"], "all_labels": ["A", "B"]}
    world.complete_classifier(run.run_id, confusion=confusion, reported={**REPORTED, **ALWAYS_RIGHT})
    run = behind_endpoint(world, run)
    world.comprehend.classify = lambda text: {
        "Labels": [
            {"Name": "A", "Score": 0.5 if text.startswith(("A", "Both")) else 0.49},
            {"Name": "B", "Score": 0.99 if text[0] == "B" else 0.1},
        ]
    }

    live = check_run(run.reference, world.deployment, world.clients)

    assert live.metrics is not None
    assert live.metrics["test"]["accuracy"] == 1.0
    assert live.metrics["evaluation"]["agrees"] is True
    assert world.json(f"{run.reference.prefix}report/confusion_matrix.json")["type"] == "multi_label"


def test_a_text_without_a_class_is_wrong_and_counted(world: World) -> None:
    run = in_service(world)
    world.comprehend.classify = lambda text: {"Classes": []} if text == first else answers(text[0])
    first = split(world, run, "test")[0]["text"]

    progress = evaluate(world).go_on(run)

    assert said(world, run)[0] == {"index": 0, "prediction": []}
    assert progress.model is not None
    total = run.splits["test"].examples
    assert progress.model.metrics["test"]["accuracy"] == pytest.approx((total - 1) / total)
    assert progress.message.endswith("Texts that got no class at all: 1.")


def test_long_texts_are_cut_between_two_characters_and_counted(world: World) -> None:
    rows = json.loads(examples())
    long = [{**row, "text": f"{row['text']}\n{'é' * 6_000}"} for row in rows]
    run = in_service(world, json.dumps(long).encode())
    world.comprehend.classify = lambda text: answers(text[0])

    progress = evaluate(world).go_on(run)

    total = run.splits["test"].examples
    for request in world.comprehend.asked("ClassifyDocument"):
        assert 9_998 < len(request["Text"].encode()) <= 10_000
        assert "\n" not in request["Text"]
    assert progress.model is not None
    assert progress.model.metrics["evaluation"]["cut"] == total
    assert f"Texts that were cut at 10,000 bytes, the most the endpoint takes: {total}." in progress.message


@pytest.mark.parametrize(
    ("text", "sent"),
    [("court", "court"), ("a\r\nb", "a b"), ("x" * 10_000, "x" * 10_000), ("x" * 9_999 + "é", "x" * 9_999)],
)
def test_what_is_sent_of_a_text(text: str, sent: str) -> None:
    assert as_sent(text) == sent


def test_a_trained_run_keeps_amazons_figures_until_it_is_asked(world: World) -> None:
    run = trained(world)
    assert run.metrics is not None
    assert run.metrics["evaluation"] is None
    page = artifact(world, f"{run.reference.prefix}report/report.html").decode()
    assert "The model was not asked through an endpoint" in page
