import json
from pathlib import Path

import pytest
from trieur_train.failure import TrainingFailed
from trieur_train.hyperparameters import Hyperparameters, check_hyperparameters, read_hyperparameters


def test_without_a_file_everything_has_its_default(tmp_path: Path) -> None:
    assert read_hyperparameters(tmp_path / "absent.json") == Hyperparameters()


def test_strings_become_values(tmp_path: Path) -> None:
    path = tmp_path / "hyperparameters.json"
    given = {
        "classifier": "questions",
        "run_id": "0123456789abcdef",
        "base_model": "almanach/camembert-base",
        "mode": "multi-label",
        "language": "pt-BR",
        "epochs": "3",
        "batch_size": "16",
        "learning_rate": "3e-5",
        "patience": "2",
        "min_delta": "0",
        "max_length": "64",
        "seed": "0",
        "recipe": "fast",
        "precision": "float32",
        "gradient_accumulation_steps": "4",
        "warmup_ratio": "0",
        "weight_decay": "0.1",
        "label_smoothing": "0.05",
        "class_weights": "balanced",
        "long_texts": "windows",
        "rejection_precision": "1",
        "checkpoint_seconds": "0",
        "price_per_hour": "0.257",
    }
    path.write_text(json.dumps(given))
    assert read_hyperparameters(path) == Hyperparameters(
        classifier="questions",
        run_id="0123456789abcdef",
        base_model="almanach/camembert-base",
        mode="multi-label",
        language="pt-BR",
        epochs=3,
        batch_size=16,
        learning_rate=3e-5,
        patience=2,
        min_delta=0.0,
        max_length=64,
        seed=0,
        recipe="fast",
        precision="float32",
        gradient_accumulation_steps=4,
        warmup_ratio=0.0,
        weight_decay=0.1,
        label_smoothing=0.05,
        class_weights="balanced",
        long_texts="windows",
        rejection_precision=1.0,
        checkpoint_seconds=0,
        price_per_hour=0.257,
    )


def test_an_automatic_learning_rate_is_none() -> None:
    assert check_hyperparameters({"learning_rate": "auto"}).learning_rate is None


def test_an_unknown_hyperparameter_is_named_beside_the_known_ones() -> None:
    with pytest.raises(TrainingFailed, match=r"'epoch'.*batch_size.*epochs"):
        check_hyperparameters({"epoch": "3"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("classifier", "Questions"),
        ("classifier", "a" * 31),
        ("classifier", "a--b"),
        ("run_id", "0123456789ABCDEF"),
        ("base_model", " "),
        ("mode", "multiclass"),
        ("language", "french"),
        ("epochs", "0"),
        ("epochs", "3.5"),
        ("epochs", "-1"),
        ("epochs", "٣"),
        ("epochs", 3),
        ("batch_size", "1025"),
        ("learning_rate", "0"),
        ("recipe", "quick"),
        ("precision", "float16"),
        ("gradient_accumulation_steps", "0"),
        ("warmup_ratio", "1"),
        ("label_smoothing", "1"),
        ("class_weights", "auto"),
        ("long_texts", "head"),
        ("rejection_precision", "0"),
        ("rejection_precision", "1.01"),
        ("price_per_hour", "-1"),
        ("price_per_hour", "inf"),
        ("learning_rate", "nan"),
        ("learning_rate", "1"),
        ("learning_rate", "fast"),
        ("patience", ""),
        ("min_delta", "-0.1"),
        ("min_delta", "inf"),
        ("max_length", "7"),
        ("seed", str(2**32)),
    ],
)
def test_a_bad_value_is_refused_with_its_name_and_itself(name: str, value: object) -> None:
    with pytest.raises(TrainingFailed) as refused:
        check_hyperparameters({name: value})
    assert f"Hyperparameter {name} is {json.dumps(value, ensure_ascii=False)}: it must be " in str(refused.value)


@pytest.mark.parametrize("content", [b"{", b"[]", b'"x"', b"\xff"])
def test_a_file_that_is_no_object_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "hyperparameters.json"
    path.write_bytes(content)
    with pytest.raises(TrainingFailed, match="object of strings"):
        read_hyperparameters(path)
