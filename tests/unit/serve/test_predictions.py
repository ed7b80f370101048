import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from trieur_serve.predictions import PredictionWriter, Shape, probabilities

logits = st.lists(st.floats(-1e4, 1e4, width=32), min_size=2, max_size=20)


@given(logits, st.floats(0.1, 10))
def test_the_probabilities_of_a_multi_class_model_sum_to_one(row: list[float], temperature: float) -> None:
    (found,) = probabilities(np.array([row], dtype=np.float32), "multi-class", temperature)
    assert sum(found) == pytest.approx(1)
    # Logits that differ by almost nothing give equal probabilities: their order is not asked for.
    assert found[np.argmax(np.array(row, dtype=np.float32))] == found.max()


@given(logits)
def test_each_label_of_a_multi_label_model_stands_for_itself(row: list[float]) -> None:
    found = probabilities(np.array([row], dtype=np.float32), "multi-label", 1.0)[0]
    for logit, probability in zip(row, found, strict=True):
        expected = 1 / (1 + math.exp(-logit)) if logit > -700 else 0
        assert probability == pytest.approx(expected)


def test_the_temperature_divides_the_logits() -> None:
    hot = probabilities(np.array([[2.0, 0.0]], dtype=np.float32), "multi-class", 2.0)[0]
    assert hot[0] == pytest.approx(1 / (1 + math.exp(-1)))


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_logit_that_is_no_number_is_not_written(bad: float) -> None:
    with pytest.raises(FloatingPointError):
        probabilities(np.array([[0.0, bad]], dtype=np.float32), "multi-class", 1.0)


def test_a_prediction_is_written_highest_first_and_ties_in_the_order_of_the_labels() -> None:
    written = PredictionWriter(["b", "a", "c"]).write(np.array([0.25, 0.25, 0.5]))
    assert json.loads(written) == [
        {"Class": "c", "Probability": 0.5},
        {"Class": "b", "Probability": 0.25},
        {"Class": "a", "Probability": 0.25},
    ]


@pytest.mark.parametrize(
    ("shape", "classes"),
    [
        (Shape(), "dbca"),
        (Shape(top_k=1), "d"),
        (Shape(top_k=3), "dbc"),
        (Shape(top_k=9), "dbca"),
        (Shape(threshold=0.0), "dbca"),
        (Shape(threshold=0.2), "dbc"),
        (Shape(threshold=0.200001), "d"),
        (Shape(threshold=0.9), ""),
        (Shape(top_k=2, threshold=0.1), "db"),
        (Shape(top_k=3, threshold=0.5), "d"),
    ],
    ids=str,
)
def test_a_shape_cuts_the_end_of_a_prediction(shape: Shape, classes: str) -> None:
    # The last but one is shown as 0.2, though it is less.
    written = PredictionWriter(list("abcd")).write(np.array([0.05, 0.2, 0.2 - 1e-9, 0.55]), shape)
    assert "".join(shown["Class"] for shown in json.loads(written)) == classes


def test_probabilities_have_six_decimals() -> None:
    written = PredictionWriter(["a", "b"]).write(np.array([2 / 3, 1e-9]))
    assert [shown["Probability"] for shown in json.loads(written)] == [0.666667, 0.0]


@given(st.lists(st.text(min_size=1), min_size=1, max_size=5))
def test_no_label_can_split_a_line(labels: list[str]) -> None:
    written = PredictionWriter(labels).write(np.full(len(labels), 0.5))
    assert len(written.splitlines()) == 1
    assert [shown["Class"] for shown in json.loads(written)] == labels
