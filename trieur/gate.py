"""The gate: what a trained model must show on the test split before it may go live."""

from typing import Annotated

from pydantic import BaseModel, Field

from trieur.settings import GateSettings

Share = Annotated[float, Field(ge=0, le=1)]


class SplitMetrics(BaseModel):
    """A model's quality on one split.

    `majority_share` is the share of the split's most frequent label: the accuracy of always answering it.
    """

    examples: int
    accuracy: Share
    macro_f1: Share
    majority_share: Share


class Verdict(BaseModel):
    """`reasons` has one sentence for each condition that was not met; empty when the gate was passed."""

    passed: bool
    reasons: list[str]


def judge(gate: GateSettings, test: SplitMetrics) -> Verdict:
    """Compare the model's metrics on the test split with what the classifier's settings ask for."""
    on = f"on the {test.examples} test examples"
    reasons = []
    if gate.beat_majority and not test.accuracy > test.majority_share:
        reasons.append(
            f"Accuracy {on} is {test.accuracy:.3f}, no better than always answering the most frequent label "
            f"({test.majority_share:.3f})."
        )
    if gate.min_accuracy is not None and not test.accuracy >= gate.min_accuracy:
        reasons.append(f"Accuracy {on} is {test.accuracy:.3f}; the gate asks for {gate.min_accuracy:.3f}.")
    if gate.min_macro_f1 is not None and not test.macro_f1 >= gate.min_macro_f1:
        reasons.append(f"Macro-F1 {on} is {test.macro_f1:.3f}; the gate asks for {gate.min_macro_f1:.3f}.")
    return Verdict(passed=not reasons, reasons=reasons)
