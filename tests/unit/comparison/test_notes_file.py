"""Notes by hand: what is read, and which line or key is named when it is not."""

import json
from pathlib import Path
from typing import Any

import pytest

from trieur.comparison import NotesRefused, published, read_notes

PUBLISHED = """name,coefficient,comprehend,camembert
creation,3,5,2
industrialisation,2,4,2
speed,5,5,5
performance,4,4,5
cost,4,1,4
"""
GOOD = {"name": "speed", "coefficient": 5, "comprehend": 5, "camembert": 4}


def written(folder: Path, content: str | bytes, name: str = "notes.csv") -> Path:
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def test_the_published_notes_as_csv(tmp_path: Path) -> None:
    found = read_notes(written(tmp_path, "\ufeff" + PUBLISHED.replace("\n", "\r\n") + "\r\n"))
    assert [dict(one.notes) for one in found.criteria] == [dict(one.notes) for one in published().criteria]
    assert (found.total("comprehend"), found.total("camembert")) == (68, 71)
    assert found.criteria[4].name.fr == "coût"
    assert found.source.en == "Notes from notes.csv."


def test_columns_in_any_order_and_criteria_of_ones_own(tmp_path: Path) -> None:
    found = read_notes(written(tmp_path, 'camembert,name,comprehend,coefficient\n4.5,"privacy, mostly",1,2.5\n'))
    [one] = found.criteria
    assert (one.name.fr, one.coefficient, dict(one.notes)) == (
        "privacy, mostly",
        2.5,
        {"comprehend": 1, "camembert": 4.5},
    )


@pytest.mark.parametrize("as_object", [True, False], ids=["object", "list"])
def test_json(tmp_path: Path, as_object: bool) -> None:
    document: Any = {"criteria": [GOOD]} if as_object else [GOOD]
    [one] = read_notes(written(tmp_path, json.dumps(document), "notes.json")).criteria
    assert (one.key, one.coefficient, dict(one.notes)) == ("speed", 5, {"comprehend": 5, "camembert": 4})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "line 1: the header is ''"),
        ("name,coefficient\n", "line 1: the header is 'name,coefficient'"),
        (PUBLISHED.splitlines()[0], "has no criterion"),
        (PUBLISHED + "speed,1,1,1\n", "line 7: 'speed' was already at notes.csv, line 4"),
        (PUBLISHED.replace("speed,5,5,5", "speed,5,6,5"), "line 4: comprehend is 6.0; .* from 1 to 5"),
        (PUBLISHED.replace("speed,5,5,5", "speed,5,good,5"), "line 4: comprehend is 'good'"),
        (PUBLISHED.replace("speed,5,5,5", "speed,5,nan,5"), "line 4: comprehend is nan"),
        (PUBLISHED.replace("speed,5,5,5", "speed,0,5,5"), "line 4: coefficient is 0"),
        (PUBLISHED.replace("speed,5,5,5", "speed,-1,5,5"), "line 4: coefficient is -1"),
        (PUBLISHED.replace("speed,5,5,5", "speed,5,5"), "line 4 has 3 cells instead of 4"),
        (PUBLISHED.replace("speed,5,5,5", ",5,5,5"), "line 4: name is ''"),
        (PUBLISHED + '"open', "line 7"),
        (b"\xff\xfe", "not UTF-8 at byte 0"),
        ("{", "notes.csv is not valid JSON at line 1, column 2"),
        ("[] []", "goes on after its JSON"),
        ("{}", "criteria is no list"),
        ('{"criterion": []}', "there is no key 'criterion'"),
        ("[1]", r"criteria\[0\] is no object"),
        (json.dumps([GOOD, {**GOOD, "name": "cost", "camembert": True}]), r"criteria\[1\]: camembert is True"),
        (json.dumps([{**GOOD, "note": 1}]), r"criteria\[0\]: there is no key 'note'"),
        (json.dumps([{"name": "speed"}]), r"criteria\[0\] has no 'coefficient'"),
        (json.dumps([{**GOOD, "name": "a\nb"}]), r"criteria\[0\]: name is"),
        (json.dumps([{**GOOD, "name": str(n)} for n in range(101)]), "101 criteria"),
        (" " * 1_000_001, "more than 1,000,000 bytes"),
    ],
    ids=(
        "empty",
        "half-a-header",
        "no-rows",
        "twice",
        "note-6",
        "note-word",
        "note-nan",
        "zero",
        "negative",
        "short",
        "nameless",
        "open-quote",
        "bytes",
        "open-brace",
        "two-documents",
        "no-list",
        "other-key",
        "number",
        "true",
        "unknown-key",
        "missing",
        "line-break",
        "too-many",
        "too-large",
    ),
)
def test_a_bad_file_is_refused_with_its_place(tmp_path: Path, content: str | bytes, said: str) -> None:
    with pytest.raises(NotesRefused, match=said):
        read_notes(written(tmp_path, content))
