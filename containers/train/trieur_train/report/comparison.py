"""The model beside the linear baseline, on the same test examples."""

from dataclasses import dataclass
from typing import Any

from trieur_train.report.language import Words
from trieur_train.report.score import Score, score

SIGNIFICANT = 0.05
"""The p-value from which a difference may well be chance."""
COMPARED = ("accuracy", "macro_f1")


@dataclass(frozen=True)
class ComparedMeasure:
    """One measure of both models, and how many points the transformer has more."""

    name: str
    model: Score
    baseline: Score
    difference: str


def verdict(metrics: dict[str, Any]) -> str:
    """Whether the transformer is `better` or `worse` than the baseline, or `tied`: not significantly different."""
    comparison = metrics["baseline"]["comparison"]
    if comparison["p_value"] >= SIGNIFICANT:
        return "tied"
    return "better" if comparison["only_model_right"] > comparison["only_baseline_right"] else "worse"


def compared_measures(words: Words, metrics: dict[str, Any]) -> list[ComparedMeasure]:
    model, baseline = metrics["test"], metrics["baseline"]["test"]
    return [
        ComparedMeasure(
            words.text(measure),
            score(words, model[measure], model[f"{measure}_interval"]),
            score(words, baseline[measure], baseline[f"{measure}_interval"]),
            words.difference(model[measure] - baseline[measure]),
        )
        for measure in COMPARED
    ]


def comparison_sentences(words: Words, metrics: dict[str, Any]) -> list[str]:
    """On how many examples only one of the two is right, and what follows from that."""
    test, counts = metrics["test"], metrics["baseline"]["comparison"]
    return [
        words.text(
            "comparison.counts",
            examples=words.count("example", test["examples"]),
            transformer=words.number(counts["only_model_right"]),
            linear=words.number(counts["only_baseline_right"]),
            p_value=words.p_value(counts["p_value"]),
        ),
        words.text(f"comparison.{verdict(metrics)}"),
        words.text(f"comparison.majority.{metrics['mode']}", share=words.percent(test["majority_share"])),
    ]
