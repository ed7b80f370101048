from typing import Any

import pytest
from huggingface_hub import ModelCard
from trieur_train.report.model_card import render_model_card

from tests.unit.train.report import sample


def read(**changed: Any) -> ModelCard:
    return ModelCard(render_model_card(sample.metrics(**changed)))


def test_the_hub_reads_its_front_matter() -> None:
    data = read().data
    assert data.language == ["fr"]
    assert data.pipeline_tag == "text-classification"
    assert data.library_name == "onnx"
    assert data.base_model == "camembert-base"
    assert data.metrics == ["accuracy", "f1", "precision", "recall"]
    assert {(one.metric_type, round(one.metric_value, 3)) for one in data.eval_results} == {
        ("accuracy", 0.983),
        ("f1", 0.983),
        ("precision", 0.98),
        ("recall", 0.97),
    }


@pytest.mark.parametrize(
    ("name", "source"), [("small CamemBERT", "scratch"), ("/opt/models/mine", "directory")], ids=["scratch", "path"]
)
def test_only_a_name_on_the_hub_is_a_base_model(name: str, source: str) -> None:
    base_model = {"name": name, "source": source, "parameters": 1, "note": None}
    assert read(base_model=base_model).data.base_model is None


@pytest.mark.parametrize("several", [False, True], ids=["multi-class", "multi-label"])
def test_it_says_what_one_should_know_before_using_the_model(several: bool) -> None:
    text = read(several=several).text
    for title in (
        "Intended use",
        "Training data",
        "Training procedure",
        "Evaluation",
        "Calibration and rejection",
        "Limitations",
        "Cost",
        "How to query",
    ):
        assert f"\n## {title}\n" in text
    assert "| This model | 98.3% (85.4–100.0%) |" in text
    assert "| TF-IDF + logistic regression | 96.7% (83.8–100.0%) |" in text
    assert 'EndpointName="trieur-questions"' in text


def test_warnings_are_limitations() -> None:
    metrics = sample.metrics()
    metrics["dataset"]["warnings"] = [{"code": "small_test", "examples": 60, "below": 100}]
    text = render_model_card(metrics)
    assert text.index("## Limitations") < text.index("- Small test split: with 60") < text.index("## Cost")


def test_a_training_from_scratch_says_so_first() -> None:
    base_model = {"name": "small CamemBERT", "source": "scratch", "parameters": 1, "note": "..."}
    text = read(base_model=base_model).text
    assert text.index("**Trained from scratch.**") < text.index("## Intended use")


def test_labels_cannot_break_a_table_or_become_markup() -> None:
    text = render_model_card(sample.metrics(["a|b\n<script>", "[x](y) *z*"]))
    assert r"| a\|b \<script\> |" in text
    assert r"| \[x\](y) \*z\* |" in text


def test_without_a_threshold_it_says_so() -> None:
    metrics = sample.metrics()
    metrics["rejection"]["threshold"] = None
    text = render_model_card(metrics)
    assert "No threshold shows a precision of 95%" in text
    assert "unless the threshold is applied" not in text


def test_a_thousand_labels_are_not_all_listed() -> None:
    text = render_model_card(sample.metrics([f"label {number}" for number in range(1000)]))
    assert "The first 60 of 1,000" in text.replace("\u00a0", " ")
    assert len(text) < 20_000
