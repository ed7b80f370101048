import re
from typing import Any

import numpy as np
import pytest
from trieur_train.evaluation.metrics import confusion_matrix, evaluate
from trieur_train.report.page import render_report

HOSTILE = "<script>alert('x')</script> & \"co\""


def report(labels: list[str], *, several: bool = False, epochs: int = 3, **changed: Any) -> str:
    random = np.random.default_rng(1)
    examples = 4 * len(labels)
    logits = random.normal(size=(examples, len(labels))).astype(np.float32)
    targets = (random.random(logits.shape) < 0.3).astype(np.float32) if several else np.arange(examples) % len(labels)
    scores = evaluate(logits, targets, labels)
    history = [
        {
            "epoch": epoch,
            "train_loss": 1 / epoch,
            "train_accuracy": 0.5,
            "validation_loss": 1.1 / epoch,
            "validation_accuracy": 0.4,
            "validation_macro_f1": 0.3,
            "seconds": 0.1,
        }
        for epoch in range(1, epochs + 1)
    ]
    metrics = {
        "mode": "multi-label" if several else "multi-class",
        "labels": labels,
        "test": scores,
        "validation": scores,
        "history": history,
        "best_epoch": epochs,
        "stopped_early": False,
        "base_model": {"name": "camembert-base", "source": "hub", "parameters": 110_000_000, "note": None},
        "export": {"quantization": "int8", "agreement": 1.0, "bytes": 106_000_000, "note": None},
        "seconds": {"load": 1.0, "train": 2.0, "export": 3.0, "total": 6.0},
        "versions": {"torch": "2"},
        "hyperparameters": {
            "classifier": "questions",
            "run_id": "0123456789abcdef",
            "language": "fr",
            "epochs": 50,
            "patience": 10,
            "min_delta": 0.01,
        },
        **changed,
    }
    return render_report(metrics, confusion_matrix(logits, targets, labels))


def test_labels_are_text_and_never_markup() -> None:
    page = report([HOSTILE, "autre"])
    assert "<script" not in page
    assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &#34;co&#34;" in page


def test_it_needs_nothing_from_outside() -> None:
    page = report(["a", "b"])
    assert not re.search(r"https?:|//[a-z]|\bsrc=|\bhref=|@import|url\(", page)


@pytest.mark.parametrize("epochs", [1, 2, 50])
def test_every_epoch_is_in_both_curves_and_in_the_table(epochs: int) -> None:
    page = report(["a", "b"], epochs=epochs)
    assert page.count('<circle class="hit"') == 4 * epochs
    assert page.count('<path class="series') == 4


def test_fifty_labels_keep_their_matrix() -> None:
    labels = [f"label {number:02}" for number in range(50)]
    page = report(labels)
    assert 'class="matrix dense"' in page
    assert page.count('<th scope="row"') == 2 * 50
    assert "most frequent confusions" in page


def test_hundreds_of_labels_get_the_confusions_instead_of_a_matrix() -> None:
    page = report([f"label {number}" for number in range(300)])
    assert 'class="matrix' not in page
    assert "300 labels are too many for a table here" in page
    assert "most frequent confusions" in page
    assert len(page) < 300_000


def test_several_labels_get_a_table_of_right_and_wrong() -> None:
    page = report(["a", "b", "c"], several=True)
    assert 'class="matrix' not in page
    assert "wrongly given" in page
    assert "with every label right" in page


def test_a_training_from_scratch_says_so_at_the_top() -> None:
    note = "Trained from scratch: no base model."
    base_model = {"name": "small CamemBERT", "source": "scratch", "parameters": 1, "note": note}
    page = report(["a", "b"], base_model=base_model)
    assert page.index(note) < page.index("Test accuracy")


def test_an_early_stop_says_why() -> None:
    page = report(["a", "b"], stopped_early=True)
    assert "Stopped after epoch 3 of 50: for 10 epochs the validation loss had improved by less than 0.01." in page
