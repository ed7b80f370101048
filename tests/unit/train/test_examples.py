import json
from pathlib import Path

import numpy as np
import pytest
from trieur_train.examples import Split, read_splits, target_matrix
from trieur_train.failure import TrainingFailed
from trieur_train.folders import Folders

from tests.unit.train.jobs import multi_class_rows, write_job, write_split


def refusal(root: Path, mode: str = "multi-class") -> str:
    with pytest.raises(TrainingFailed) as refused:
        read_splits(Folders(root), mode)
    return str(refused.value)


def test_multi_class_splits_are_read_with_their_labels_sorted(tmp_path: Path) -> None:
    splits = read_splits(Folders(write_job(tmp_path)), "multi-class")
    assert splits.labels == ["blague", "heure", "météo"]
    assert (len(splits.train.texts), len(splits.validation.texts), len(splits.test.texts)) == (72, 24, 24)
    assert splits.test.texts[0] == multi_class_rows("test")[0]["text"]
    assert set(splits.test.labels) == {("météo",), ("heure",), ("blague",)}


def test_multi_label_examples_may_carry_several_labels_or_none(tmp_path: Path) -> None:
    splits = read_splits(Folders(write_job(tmp_path, "multi-label")), "multi-label")
    assert set(map(len, splits.train.labels)) == {0, 1, 2}


def test_several_files_of_a_channel_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    path = write_split(write_job(tmp_path), "test", [{"text": "second", "label": "heure"}])
    (path.parent / "a.jsonl").write_text('{"text": "first", "label": "heure"}\n\n')
    assert read_splits(Folders(tmp_path), "multi-class").test.texts == ["first", "second"]


def test_a_line_separator_inside_a_text_stays_inside(tmp_path: Path) -> None:
    path = write_split(write_job(tmp_path), "test", [])
    path.write_text(
        json.dumps({"text": "un\u2028deux\n", "label": "heure"}, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    assert read_splits(Folders(tmp_path), "multi-class").test.texts == ["un\u2028deux\n"]


def test_a_missing_channel_is_named(tmp_path: Path) -> None:
    assert "channel 'train' is missing" in refusal(tmp_path)


def test_a_channel_without_a_file_is_named(tmp_path: Path) -> None:
    (write_split(write_job(tmp_path), "validation", [])).unlink()
    assert "channel 'validation' holds no .jsonl file" in refusal(tmp_path)


def test_an_empty_split_is_named(tmp_path: Path) -> None:
    write_split(write_job(tmp_path), "test", [])
    assert "test split is empty" in refusal(tmp_path)


def test_one_label_is_not_enough(tmp_path: Path) -> None:
    for name in ("train", "validation", "test"):
        write_split(tmp_path, name, [{"text": name, "label": "heure"}])
    assert "at least two labels" in refusal(tmp_path)
    assert "only 'heure'" in refusal(tmp_path)


@pytest.mark.parametrize("split", ["validation", "test"])
def test_a_label_that_training_lacks_is_named(tmp_path: Path, split: str) -> None:
    rows = [*multi_class_rows(split), {"text": "Qui est Marie Curie ?", "label": "QUI"}]
    write_split(write_job(tmp_path), split, rows)
    assert f"The {split} split has 1 label(s)" in refusal(tmp_path)
    assert "'QUI'" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("line", "mode", "reason"),
    [
        (b'{"text": "a", "label": "b"', "multi-class", "not valid JSON"),
        (b"[" * 100_000, "multi-class", "not valid JSON"),
        (b'["a", "b"]', "multi-class", "not an object"),
        (b'{"text": "caf\xe9", "label": "b"}', "multi-class", "not UTF-8 at byte 14"),
        (b'{"label": "b"}', "multi-class", 'no "text"'),
        (b'{"text": "a"}', "multi-class", 'no "label"'),
        (b'{"text": " ", "label": "b"}', "multi-class", '"text" must hold text'),
        (b'{"text": 3, "label": "b"}', "multi-class", '"text" must hold text'),
        (b'{"text": "a", "label": null}', "multi-class", '"label" must hold text'),
        (
            b'{"text": "a\\ud800", "label": "b"}',
            "multi-class",
            '"text" has half a character (a lone surrogate) at position 2',
        ),
        (b'{"text": "a", "label": "b"}', "multi-label", '"labels" must be a list'),
        (b'{"text": "a", "labels": ["b", ""]}', "multi-label", '"labels" must hold text'),
    ],
)
def test_a_bad_line_is_refused_with_its_file_and_number(tmp_path: Path, line: bytes, mode: str, reason: str) -> None:
    path = write_job(tmp_path, mode) / "input" / "data" / "train" / "train.jsonl"
    first = path.read_bytes().splitlines(keepends=True)[0]
    path.write_bytes(first + line + b"\n" + first)
    assert f"train/train.jsonl, line 2: {reason}" in refusal(tmp_path, mode)


def test_targets_are_numbers_or_a_matrix_of_zeros_and_ones() -> None:
    labels = ["a", "b", "c"]
    one = target_matrix(Split(["x", "y"], [("c",), ("a",)]), labels, "multi-class")
    several = target_matrix(Split(["x", "y"], [("c", "a"), ()]), labels, "multi-label")
    assert one.dtype == np.int64
    assert one.tolist() == [2, 0]
    assert several.dtype == np.float32
    assert several.tolist() == [[1, 0, 1], [0, 0, 0]]
