import json

import pytest

from trieur.predictions import ClassProbability, MalformedPrediction, parse_predictions

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
