"""Metrics without numpy are those of scikit-learn and of the training container."""

import random
import warnings

import numpy as np
import pytest
from sklearn import metrics as reference
from trieur_train.evaluation import metrics as evaluation

from trieur import metrics
from trieur.dataset import Mode

LABELS = [f"label {number}" for number in range(7)]
# scikit-learn warns of labels that occur nowhere.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


def random_case(seed: int, mode: Mode) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """Actual and predicted labels, right more often than not; some labels occur nowhere."""
    chance = random.Random(seed)
    examples = chance.randint(1, 80)
    if mode == "multi-class":
        actual = [(chance.choice(LABELS[:5]),) for _ in range(examples)]
        return actual, [names if chance.random() < 0.7 else (chance.choice(LABELS[:6]),) for names in actual]
    actual = [tuple(label for label in LABELS[:-1] if chance.random() < 0.3) for _ in range(examples)]
    return actual, [
        tuple(label for label in LABELS if (label in names) != (chance.random() < 0.15)) for names in actual
    ]


def flags(rows: list[tuple[str, ...]]) -> np.ndarray:
    return np.array([[label in names for label in LABELS] for names in rows], dtype=int)


@pytest.mark.parametrize("mode", ["multi-class", "multi-label"])
@pytest.mark.parametrize("seed", range(20))
def test_metrics_are_those_of_scikit_learn(seed: int, mode: Mode) -> None:
    actual, predicted = random_case(seed, mode)
    true, said = flags(actual), flags(predicted)
    precision, recall, f1, support = reference.precision_recall_fscore_support(true, said, zero_division=0)
    counted = [number for number in range(len(LABELS)) if true[:, number].any() or said[:, number].any()]

    found = metrics.of_predictions(actual, predicted, LABELS)

    assert found["examples"] == len(actual)
    assert found["accuracy"] == pytest.approx(reference.accuracy_score(true, said))
    for name, values in (("precision", precision), ("recall", recall), ("f1", f1)):
        assert [found["per_label"][label][name] for label in LABELS] == pytest.approx(list(values))
        assert found[f"macro_{name}"] == pytest.approx(values[counted].mean() if counted else 0)
    assert [found["per_label"][label]["support"] for label in LABELS] == list(support)
    assert found["majority_share"] == metrics.majority_share(actual)


@pytest.mark.parametrize("mode", ["multi-class", "multi-label"])
@pytest.mark.parametrize("seed", range(20))
def test_metrics_are_those_of_the_training_container(seed: int, mode: Mode) -> None:
    actual, predicted = random_case(seed, mode)
    logits = np.where(flags(predicted) == 1, 1.0, -1.0).astype(np.float32)
    targets = flags(actual).astype(np.float32) if mode == "multi-label" else flags(actual).argmax(axis=1)
    expected = evaluation.evaluate(logits, targets, LABELS)

    found = metrics.of_predictions(actual, predicted, LABELS)

    assert found.keys() == expected.keys()
    assert found.pop("loss") is None, "an endpoint gives no logits"
    expected.pop("loss")
    labels, others = found.pop("per_label"), expected.pop("per_label")
    # Both draw at random, each in its own way, which on a handful of examples makes leaps.
    near = 0.04 if len(actual) >= 20 else 0.4
    assert found.pop("macro_f1_interval") == pytest.approx(expected.pop("macro_f1_interval"), abs=near)
    assert found.pop("accuracy_interval") == pytest.approx(expected.pop("accuracy_interval"))
    assert found == pytest.approx(expected)
    assert [(label, list(scores)) for label, scores in labels.items()] == [(n, list(s)) for n, s in others.items()]
    for label, scores in others.items():
        for name, value in scores.items():
            assert labels[label][name] == pytest.approx(value), name
    confusion = metrics.confusion_matrix(actual, predicted, LABELS, mode)
    assert confusion == evaluation.confusion_matrix(logits, targets, LABELS)


@pytest.mark.parametrize("mode", ["multi-class", "multi-label"])
@pytest.mark.parametrize("seed", range(20))
def test_a_confusion_matrix_tells_the_same(seed: int, mode: Mode) -> None:
    actual, predicted = random_case(seed, mode)
    expected = metrics.of_predictions(actual, predicted, LABELS)
    confusion = metrics.confusion_matrix(actual, predicted, LABELS, mode)

    accuracy = expected["accuracy"] if mode == "multi-label" else None
    found = metrics.of_confusion_matrix(confusion, accuracy=accuracy)
    if mode == "multi-label":
        low, high = found.pop("macro_f1_interval")
        assert low <= expected["macro_f1"] <= high
        expected.pop("macro_f1_interval")
    assert found == expected


@pytest.mark.parametrize("mode", ["multi-class", "multi-label"])
@pytest.mark.parametrize("seed", range(10))
def test_micro_averages_are_those_of_scikit_learn(seed: int, mode: Mode) -> None:
    actual, predicted = random_case(seed, mode)
    true, said = flags(actual), flags(predicted)
    precision, recall, f1, _ = reference.precision_recall_fscore_support(true, said, average="micro", zero_division=0)
    wrong = 1 - reference.accuracy_score(true, said) if mode == "multi-class" else reference.hamming_loss(true, said)

    found = metrics.micro_averages(metrics.confusion_matrix(actual, predicted, LABELS, mode))

    assert found == pytest.approx({"precision": precision, "recall": recall, "f1": f1, "hamming_loss": wrong})


def test_labels_that_comprehend_trained_and_did_not_test_are_in_the_metrics() -> None:
    confusion = {
        "type": "multi_class",
        "confusion_matrix": [[2, 0], [1, 1]],
        "labels": ["B", "A"],
        "all_labels": ["A", "B", "C"],
    }
    found = metrics.of_confusion_matrix(confusion)

    assert list(found["per_label"]) == ["A", "B", "C"]
    assert found["per_label"]["C"] == {
        **{"precision": 0, "recall": 0, "f1": 0, "support": 0},
        **{"precision_interval": [0, 1], "recall_interval": [0, 1], "f1_interval": [0, 1]},
    }
    assert found["macro_recall"] == 0.75, "C counts in no average"
    assert found["majority_share"] == 0.5


def test_the_accuracy_of_several_labels_must_be_told() -> None:
    confusion = {"type": "multi_label", "confusion_matrix": [[[1, 0], [0, 1]]], "labels": ["A"], "all_labels": ["A"]}
    with pytest.raises(ValueError, match="do not tell the accuracy"):
        metrics.of_confusion_matrix(confusion)
    assert metrics.of_confusion_matrix(confusion, accuracy=0.5)["accuracy"] == 0.5


def test_nothing_predicted_is_wrong_and_in_no_column() -> None:
    actual = [("A",), ("B",)]
    assert metrics.of_predictions(actual, [("A",), ()], ["A", "B"])["accuracy"] == 0.5
    assert metrics.confusion_matrix(actual, [("A",), ()], ["A", "B"], "multi-class")["confusion_matrix"] == [
        [1, 0],
        [0, 0],
    ]


def test_nothing_at_all_has_metrics_of_nought() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = metrics.of_predictions([], [], ["A"])
    assert (found["examples"], found["accuracy"], found["macro_f1"], found["majority_share"]) == (0, 0, 0, 0)
