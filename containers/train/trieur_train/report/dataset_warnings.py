"""The warnings of `dataset_facts` as sentences."""

from collections.abc import Callable
from typing import Any

from trieur_train.report.language import Words

Facts = dict[str, Any]


def warning_sentences(words: Words, dataset: Facts) -> list[str]:
    """One sentence or two for each warning of metrics.json's `dataset`. Raises KeyError for an unknown code."""
    return [_SENTENCES[warning["code"]](words, warning) for warning in dataset["warnings"]]


def _names(words: Words, warning: Facts) -> dict[str, str]:
    return {
        "labels": words.count("label", warning["count"]),
        "names": words.names(warning["labels"], of=warning["count"]),
    }


def _few_examples(words: Words, warning: Facts) -> str:
    return words.text("warning.few_examples", below=warning["below"], **_names(words, warning))


def _imbalance(words: Words, warning: Facts) -> str:
    return words.text(
        "warning.imbalance",
        most=words.quoted(warning["most"]),
        most_examples=words.count("example", warning["most_examples"]),
        least=words.quoted(warning["least"]),
        least_examples=words.number(warning["least_examples"]),
    )


def _small_test(words: Words, warning: Facts) -> str:
    examples = warning["examples"]
    return words.text("warning.small_test", examples=words.count("example", examples), worth=words.points(1 / examples))


def _absent_label(words: Words, warning: Facts) -> str:
    return words.text(f"warning.absent_label.{warning['split']}", **_names(words, warning))


def _text_in_two_splits(words: Words, warning: Facts) -> str:
    one, other = warning["splits"]
    learnt = "train" in warning["splits"]
    return words.text(
        "warning.text_in_two_splits" if learnt else "warning.text_in_two_splits.chosen",
        one=words.text(f"split.{one}"),
        other=words.text(f"split.{other}"),
        texts=words.count("text", warning["count"]),
    )


def _contradictory_text(words: Words, warning: Facts) -> str:
    return words.text(
        "warning.contradictory_text",
        texts=words.count("text", warning["count"]),
        text=words.quoted(warning["text"]),
    )


def _repeated_text(words: Words, warning: Facts) -> str:
    texts = words.count("text", warning["count"])
    return words.text("warning.repeated_text", texts=texts, of=words.number(warning["of"]))


_SENTENCES: dict[str, Callable[[Words, Facts], str]] = {
    "few_examples": _few_examples,
    "imbalance": _imbalance,
    "small_test": _small_test,
    "absent_label": _absent_label,
    "text_in_two_splits": _text_in_two_splits,
    "contradictory_text": _contradictory_text,
    "repeated_text": _repeated_text,
}
