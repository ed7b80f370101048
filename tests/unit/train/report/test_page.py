import re
from itertools import pairwise
from typing import Any

import pytest
from trieur_train.report.page import render_report

from tests.unit.train.report import sample
from tests.unit.train.report.reading import Page

HOSTILE = "<script>alert('x')</script> & \"co\""
LANGUAGES = ("en", "fr")


def report(
    metrics: dict[str, Any] | None = None, *, several: bool = False, errors: list[dict[str, Any]] | None = None
) -> str:
    metrics = metrics or sample.metrics(several=several)
    several = metrics["mode"] == "multi-label"
    confusion = sample.confusion(metrics["labels"], 20, 19, several=several)
    return render_report(metrics, confusion, sample.errors(2) if errors is None else errors)


def many(number: int) -> list[str]:
    return [f"label {one:04}" for one in range(number)]


@pytest.mark.parametrize("several", [False, True], ids=["multi-class", "multi-label"])
def test_the_page_is_well_formed_and_can_be_read_by_everyone(several: bool) -> None:
    page = Page(report(several=several))
    identifiers = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(identifiers) == len(set(identifiers))
    for language in LANGUAGES:
        headings = page.headings[language]
        assert headings[0] == 1
        assert headings.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(headings))
    assert all(table["caption"] == 1 and table["th"] and not table["th without scope"] for table in page.tables)
    assert all(attributes["role"] == "img" and attributes["aria-label"] for attributes in page.of("svg"))
    assert {attributes["for"] for attributes in page.of("label")} == {
        attributes["id"] for attributes in page.of("input")
    }
    assert {attributes["aria-labelledby"] for attributes in page.of("section")} <= set(identifiers)
    assert all(str(attributes["href"])[1:] in identifiers for attributes in page.of("a"))


def test_it_needs_nothing_from_outside_and_runs_nothing() -> None:
    page = report()
    assert not re.search(r"https?:|[\"'(]//|\bsrc=|@import|url\(|<script|<link|\bon[a-z]+=", page)
    assert set(re.findall(r'href="(.)', page)) == {"#"}
    assert "default-src 'none'" in page


def test_both_languages_say_the_same_with_their_own_numbers() -> None:
    page = Page(report())
    english, french = page.text("en"), page.text("fr")
    assert "98.3% of 60 examples never seen in training are answered right (95% interval 85.4–100.0%)." in english
    assert "98,3 % des 60 exemples jamais vus à l'entraînement reçoivent la bonne réponse" in french
    assert "A linear model gets 96.7%: the difference is not significant (p = 1.00)." in english
    assert "Un modèle linéaire obtient 96,7 % : la différence n'est pas significative (p = 1,00)." in french
    assert len(page.headings["en"]) == len(page.headings["fr"])


@pytest.mark.parametrize(("asked", "first"), [("fr", "fr"), ("fr-CA", "fr"), ("en", "en"), ("de", "en")])
def test_the_classifiers_language_is_shown_first_where_there_is_a_choice(asked: str, first: str) -> None:
    metrics = sample.metrics()
    metrics["hyperparameters"]["language"] = asked
    page = Page(report(metrics))
    assert page.of("html")[0]["lang"] == first
    assert next(attributes["id"] for attributes in page.of("input") if "checked" in attributes) == f"show-{first}"
    assert next(attributes["lang"] for attributes in page.of("div") if attributes.get("class") == "edition") == first


def test_labels_and_texts_are_text_and_never_markup() -> None:
    metrics = sample.metrics([HOSTILE, "أين المكتب", "🙂 {{ 7 * 7 }}"])
    metrics["dataset"]["warnings"] = [{"code": "contradictory_text", "count": 1, "text": HOSTILE}]
    page = report(metrics, errors=sample.errors(1, text=HOSTILE, actual=[HOSTILE]))
    assert "<script" not in page
    assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &#34;co&#34;" in page
    text = Page(page).text("fr")
    assert "{{ 7 * 7 }}" in text
    assert "<bdi>أين المكتب</bdi>" in page


def test_very_long_texts_and_labels_are_cut() -> None:
    page = report(sample.metrics(["x" * 5000, "other"]), errors=sample.errors(1, text="word " * 5000))
    assert "x" * 101 not in page
    assert "word " * 81 not in page
    assert "word…" in page


@pytest.mark.parametrize(("code", "facts", "english", "french"), sample.WARNINGS)
def test_every_warning_is_worded(code: str, facts: dict[str, Any], english: str, french: str) -> None:
    metrics = sample.metrics()
    metrics["dataset"]["warnings"] = [{"code": code, **facts}]
    page = Page(report(metrics))
    assert english in page.text("en").replace("\u2068", "").replace("\u2069", "")
    assert french in page.text("fr").replace("\u2068", "").replace("\u2069", "")
    assert "About the dataset: 1 warning." in page.text("en")


def test_a_training_from_scratch_says_so_before_the_figures() -> None:
    base_model = {"name": "small CamemBERT", "source": "scratch", "parameters": 1, "note": "Trained from scratch: ..."}
    page = Page(report(sample.metrics(base_model=base_model)))
    assert page.text("en").index("Trained from scratch") < page.text("en").index("Test accuracy")
    assert page.text("fr").index("Entraîné à partir de zéro") < page.text("fr").index("Exactitude en test")


def test_a_graph_in_full_precision_says_why_before_the_figures() -> None:
    export = {"quantization": "none", "agreement": 0.962, "bytes": 442_000_000, "note": "..."}
    page = Page(report(sample.metrics(export=export)))
    assert page.text("en").index("answer for only 96.2% of the validation texts") < page.text("en").index(
        "Test accuracy"
    )
    assert "pour 96,2 % des textes de validation" in page.text("fr")


@pytest.mark.parametrize(
    ("counts", "english"),
    [
        ({"only_model_right": 20, "only_baseline_right": 2, "p_value": 0.0001}, "the transformer is better"),
        ({"only_model_right": 2, "only_baseline_right": 20, "p_value": 0.0001}, "it is better than the transformer"),
        ({"only_model_right": 4, "only_baseline_right": 0, "p_value": 0.125}, "the difference is not significant"),
    ],
    ids=["better", "worse", "tied"],
)
def test_the_headline_is_honest_about_the_baseline(counts: dict[str, Any], english: str) -> None:
    metrics = sample.metrics()
    metrics["baseline"]["comparison"] = counts
    text = Page(report(metrics)).text("en")
    assert english in text[: text.index("Test accuracy")]


@pytest.mark.parametrize("epochs", [2, 12, 50])
def test_every_epoch_is_in_both_curves_and_in_the_table(epochs: int) -> None:
    page = report(sample.metrics(epochs=epochs))
    assert page.count('<circle class="hit"') == 2 * 4 * epochs
    assert page.count("kept: epoch") == 2
    assert len(re.findall(r'<th scope="row" class="number">\d', page)) == 2 * epochs


@pytest.mark.parametrize(("chosen", "words"), [("head", "The recipe “head” fits"), ("full", "There was one epoch")])
def test_a_single_epoch_is_a_sentence_and_no_curve(chosen: str, words: str) -> None:
    metrics = sample.metrics(epochs=1)
    metrics["recipe"]["chosen"] = chosen
    page = report(metrics)
    assert words in page
    assert '<circle class="hit"' not in page


def test_an_early_stop_says_why() -> None:
    text = Page(report(sample.metrics(stopped_early=True))).text("en")
    assert "after epoch 12 of at most 50: for 10 epochs the validation loss had improved by less than 0.01." in text


def test_the_matrix_can_show_counts_or_rates() -> None:
    page = report()
    assert page.count("<b>19</b><i>95</i>") == 2
    assert page.count("<b>1</b><i>5</i>") == 2
    assert page.count('class="show-rates"') == 2


def test_several_labels_get_a_table_of_right_and_wrong() -> None:
    page = report(several=True)
    assert 'class="matrix' not in page
    text = Page(page).text("en")
    assert "are given exactly their labels" in text
    assert "HOW_ARE_YOU 19 1 0 40" in text
    assert "one for each test example and label" in text
    assert "Labels still given" in text


@pytest.mark.parametrize("several", [False, True], ids=["multi-class", "multi-label"])
def test_a_thousand_labels_stay_readable_and_small(several: bool) -> None:
    metrics = sample.metrics(many(1000), several=several)
    page = report(metrics, errors=sample.errors(100, text="word " * 5000))
    assert len(page.encode()) < 400_000
    text = Page(page).text("en")
    assert "The 60 weakest of 1,000; metrics.json has them all." in text
    assert "confusion_matrix.json" in text


def test_fifty_labels_keep_their_matrix() -> None:
    page = report(sample.metrics(many(50)))
    assert page.count('class="matrix dense"') == 2
    assert len(page.encode()) < 400_000


def test_a_label_that_was_never_tested_has_no_scores() -> None:
    metrics = sample.metrics()
    metrics["test"]["per_label"]["WHO_IS"]["support"] = 0
    assert "WHO_IS no test example 0" in Page(report(metrics)).text("en")


def test_without_a_threshold_it_says_how_to_get_one() -> None:
    metrics = sample.metrics()
    metrics["rejection"]["threshold"] = None
    text = Page(report(metrics)).text("en")
    assert "No threshold shows a precision of 95% on the validation split" in text
    assert "With this threshold" not in text


def test_no_error_is_no_promise() -> None:
    text = Page(report(errors=[])).text("en")
    assert "No error on 60 examples. That is no promise: up to 14.6% of errors" in text


def test_an_error_without_a_label_says_none() -> None:
    text = Page(report(several=True, errors=sample.errors(1, actual=[]))).text("fr")
    assert "WHO_KNOWS_ABOUT aucune 99,0 %" in text


@pytest.mark.parametrize(
    ("cost", "words"),
    [
        (
            {},
            "About $0.029 for 6 min 42 s on 1 instance ml.m5.xlarge at $0.257 an hour each. Price as seen in November",
        ),
        ({"priced_on": None}, "Price as given in price_per_hour. An estimate from below: starting the machine"),
        ({"total": None, "price_per_hour": None, "priced_on": None}, "No price is known for ml.m5.xlarge."),
        ({"instance_type": None, "total": None, "price_per_hour": None, "priced_on": None}, "did not run on SageMaker"),
        ({"instance_type": None, "priced_on": None}, "at the given price of $0.257 an hour."),
    ],
    ids=["listed", "given", "unknown", "elsewhere", "elsewhere at a price"],
)
def test_the_cost_is_said_with_what_is_known(cost: dict[str, Any], words: str) -> None:
    metrics = sample.metrics()
    metrics["cost"] |= cost
    assert words in Page(report(metrics)).text("en")


@pytest.mark.parametrize("code", ["asked", "scratch", "gpu", "affordable", "too_slow", "cannot_freeze"])
def test_every_reason_for_a_recipe_is_worded_in_both_languages(code: str) -> None:
    metrics = sample.metrics()
    metrics["recipe"]["why"] = {"code": code, "minutes": None}
    page = Page(report(metrics))
    for language in LANGUAGES:
        assert metrics["recipe"]["sentence"] not in page.text(language)


def test_a_reason_that_is_new_is_told_in_its_own_words() -> None:
    metrics = sample.metrics()
    metrics["recipe"]["why"] = {"code": "moon", "minutes": None}
    assert metrics["recipe"]["sentence"] in Page(report(metrics)).text("en")


def test_all_hyperparameters_and_versions_are_there() -> None:
    text = Page(report()).text("fr")
    for name, value in {"min_delta": "0.01", "price_per_hour": "–", "torch": "2.9.1", "seed": "13"}.items():
        assert f"{name} {value}" in text
