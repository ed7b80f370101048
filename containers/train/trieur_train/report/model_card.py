"""The model card: what one should know before using the model, in the Markdown that the Hugging Face hub reads."""

import json
import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from trieur_train.report.comparison import comparison_sentences
from trieur_train.report.dataset_warnings import warning_sentences
from trieur_train.report.job_facts import cost_sentences, recipe_sentences
from trieur_train.report.labels import MOST_SCORES
from trieur_train.report.language import ENGLISH, LONGEST_LABEL, Words, shortened
from trieur_train.report.opening import headline
from trieur_train.report.reliability import calibration_sentences

TEMPLATES = Path(__file__).with_name("templates")
HUB_NAME = re.compile(r"[\w.-]{1,96}(/[\w.-]{1,96})?")
MARKDOWN = re.compile(r"([\\`*_\[\]<>#|~&$])")


def render_model_card(metrics: dict[str, Any]) -> str:
    """A README.md for the model, in English, with the front matter that the hub reads; `metrics` as in metrics.json."""
    words = Words(ENGLISH)
    # What is filled in is escaped one by one for Markdown, which HTML's escaping knows nothing of.
    environment = Environment(
        autoescape=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        loader=FileSystemLoader(TEMPLATES),
    )
    environment.filters["yaml"] = _yaml
    environment.filters["plain"] = _plain
    environment.filters["escaped"] = _escaped
    return environment.get_template("model_card.md.jinja").render(
        metrics=metrics,
        settings=metrics["hyperparameters"],
        several=metrics["mode"] == "multi-label",
        words=words,
        t=words.text,
        base_model=_on_the_hub(metrics["base_model"]),
        headline=headline(words, metrics),
        comparison=comparison_sentences(words, metrics),
        calibration=calibration_sentences(words, metrics["calibration"]),
        warnings=warning_sentences(words, metrics["dataset"]),
        recipe=recipe_sentences(words, metrics["recipe"]),
        cost=cost_sentences(words, metrics["cost"]),
        most_labels=MOST_SCORES,
    )


def _on_the_hub(base_model: dict[str, Any]) -> str | None:
    """The base model's name where it can be one on the hub: neither a path nor a network from scratch."""
    name: str = base_model["name"]
    return name if base_model["source"] != "scratch" and HUB_NAME.fullmatch(name) else None


def _yaml(value: object) -> str:
    """A scalar of the front matter; YAML reads JSON."""
    return json.dumps(value)


def _plain(text: str) -> str:
    """Somebody else's words, cut where they are very long, as Markdown shows them and nothing more."""
    return _escaped(shortened(text, LONGEST_LABEL))


def _escaped(text: str) -> str:
    """On one line, since it stands in tables and lists."""
    return MARKDOWN.sub(r"\\\1", " ".join(text.split()))
