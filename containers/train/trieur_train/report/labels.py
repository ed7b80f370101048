"""The rows of the report's tables with a row a label: scores, numbers of examples, right and wrong."""

from dataclasses import dataclass
from typing import Any

from trieur_train.report.language import Words
from trieur_train.report.score import Score, score

# Above these, a table is megabytes that nobody reads; metrics.json has it all.
MOST_SCORES = 60
MOST_COUNTS = 60

MEASURES = ("precision", "recall", "f1")


@dataclass(frozen=True)
class LabelScores:
    """One label's scores in the order of MEASURES; none where the split has no example of it."""

    label: str
    scores: list[Score]
    support: str


def label_scores(words: Words, metrics: dict[str, Any]) -> list[LabelScores]:
    """The labels of the test split, at most MOST_SCORES: lowest F1 first, those never tested last."""
    per_label = metrics["test"]["per_label"]
    weakest = sorted(per_label, key=lambda label: (per_label[label]["support"] == 0, per_label[label]["f1"]))
    return [
        LabelScores(
            label,
            [score(words, scores[measure], scores[f"{measure}_interval"]) for measure in MEASURES]
            if scores["support"]
            else [],
            words.number(scores["support"]),
        )
        for label in weakest[:MOST_SCORES]
        for scores in [per_label[label]]
    ]


def label_counts(words: Words, metrics: dict[str, Any]) -> list[dict[str, Any]]:
    """Each label's examples in the three splits, at most MOST_COUNTS labels: fewest training examples first."""
    counts = metrics["dataset"]["labels"]
    most = max(one["train"] for one in counts.values())
    rarest = sorted(counts, key=lambda label: counts[label]["train"])
    return [
        {
            "label": label,
            "width": round(100 * counts[label]["train"] / most, 1),
            **{split: words.number(number) for split, number in counts[label].items()},
        }
        for label in rarest[:MOST_COUNTS]
    ]
