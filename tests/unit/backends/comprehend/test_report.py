import re
from typing import Any

import pytest

from tests.unit.backends.comprehend.runs import artifact, multi_label_examples, started
from tests.unit.world import World
from trieur.backends.comprehend.report import render_report
from trieur.metrics import confusion_matrix, of_predictions
from trieur.pipeline.check import check_run
from trieur.runs import Run

HOSTILE = "<script>alert('x')</script> & \"co\""


def report(run: Run, labels: list[str], *, note: str | None = None, several: bool = False, **changed: Any) -> str:
    mode: Any = "multi-label" if several else "multi-class"
    actual = [(label,) for label in labels for _ in range(3)]
    predicted = [actual[place - 1] for place in range(len(actual))]
    test = of_predictions(actual, predicted, labels)
    metrics = {
        "mode": mode,
        "labels": labels,
        "test": test,
        "test_source": "Comprehend's own test",
        "base_model": {"note": note},
        "seconds": {"train": 1800.0, "total": None},
        "comprehend": {"arn": "arn:x", "reported": {}, "test": test, "disagreements": []},
        "evaluation": None,
        **changed,
    }
    return render_report(run, metrics, confusion_matrix(actual, predicted, labels, mode))


@pytest.fixture
def run(world: World) -> Run:
    return started(world)


@pytest.mark.parametrize("several", [False, True])
def test_labels_notes_and_facts_are_text_and_never_markup(run: Run, several: bool) -> None:
    dataset = run.dataset.model_copy(update={"warnings": [HOSTILE], "key": f"datasets/{HOSTILE}"})
    hostile = run.model_copy(update={"dataset": dataset, "split_notes": [HOSTILE], "training": {"output": HOSTILE}})

    page = report(hostile, [HOSTILE, "$autre ${x}"], note=HOSTILE, several=several)

    assert "<script" not in page
    assert page.count("&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt; &amp; &quot;co&quot;") > 5
    assert "$autre ${x}" in page


def test_it_needs_nothing_from_outside(run: Run) -> None:
    page = report(run, ["a", "b"])
    # The dataset's own address is text.
    assert not re.search(r"https?:|\bsrc=|\bhref=|@import|url\(|<script", page)
    assert 'content="light dark"' in page
    assert "prefers-color-scheme: dark" in page


def test_the_matrix_says_what_was_taken_for_what(run: Run) -> None:
    page = report(run, ["a", "b"])
    assert 'title="a predicted as b: 1">1</td>' in page
    assert 'title="b predicted as b: 2">2</td>' in page


def test_hundreds_of_labels_get_no_matrix(run: Run) -> None:
    page = report(run, [f"label {number}" for number in range(300)])
    assert 'class="matrix"' not in page
    assert "300 labels are too many for a table here" in page


def test_long_labels_are_numbered_at_the_head_of_their_columns(run: Run) -> None:
    page = report(run, ["a", "a label of more than twenty characters"])
    assert 'title="a">1</th>' in page
    assert "<div>2. a label of more than twenty characters</div>" in page
    assert "by the rows' numbers" in page


def test_many_warnings_are_folded(run: Run) -> None:
    noted = run.model_copy(update={"split_notes": [f"note {number}" for number in range(5)]})
    page = report(noted, ["a", "b"])
    assert "<details><summary>5 remarks on the dataset and its splits</summary><p>note 0</p>" in page


def test_an_accuracy_of_several_labels_that_we_measured_counts_texts(run: Run) -> None:
    evaluation = dict.fromkeys(("accuracy", "macro_precision", "macro_recall", "macro_f1"), 0.5)
    asked = {**evaluation, "examples": 6, "of": 6, "agrees": True, "sentence": "Asked."}
    assert "4 of 6 test examples with every label right" in report(run, ["a", "b"], several=True, evaluation=asked)


def test_a_note_stands_above_the_figures(run: Run) -> None:
    note = "Trained by a stand-in: its accuracy is not Amazon's."
    page = report(run, ["a", "b"], note=note)
    assert page.index("Trained by a stand-in") < page.index("Test accuracy")


def test_several_labels_get_a_table_of_right_and_wrong(world: World) -> None:
    run = started(world, multi_label_examples())
    matrix = [[[4, 1], [0, 5]], [[3, 0], [1, 6]]]
    confusion = {"type": "multi_label", "confusion_matrix": matrix, "labels": ["A", "B"], "all_labels": ["A", "B"]}
    world.complete_classifier(run.run_id, confusion=confusion)
    check_run(run.reference, world.deployment, world.clients)

    page = artifact(world, f"{run.reference.prefix}report/report.html").decode()

    assert "wrongly given" in page
    assert "as Comprehend reports it, of 10 test examples" in page
    assert (
        '<tr><th scope="row">A</th><td class="number">5</td><td class="number">0</td><td class="number">1</td>'
        '<td class="number">4</td></tr>' in page
    )
    assert run.run_id in page
    assert "34 documents, as Comprehend reports" in page
    assert "1,800" in page
