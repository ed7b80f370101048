"""What a training leaves, for tests of the report: metrics, confusion matrix and errors that fit together."""

from collections.abc import Sequence
from typing import Any

TEXTS = ("Qui connaît Rust ?", "Tu vas bien ?", "Qui est Ada Lovelace ?")
Scores = dict[str, Any]


def interval(share: float, examples: int) -> list[float]:
    """Wide enough to look like a 95 % interval of so many examples; no formula is tested here."""
    half = 1 / max(1, examples) ** 0.5
    return [max(0.0, share - half), min(1.0, share + half)]


def scores(labels: Sequence[str], support: int, right: int) -> Scores:
    """The metrics of a split in which every label has `support` examples; of the first one only `right` are found."""
    examples = support * len(labels)
    missed = support - right
    per_label = {}
    for number, label in enumerate(labels):
        recall = right / support if number == 0 else 1.0
        precision = support / (support + missed) if number == 1 else 1.0
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        per_label[label] = {"precision": precision, "recall": recall, "f1": f1, "support": support}
        per_label[label] |= {
            f"{name}_interval": interval(value, support)
            for name, value in (("precision", precision), ("recall", recall), ("f1", f1))
        }
    accuracy = (examples - missed) / examples
    macro_f1 = sum(one["f1"] for one in per_label.values()) / len(labels)
    return {
        "examples": examples,
        "accuracy": accuracy,
        "macro_precision": 0.98,
        "macro_recall": 0.97,
        "macro_f1": macro_f1,
        "loss": 0.12,
        "majority_share": support / examples,
        "accuracy_interval": interval(accuracy, examples),
        "macro_f1_interval": interval(macro_f1, examples),
        "per_label": per_label,
    }


def confusion(labels: Sequence[str], support: int, right: int, *, several: bool) -> dict[str, Any]:
    """The confusion matrix of `scores`: what is missed of the first label was taken for the second."""
    missed, total = support - right, support * len(labels)
    matrix: list[Any]
    if several:
        matrix = [[[total - support, 0], [0, support]] for _ in labels]
        matrix[0] = [[total - support, 0], [missed, right]]
        matrix[1] = [[total - support - missed, missed], [0, support]]
    else:
        matrix = [[support * (row == column) for column in range(len(labels))] for row in range(len(labels))]
        matrix[0][0], matrix[0][1] = right, missed
    kind = "multi_label" if several else "multi_class"
    return {"type": kind, "confusion_matrix": matrix, "labels": list(labels), "all_labels": list(labels)}


def history(epochs: int) -> list[dict[str, Any]]:
    return [
        {
            "epoch": epoch,
            "train_loss": 1.2 / epoch,
            "train_accuracy": 1 - 0.5 / epoch,
            "validation_loss": 1.0 / epoch + 0.004 * epoch,
            "validation_accuracy": 0.975 - 0.5 / (epoch + 1),
            "validation_macro_f1": 0.97 - 0.5 / (epoch + 1),
            "seconds": 1.25,
        }
        for epoch in range(1, epochs + 1)
    ]


def metrics(
    labels: Sequence[str] = ("HOW_ARE_YOU", "WHO_IS", "WHO_KNOWS_ABOUT"),
    *,
    several: bool = False,
    support: int = 20,
    right: int = 19,
    epochs: int = 12,
    **changed: Any,
) -> dict[str, Any]:
    """metrics.json of a training that had `scores(labels, support, right)` on both splits, with parts `changed`."""
    test = scores(labels, support, right)
    baseline = scores(labels, support, right - 1)
    examples = support * len(labels)
    whole: dict[str, Any] = {
        "mode": "multi-label" if several else "multi-class",
        "labels": list(labels),
        "test": test,
        "validation": test,
        "history": history(epochs),
        "best_epoch": epochs,
        "stopped_early": False,
        "base_model": {"name": "camembert-base", "source": "hub", "parameters": 110_624_259, "note": None},
        "export": {"quantization": "int8", "agreement": 0.9967, "bytes": 106_400_000, "note": None},
        "recipe": {
            "asked": "auto",
            "chosen": "full",
            "why": {"code": "affordable", "minutes": 6.5},
            "sentence": "Full fine-tuning takes about 6.5 minutes here.",
            "precision": "bfloat16",
            "device": "cpu",
            "processes": 1,
        },
        "baseline": {
            "name": "TF-IDF + logistic regression",
            "seconds": 0.42,
            "test": baseline,
            "validation": baseline,
            "comparison": {"only_model_right": 2, "only_baseline_right": 1, "p_value": 1.0},
        },
        "calibration": {
            "temperature": 1.37,
            "validation_loss_before": 0.1534,
            "validation_loss_after": 0.1391,
            "test_error_before": 0.0412,
            "test_error_after": 0.0187,
            "bins": [
                {"from": 0.5, "to": 0.6, "examples": 3, "confidence": 0.56, "accuracy": 0.667},
                {"from": 0.8, "to": 0.9, "examples": 12, "confidence": 0.86, "accuracy": 0.917},
                {"from": 0.9, "to": 1.0, "examples": 45, "confidence": 0.985, "accuracy": 1.0},
            ],
        },
        "rejection": {
            "asked_precision": 0.95,
            "threshold": 0.613,
            "validation": {"answered": 0.966, "precision": 0.9825},
            "test": {"answered": 0.933, "precision": 1.0},
        },
        "long_texts": {"policy": "truncate", "max_length": 128, "train": 4, "validation": 1, "test": 0},
        "dataset": {
            "examples": {"train": 4 * examples, "validation": examples, "test": examples},
            "labels": {label: {"train": 4 * support, "validation": support, "test": support} for label in labels},
            "tokens": {"median": 14, "p95": 27, "longest": 203},
            "warnings": [],
        },
        "cost": {
            "instance_type": "ml.m5.xlarge",
            "instances": 1,
            "seconds": 402.0,
            "price_per_hour": 0.257,
            "total": 0.0287,
            "currency": "USD",
            "priced_on": "2026-11",
        },
        "seconds": {"load": 6.1, "train": 388.2, "export": 7.7, "total": 402.0},
        "versions": {"python": "3.11.9", "torch": "2.9.1", "onnxruntime": "1.23.2"},
        "hyperparameters": {
            "classifier": "questions",
            "run_id": "0123456789abcdef",
            "base_model": "camembert-base",
            "mode": "multi-label" if several else "multi-class",
            "language": "fr",
            "epochs": 50,
            "patience": 10,
            "min_delta": 0.01,
            "recipe": "auto",
            "learning_rate": 5e-05,
            "price_per_hour": None,
            "seed": 13,
        },
    }
    return whole | changed


def errors(number: int, *, actual: Sequence[str] = ("WHO_IS",), text: str | None = None) -> list[dict[str, Any]]:
    return [
        {
            "text": text or f"{TEXTS[one % len(TEXTS)]} ({one})",
            "actual": list(actual),
            "predicted": ["WHO_KNOWS_ABOUT"],
            "probability": 0.99 - one / 1000,
        }
        for one in range(number)
    ]


# Of every warning: its code, its facts, and words of the report about it in English and French.
WARNINGS: list[tuple[str, dict[str, Any], str, str]] = [
    (
        "few_examples",
        {"below": 10, "count": 2, "labels": ["A", "B"]},
        "Fewer than 10 training examples: 2 labels (“A”, “B”).",
        "Moins de 10 exemples d'entraînement : 2 étiquettes (« A », « B »).",
    ),
    (
        "imbalance",
        {"most": "A", "most_examples": 2100, "least": "B", "least_examples": 9},
        "“A” has 2,100 examples for training, “B” has 9.",
        "« A » a 2 100 exemples d'entraînement, « B » en a 9.",
    ),
    (
        "small_test",
        {"examples": 40, "below": 100},
        "with 40 examples, a single one is worth 2.5 points.",
        "avec 40 exemples, un seul vaut 2,5 points.",
    ),
    (
        "absent_label",
        {"split": "test", "count": 9, "labels": list("ABCDEFGHI")},
        "No test example: 9 labels (“A”, “B”, “C”, “D”, “E”, “F” and 3 more).",
        "Aucun exemple de test : 9 étiquettes (« A », « B », « C », « D », « E », « F » et 3 autres).",
    ),
    (
        "absent_label",
        {"split": "validation", "count": 1, "labels": ["A"]},
        "No validation example: 1 label (“A”).",
        "Aucun exemple de validation : 1 étiquette (« A »).",
    ),
    (
        "text_in_two_splits",
        {"splits": ["train", "test"], "count": 3},
        "In both the training and the test split: 3 texts.",
        "À la fois dans le jeu d'entraînement et dans celui de test : 3 textes.",
    ),
    (
        "text_in_two_splits",
        {"splits": ["validation", "test"], "count": 1},
        "In both the validation and the test split: 1 text.",
        "À la fois dans le jeu de validation et dans celui de test : 1 texte.",
    ),
    (
        "contradictory_text",
        {"count": 2, "text": "ça va ?"},
        "The same text under different labels: 2 texts, such as “ça va ?”.",
        "Même texte sous des étiquettes différentes : 2 textes, par exemple « ça va ? ».",
    ),
    (
        "repeated_text",
        {"count": 29, "of": 354},
        "Repeats of another training text: 29 texts of 354.",
        "Répétitions d'un autre texte d'entraînement : 29 textes sur 354.",
    ),
]
