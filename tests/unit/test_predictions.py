import json

import pytest

from trieur.dataset import Mode
from trieur.predictions import (
    ClassProbability,
    MalformedPrediction,
    Prediction,
    as_json,
    from_comprehend,
    from_json,
    highest_first,
    parse_predictions,
    predicted_labels,
)

ANSWER = [{"Class": "WHO_IS", "Probability": 0.9}, {"Class": "HOW_ARE_YOU", "Probability": 0.1}]
PREDICTION = (ClassProbability("WHO_IS", 0.9), ClassProbability("HOW_ARE_YOU", 0.1))


@pytest.mark.parametrize(
    ("answer", "predictions"),
    [(ANSWER, [PREDICTION]), ([ANSWER], [PREDICTION]), ([ANSWER, ANSWER], [PREDICTION, PREDICTION]), ([], [])],
)
def test_one_text_and_several_have_one_shape(answer: object, predictions: list[object]) -> None:
    assert parse_predictions(json.dumps(answer).encode()) == predictions


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"3",
        b"[[]]",
        b'[{"Class": "A"}]',
        b'[[{"Class": "A", "Probability": "x"}]]',
        b'[{"Class": "A", "Probability": NaN}]',
        b'[{"Class": "A", "Probability": 99.4}]',
    ],
)
def test_other_answers_are_malformed(body: bytes) -> None:
    with pytest.raises(MalformedPrediction):
        parse_predictions(body)


def test_a_prediction_is_written_and_read_back() -> None:
    assert as_json(PREDICTION) == ANSWER
    assert from_json(as_json(PREDICTION)) == PREDICTION
    assert from_json(as_json(None)) is None


def test_equally_probable_classes_stay_in_their_order() -> None:
    prediction = highest_first([("B", 0.2), ("A", 0.2), ("C", 0.6)])
    assert [pair.name for pair in prediction] == ["C", "B", "A"]


@pytest.mark.parametrize("kind", ["Classes", "Labels"])
def test_what_comprehend_answers_is_a_prediction(kind: str) -> None:
    answer = {kind: [{"Name": "HOW_ARE_YOU", "Score": 0.1}, {"Name": "WHO_IS", "Score": 0.9}]}
    assert from_comprehend(answer) == PREDICTION
    assert from_comprehend({kind: []}) is None
    certain = from_comprehend({kind: [{"Name": "A", "Score": 1.0000001}]})
    assert certain is not None
    assert from_json(as_json(certain)) == certain, "a score above 1 by rounding is 1"
    assert as_json(from_comprehend({kind: [{"Name": "A", "Score": 0.9336903760883685}]}))[0]["Probability"] == 0.93369


@pytest.mark.parametrize("answer", [{}, {"Classes": None}, {"Labels": [{"Name": "A"}]}, {"Classes": [{"Score": 1}]}])
def test_what_comprehend_does_not_document_is_malformed(answer: dict[str, object]) -> None:
    with pytest.raises(MalformedPrediction):
        from_comprehend(answer)


@pytest.mark.parametrize(
    ("mode", "probabilities", "labels"),
    [
        ("multi-class", [("A", 0.3), ("B", 0.2)], ("A",)),
        ("multi-label", [("A", 0.9), ("B", 0.5), ("C", 0.4999)], ("A", "B")),
        ("multi-label", [("A", 0.3)], ()),
    ],
)
def test_the_labels_that_a_prediction_gives(
    mode: Mode, probabilities: list[tuple[str, float]], labels: tuple[str, ...]
) -> None:
    prediction: Prediction = highest_first(probabilities)
    assert predicted_labels(prediction, mode) == labels
    assert predicted_labels(None, mode) == ()
