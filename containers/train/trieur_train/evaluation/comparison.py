"""Whether one model is better than another on the same examples, or was only luckier."""

from typing import Any

from scipy.special import bdtr

from trieur_train.evaluation.metrics import Logits, Targets, all_right


def compare(model_logits: Logits, baseline_logits: Logits, targets: Targets) -> dict[str, Any]:
    """The "comparison" of metrics.json: how many examples only one of the two has right, and how likely chance is.

    `p_value` is McNemar's exact test, two-sided (Q. McNemar, Psychometrika 12, 1947): how often a fair coin thrown for
    each of those examples would fall at least as unevenly.
    """
    model, baseline = all_right(model_logits, targets), all_right(baseline_logits, targets)
    only_model, only_baseline = int((model & ~baseline).sum()), int((baseline & ~model).sum())
    one_tail = float(bdtr(min(only_model, only_baseline), only_model + only_baseline, 0.5))
    return {
        "only_model_right": only_model,
        "only_baseline_right": only_baseline,
        # Each tail counts the outcome in the middle, where there is one.
        "p_value": min(1.0, 2 * one_tail),
    }
