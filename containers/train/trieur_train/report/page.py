"""report.html: what a person wants to know about a training, on one page that opens without a network."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from trieur_train.report.comparison import compared_measures, comparison_sentences
from trieur_train.report.confident_errors import errors_in_all, shown_errors
from trieur_train.report.confusions import (
    DENSE,
    FEW,
    MOST_LABELS_IN_MATRIX,
    frequent_confusions,
    matrix,
    right_and_wrong,
)
from trieur_train.report.dataset_warnings import warning_sentences
from trieur_train.report.job_facts import cost_sentences, hyperparameters, model_facts, recipe_sentences, step_times
from trieur_train.report.labels import label_counts, label_scores
from trieur_train.report.language import LANGUAGES, LONGEST_LABEL, Words, first_language, shortened
from trieur_train.report.learning_curves import learning_curves, learning_sentences
from trieur_train.report.opening import headline, notices, tiles
from trieur_train.report.reliability import calibration_sentences, reliability_diagram

ROWS_IN_SIGHT = 12
"""Of a long table; the rest of it opens with a click."""
TEMPLATES = Path(__file__).with_name("templates")
SECTIONS = (
    "data",
    "comparison",
    "learning",
    "confusion",
    "labels",
    "calibration",
    "rejection",
    "errors",
    "job",
    "model",
)


def render_report(metrics: dict[str, Any], confusion: dict[str, Any], errors: Sequence[dict[str, Any]]) -> str:
    """The page, as HTML text, in French and in English.

    `metrics` and `confusion` are what metrics.json and confusion_matrix.json hold. `errors` are the test split's most
    confident errors, surest first: each a `text`, its `actual` and `predicted` labels and the `probability` of what was
    wrongly predicted.
    """
    first = first_language(metrics["hyperparameters"]["language"])
    languages = [first, *(language for language in LANGUAGES if language != first)]
    return (
        _environment()
        .get_template("report.html.jinja")
        .render(
            editions=[_edition(Words(language), metrics, confusion, errors) for language in languages],
            metrics=metrics,
            settings=metrics["hyperparameters"],
            several=metrics["mode"] == "multi-label",
            sections=SECTIONS,
            few=FEW,
            dense=DENSE,
            rows_in_sight=ROWS_IN_SIGHT,
            errors_in_all=errors_in_all(metrics),
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=FileSystemLoader(TEMPLATES),
    )
    environment.filters["name"] = _name
    environment.filters["cut"] = _cut
    return environment


def _cut(label: str) -> str:
    return shortened(label, LONGEST_LABEL)


def _name(label: str) -> Markup:
    """A label's name, which may run from right to left between words that do not."""
    return Markup("<bdi>{}</bdi>").format(_cut(label))


def _edition(
    words: Words, metrics: dict[str, Any], confusion: dict[str, Any], errors: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """What the templates of one language show besides the metrics themselves."""
    several = metrics["mode"] == "multi-label"
    return {
        "words": words,
        "headline": headline(words, metrics),
        "tiles": tiles(words, metrics),
        "notices": notices(words, metrics),
        "compared": compared_measures(words, metrics),
        "comparison": comparison_sentences(words, metrics),
        "scores": label_scores(words, metrics),
        "matrix": matrix(words, confusion) if not several and len(metrics["labels"]) <= MOST_LABELS_IN_MATRIX else [],
        "confusions": [] if several else frequent_confusions(words, confusion),
        "by_label": right_and_wrong(words, confusion) if several else [],
        "errors": shown_errors(words, errors),
        "diagram": reliability_diagram(words, metrics["calibration"]),
        "calibration": calibration_sentences(words, metrics["calibration"]),
        "warnings": warning_sentences(words, metrics["dataset"]),
        "counts": label_counts(words, metrics),
        "curves": learning_curves(words, metrics),
        "learning": learning_sentences(words, metrics),
        "recipe": recipe_sentences(words, metrics["recipe"]),
        "cost": cost_sentences(words, metrics["cost"]),
        "times": step_times(words, metrics["seconds"]),
        "model": model_facts(words, metrics),
        "hyperparameters": hyperparameters(metrics["hyperparameters"]),
    }
