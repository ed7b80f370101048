import numpy as np
import pytest
from sklearn import metrics as reference
from trieur_train.evaluation import metrics as evaluation
from trieur_train.evaluation.metrics import Logits, Targets

LABELS = [f"label {number}" for number in range(7)]


def random_case(seed: int, dimensions: int) -> tuple[Logits, Targets]:
    """Logits that are right more often than not; some labels occur nowhere."""
    random = np.random.default_rng(seed)
    examples = int(random.integers(1, 80))
    if dimensions == 1:
        targets = random.integers(0, 5, examples)
        likely = np.eye(len(LABELS))[targets]
    else:
        targets = (random.random((examples, len(LABELS))) < 0.3).astype(np.float32)
        targets[:, -1] = 0
        likely = targets
    logits = random.normal(size=(examples, len(LABELS))) + 2 * likely - 1
    return logits.astype(np.float32), targets


@pytest.mark.parametrize("dimensions", [1, 2])
@pytest.mark.parametrize("seed", range(20))
def test_metrics_are_those_of_scikit_learn(seed: int, dimensions: int) -> None:
    logits, targets = random_case(seed, dimensions)
    predicted = logits.argmax(axis=1) if dimensions == 1 else (logits >= 0).astype(int)
    actual = targets.astype(int)
    numbers = list(range(len(LABELS)))
    precision, recall, f1, support = reference.precision_recall_fscore_support(
        actual, predicted, labels=numbers, zero_division=0
    )
    counted = [number for number in numbers if support[number] or (_column(predicted, number)).any()]

    found = evaluation.evaluate(logits, targets, LABELS)

    assert found["examples"] == len(targets)
    assert found["accuracy"] == pytest.approx(reference.accuracy_score(actual, predicted))
    for name, values in (("precision", precision), ("recall", recall), ("f1", f1)):
        assert [found["per_label"][label][name] for label in LABELS] == pytest.approx(list(values))
        assert found[f"macro_{name}"] == pytest.approx(values[counted].mean())
    assert [found["per_label"][label]["support"] for label in LABELS] == list(support)
    assert found["majority_share"] == pytest.approx(max(support) / len(targets))
    assert found["macro_f1"] == pytest.approx(evaluation.macro_f1(logits, targets))


def _column(predicted: np.ndarray, number: int) -> np.ndarray:
    return predicted == number if predicted.ndim == 1 else predicted[:, number] > 0


@pytest.mark.parametrize("seed", range(5))
def test_losses_are_those_of_scikit_learn(seed: int) -> None:
    logits, targets = random_case(seed, 1)
    wide = logits.astype(float)
    softmax = np.exp(wide) / np.exp(wide).sum(axis=1, keepdims=True)
    assert evaluation.mean_loss(logits, targets) == pytest.approx(
        reference.log_loss(targets, softmax, labels=range(len(LABELS)))
    )
    logits, targets = random_case(seed, 2)
    sigmoid = 1 / (1 + np.exp(-logits.astype(float)))
    assert evaluation.mean_loss(logits, targets) == pytest.approx(
        np.mean(
            [reference.log_loss(row, chances, labels=[0, 1]) for row, chances in zip(targets, sigmoid, strict=True)]
        )
    )


def test_huge_logits_give_a_finite_loss() -> None:
    logits = np.array([[1e30, -1e30]], dtype=np.float32)
    assert evaluation.mean_loss(logits, np.array([0])) == 0
    assert evaluation.mean_loss(logits, np.array([[1, 0]], dtype=np.float32)) == 0


def test_the_confusion_matrix_has_comprehends_form_for_one_label() -> None:
    logits, targets = random_case(3, 1)
    found = evaluation.confusion_matrix(logits, targets, LABELS)
    expected = reference.confusion_matrix(targets, logits.argmax(axis=1), labels=range(len(LABELS)))
    assert found == {
        "type": "multi_class",
        "confusion_matrix": expected.tolist(),
        "labels": LABELS,
        "all_labels": LABELS,
    }


def test_the_confusion_matrix_has_comprehends_form_for_several_labels() -> None:
    logits, targets = random_case(4, 2)
    found = evaluation.confusion_matrix(logits, targets, LABELS)
    expected = reference.multilabel_confusion_matrix(targets.astype(int), (logits >= 0).astype(int))
    assert found["type"] == "multi_label"
    assert found["confusion_matrix"] == expected.tolist()


def test_guessing_by_shares_costs_their_entropy() -> None:
    assert evaluation.guessing_loss(np.array([0, 0, 1, 2])) == pytest.approx(1.0397, abs=1e-4)
    assert evaluation.guessing_loss(np.array([[1, 0], [0, 0]], dtype=np.float32)) == pytest.approx(np.log(2) / 2)


def test_agreement_counts_examples_with_the_same_prediction() -> None:
    logits = np.array([[1, 0], [1, 0], [-1, -2], [3, 4]], dtype=np.float32)
    others = np.array([[9, 0], [0, 1], [-2, -1], [5, 6]], dtype=np.float32)
    assert evaluation.agreement(logits, others, 1) == 0.5
    assert evaluation.agreement(logits, others, 2) == 1.0
