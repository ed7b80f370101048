from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from trieur_serve.encoding import at_once
from trieur_serve.manifest import ModelRefused
from trieur_serve.model import Model

from tests.unit.serve.tiny_model import (
    LABELS,
    VOCABULARY,
    graph,
    softmax_of,
    tokenizer,
    word_logits,
    write_model,
)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return Model.load(write_model(tmp_path_factory.mktemp("opt") / "model"))


def predict(model: Model, texts: list[str]) -> list[dict[str, float]]:
    rows = at_once(model.encode(texts)).rows
    return [
        dict(zip(model.manifest.labels, found, strict=True))
        for found in model.probabilities(model.logits(rows)).tolist()
    ]


words = st.lists(st.sampled_from(["curie", "nodejs", "va", "inconnu"]), min_size=1, max_size=14).map(" ".join)


@given(st.lists(words, min_size=1, max_size=8))
def test_a_prediction_depends_neither_on_padding_nor_on_company(model: Model, texts: list[str]) -> None:
    for text, found in zip(texts, predict(model, texts), strict=True):
        assert found == pytest.approx(softmax_of(text), abs=1e-6)


def test_the_temperature_of_the_manifest_counts(tmp_path: Path) -> None:
    model = Model.load(write_model(tmp_path / "model", temperature=3.0))
    assert predict(model, ["curie"]) == [pytest.approx(softmax_of("curie", temperature=3.0))]


def test_a_multi_label_model_judges_each_label_alone(tmp_path: Path) -> None:
    model = Model.load(write_model(tmp_path / "model", mode="multi-label", threshold=0.9))
    (found,) = predict(model, ["curie nodejs"])
    # Each word gives its label 6 over 4 tokens.
    assert found == pytest.approx({"WHO_IS": 0.817574, "WHO_KNOWS_ABOUT": 0.817574, "HOW_ARE_YOU": 0.5}, abs=1e-6)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "model.json"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    (write_model(tmp_path / "model") / name).unlink()
    with pytest.raises(ModelRefused, match=rf"lacks {name}\.$"):
        Model.load(tmp_path / "model")


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelRefused, match=r"lacks model\.onnx, tokenizer\.json, model\.json\.$"):
        Model.load(tmp_path / "model")


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "model.json"])
@pytest.mark.parametrize("damage", ["empty", "half", "noise"])
def test_a_damaged_file_is_named(tmp_path: Path, name: str, damage: str) -> None:
    path = write_model(tmp_path / "model") / name
    content = path.read_bytes()
    path.write_bytes({"empty": b"", "half": content[: len(content) // 2], "noise": bytes(range(256))}[damage])
    with pytest.raises(ModelRefused) as refused:
        Model.load(tmp_path / "model")
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("format", 1),
        ("format", 3),
        ("format", True),
        ("mode", "multi"),
        ("mode", None),
        ("labels", None),
        ("labels", []),
        ("labels", ["A", "A", "B"]),
        ("labels", ["A", "", "B"]),
        ("labels", ["A", 1, "B"]),
        ("labels", ["A", ["B"]]),
        ("max_length", 0),
        ("max_length", 16.0),
        ("max_length", 10**9),
        ("long_texts", None),
        ("long_texts", "cut"),
        ("long_texts", ["windows"]),
        ("pad_token_id", -1),
        ("pad_token_id", None),
        ("temperature", 0),
        ("temperature", "1"),
        ("temperature", None),
        ("threshold", 1.5),
        ("threshold", "0.5"),
    ],
)
def test_a_wrong_entry_of_the_manifest_is_named(tmp_path: Path, key: str, value: Any) -> None:
    with pytest.raises(ModelRefused, match=rf"model\.json: '{key}' must be"):
        Model.load(write_model(tmp_path / "model", **{key: value}))


@pytest.mark.parametrize("content", ["[]", '"a"', "[" * 100_000, "NaN"])
def test_a_manifest_that_is_no_object_is_refused(tmp_path: Path, content: str) -> None:
    (write_model(tmp_path / "model") / "model.json").write_text(content)
    with pytest.raises(ModelRefused, match=r"model\.json"):
        Model.load(tmp_path / "model")


def test_entries_this_server_does_not_know_are_left_alone(tmp_path: Path) -> None:
    assert Model.load(write_model(tmp_path / "model", later="more")).manifest.labels == tuple(LABELS)


def test_a_graph_of_another_number_of_labels_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelRefused, match=r"gives 3 logits a text, but model\.json has 2 labels"):
        Model.load(write_model(tmp_path / "model", labels=["A", "B"]))


def test_a_tokenizer_of_another_training_is_refused(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "model")
    tokenizer(VOCABULARY | {"plus": len(VOCABULARY)}).save(str(folder / "tokenizer.json"))
    with pytest.raises(ModelRefused, match="fails its first prediction"):
        Model.load(folder)


def test_a_max_length_without_room_for_a_word_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelRefused, match="2 special tokens, which leave no room in a max_length of 2"):
        Model.load(write_model(tmp_path / "model", max_length=2))


def test_a_graph_with_other_inputs_is_refused(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "model")
    onnx.save(graph(word_logits(), inputs=("ids", "kinds")), folder / "model.onnx")
    with pytest.raises(ModelRefused, match=r"takes \['ids', 'kinds'\].*must take \['attention_mask', 'input_ids'\]"):
        Model.load(folder)


def test_weights_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "model")
    onnx.save(graph(np.full_like(word_logits(), np.nan)), folder / "model.onnx")
    with pytest.raises(ModelRefused, match="not a finite number"):
        Model.load(folder)
