"""Whether a model is, through its endpoint, as good as Comprehend says."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from trieur import metrics
from trieur.predictions import Prediction, predicted_labels

# Two figures of one model agree when they differ by no more than this many examples, or by this much.
AGREEING_EXAMPLES: Final = 2
AGREEING_POINTS: Final = 0.02
# A sample of the test split strays from the whole: so many standard errors are forgiven.
_STANDARD_ERRORS: Final = 3


@dataclass(frozen=True)
class Judgement:
    """A run's metrics with our own evaluation in them; `confusion` where all of the test split was asked."""

    metrics: dict[str, Any]
    confusion: dict[str, Any] | None


def judge(
    before: Mapping[str, Any],
    actual: Sequence[tuple[str, ...]],
    predictions: Sequence[Prediction | None],
    *,
    total: int,
    cut: int,
) -> Judgement:
    """Measure `predictions` against the `actual` labels and against Comprehend's figures, which `before` has.

    `total` is the size of the test split, `cut` how many of the texts were too long to be sent whole. Once all of the
    split was asked, the metrics under `test` are ours; Comprehend's stay under `comprehend`.
    """
    mode = before["mode"]
    # Of several labels, ours is the share of texts with all of them right; Comprehend's accuracy counts label by label.
    figure = "accuracy" if mode == "multi-class" else "macro_f1"
    predicted = [predicted_labels(prediction, mode) for prediction in predictions]
    labels = sorted({*before["labels"], *(name for names in (*actual, *predicted) for name in names)})
    found = metrics.of_predictions(actual, predicted, labels)
    reported = before["comprehend"]["test"][figure]
    whole = len(actual) == total
    agrees = abs(found[figure] - reported) <= _tolerance(len(actual), reported, whole)
    evaluation = {
        **found,
        "of": total,
        "cut": cut,
        "unanswered": sum(prediction is None for prediction in predictions),
        "compared": figure,
        "reported": reported,
        "agrees": agrees,
    }
    evaluation["sentence"] = _sentence(evaluation)
    after = {**before, "evaluation": evaluation}
    if not whole:
        return Judgement(after, None)
    after["test"], after["test_source"] = found, "our evaluation of the test split through the endpoint"
    return Judgement(after, metrics.confusion_matrix(actual, predicted, labels, mode))


def _tolerance(examples: int, reported: float, whole: bool) -> float:
    points = AGREEING_POINTS
    if not whole:
        points = max(points, _STANDARD_ERRORS * math.sqrt(reported * (1 - reported) / examples))
    # The least difference that floating point makes of equal figures is none.
    return max(points, AGREEING_EXAMPLES / examples) + 1e-9


def _sentence(evaluation: Mapping[str, Any]) -> str:
    examples, figure = evaluation["examples"], evaluation["compared"]
    right = f"{round(evaluation['accuracy'] * examples):,} of {examples:,} test examples"
    sample = "" if examples == evaluation["of"] else f" (a sample of {evaluation['of']:,})"
    ours = f"Asked through the endpoint, it got {right}{sample} right"
    name = {"accuracy": "accuracy", "macro_f1": "macro-F1"}[figure]
    theirs = f"Comprehend's own {name}, {evaluation['reported']:.3f}"
    if evaluation["agrees"]:
        end = f"{ours}; {theirs}, agrees."
    else:
        words = "look at the report before relying on either"
        end = f"{ours}, a {name} of {evaluation[figure]:.3f}, which DISAGREES with {theirs}: {words}."
    notes = (
        (evaluation["cut"], "were cut at 10,000 bytes, the most the endpoint takes"),
        (evaluation["unanswered"], "got no class at all"),
    )
    return " ".join([end, *(f"Texts that {words}: {count:,}." for count, words in notes if count)])
