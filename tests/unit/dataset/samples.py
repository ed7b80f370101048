"""Small datasets that are accepted as they are, for tests to spoil in one place each."""

import csv
import io
import json
from typing import Any

import pytest

from trieur.dataset import DatasetRefused, read_dataset

Row = dict[str, Any]

WHO_IS = [f"Qui est la personne n° {number} ?" for number in range(12)]
HOW_ARE_YOU = [f"Ça va, toi, le {number} mai ?" for number in range(12)]


def rows(text: str = "text", label: str = "label") -> list[Row]:
    """24 examples: the first twelve WHO_IS, the last twelve HOW_ARE_YOU."""
    return [{text: sentence, label: "WHO_IS"} for sentence in WHO_IS] + [
        {text: sentence, label: "HOW_ARE_YOU"} for sentence in HOW_ARE_YOU
    ]


def json_list(examples: list[Any]) -> bytes:
    return json.dumps(examples, ensure_ascii=False, indent=1).encode()


def json_lines(examples: list[Any]) -> bytes:
    return "".join(json.dumps(example, ensure_ascii=False) + "\n" for example in examples).encode()


def csv_file(table: list[list[str]], delimiter: str = ",") -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows(table)
    return file.getvalue().encode()


def csv_rows(text: str = "text", label: str = "label") -> list[list[str]]:
    return [[text, label], *([row["text"], row["label"]] for row in rows())]


def refusal(data: bytes, name: str = "dataset.json", **settings: Any) -> str:
    """The sentence with which `data` is refused."""
    with pytest.raises(DatasetRefused) as caught:
        read_dataset(data, name, **settings)
    assert caught.value.sentence == str(caught.value)
    assert "\n" not in caught.value.sentence
    assert caught.value.sentence.endswith(".")
    return caught.value.sentence
