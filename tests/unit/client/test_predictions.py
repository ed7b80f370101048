"""A prediction, whichever backend made it."""

import pytest

from trieur.client import ClassProbability, Prediction
from trieur.dataset import Mode


def prediction(*probabilities: float, mode: Mode = "multi-class", threshold: float | None = None) -> Prediction:
    classes = tuple(ClassProbability(name, p) for name, p in zip("ABC", probabilities, strict=False))
    return Prediction(classes, mode, "camembert", threshold)


def test_it_names_the_most_probable_class() -> None:
    one = prediction(0.9, 0.08, 0.02)

    assert (one.label, one.probability, one.labels) == ("A", 0.9, ("A",))
    assert (one.of("B"), one.of("Z")) == (0.08, 0.0)
    assert one.as_json() == [
        {"Class": "A", "Probability": 0.9},
        {"Class": "B", "Probability": 0.08},
        {"Class": "C", "Probability": 0.02},
    ]


@pytest.mark.parametrize(
    ("mode", "threshold", "probabilities", "labels"),
    [
        pytest.param("multi-class", None, (0.4, 0.3, 0.3), ("A",), id="multi-class without a threshold"),
        pytest.param("multi-class", 0.4, (0.4, 0.3, 0.3), ("A",), id="multi-class at its threshold"),
        pytest.param("multi-class", 0.41, (0.4, 0.3, 0.3), (), id="multi-class below its threshold"),
        pytest.param("multi-label", None, (0.9, 0.5, 0.49), ("A", "B"), id="multi-label"),
        pytest.param("multi-label", 0.8, (0.9, 0.7, 0.1), ("A",), id="multi-label with a threshold"),
        pytest.param("multi-label", 0.3, (0.4, 0.2, 0.1), (), id="multi-label below one half"),
    ],
)
def test_a_threshold_takes_answers_away(
    mode: Mode, threshold: float | None, probabilities: tuple[float, ...], labels: tuple[str, ...]
) -> None:
    one = prediction(*probabilities, mode=mode, threshold=threshold)

    assert one.labels == labels
    assert one.is_none_of_these == (labels == ())
    assert one.label == "A"
