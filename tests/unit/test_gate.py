import pytest
from pydantic import ValidationError

from trieur.gate import SplitMetrics, judge
from trieur.settings import GateSettings

TEST = SplitMetrics(examples=59, accuracy=0.9, macro_f1=0.8, majority_share=0.5)


@pytest.mark.parametrize(
    ("gate", "test", "reasons"),
    [
        (GateSettings(), TEST, []),
        (GateSettings(min_accuracy=0.9, min_macro_f1=0.8), TEST, []),
        (GateSettings(min_accuracy=0.91), TEST, ["0.910"]),
        (GateSettings(min_accuracy=0.91, min_macro_f1=0.81), TEST, ["0.910", "0.810"]),
        (GateSettings(), TEST.model_copy(update={"accuracy": 0.5}), ["most frequent label (0.500)"]),
        (GateSettings(beat_majority=False), TEST.model_copy(update={"accuracy": 0.5}), []),
        (GateSettings(), TEST.model_copy(update={"accuracy": float("nan")}), ["nan"]),
        (GateSettings(min_macro_f1=0.5), TEST.model_copy(update={"macro_f1": float("nan")}), ["nan"]),
        (
            GateSettings(beat_majority=False, min_accuracy=0.5),
            TEST.model_copy(update={"accuracy": float("nan")}),
            ["nan"],
        ),
    ],
)
def test_gate(gate: GateSettings, test: SplitMetrics, reasons: list[str]) -> None:
    verdict = judge(gate, test)

    assert verdict.passed is (not reasons)
    assert len(verdict.reasons) == len(reasons)
    for said, expected in zip(verdict.reasons, reasons, strict=True):
        assert expected in said
        assert "59 test examples" in said


@pytest.mark.parametrize("accuracy", [float("nan"), -0.1, 90])
def test_a_quality_is_a_share(accuracy: float) -> None:
    with pytest.raises(ValidationError):
        SplitMetrics(examples=59, accuracy=accuracy, macro_f1=0.8, majority_share=0.5)
