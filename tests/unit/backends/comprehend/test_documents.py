import csv
import io
import re
import unicodedata
from itertools import chain

import botocore.session
import pandas
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from trieur.backends.base import TrainingRefused
from trieur.backends.comprehend.documents import (
    LABEL_DELIMITERS,
    Example,
    csv_rows,
    label_delimiter,
    require_labels,
    require_minimum,
    require_size,
    require_tested,
)
from trieur.backends.comprehend.flattening import flattened

ENDS_OF_LINES = ["\r\n", "\n", "\r", "\v", "\f", "\u0085", "\u2028", "\u2029"]

# Whatever CSV, pandas or Comprehend give a meaning to, among characters of every kind.
PIECES = [
    *ENDS_OF_LINES,
    '"',
    '""',
    ",",
    "'",
    "|",
    "\t",
    " ",
    "  ",
    "\\",
    ";",
    "#",
    "NA",
    "nan",
    "null",
    "None",
    "#N/A",
]
# No half of a surrogate pair and no NUL: the dataset reader refuses both.
ANY = st.characters(exclude_categories=("Cs",), exclude_characters="\0")
TEXTS = st.one_of(st.text(ANY, max_size=6), st.lists(st.sampled_from(PIECES), max_size=4).map("".join))
LABEL = st.characters(exclude_categories=("C", "Zl", "Zp"))
LABELS = st.one_of(
    st.sampled_from(["NA", "null", "nan", "a,b", '"', '"a"', "A|B", "a~b", "1", " ", "#", "L'été", "天気", "🙂"]),
    st.text(LABEL, min_size=1, max_size=4),
)
MULTI_CLASS = st.lists(st.tuples(TEXTS, st.tuples(LABELS)), min_size=1, max_size=3)
MULTI_LABEL = st.lists(
    st.tuples(TEXTS, st.lists(LABELS, min_size=1, max_size=3, unique=True).map(tuple)), min_size=1, max_size=3
)


def read_by_csv(document: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(document.decode("utf-8"), newline=""), strict=True))


def read_by_pandas(document: bytes) -> list[list[str]]:
    frame = pandas.read_csv(io.BytesIO(document), header=None, dtype=str, keep_default_na=False, encoding="utf-8")
    return [list(row) for row in frame.itertuples(index=False)]


@settings(max_examples=10_000, deadline=None)
@example([("\ufeffNA", ("NA",)), (' a,"b" ', ("a,b",))], False)
@example([("", (",",)), ("\r\n\n", ('"',))], True)
@given(examples=st.one_of(MULTI_CLASS, MULTI_LABEL), several=st.booleans())
def test_documents_read_back_to_the_same_examples(examples: list[Example], several: bool) -> None:
    several = several or any(len(labels) > 1 for _, labels in examples)
    labels = set(chain.from_iterable(labels for _, labels in examples))
    delimiter = label_delimiter(labels) if several else ""

    document = b"".join(csv_rows(examples, delimiter))

    assert document.count(b"\n") == len(examples), "a row is a line"
    assert document.endswith(b"\n")
    for rows in (read_by_csv(document), read_by_pandas(document)):
        read = [(text, tuple(cell.split(delimiter)) if several else (cell,)) for cell, text in rows]
        assert read == [(flattened(text), labels) for text, labels in examples]


@pytest.mark.parametrize("end", ENDS_OF_LINES)
def test_every_end_of_a_line_becomes_one_blank(end: str) -> None:
    assert flattened(f"one{end}two{end}{end}") == "one two  "


def test_the_label_comes_first_and_there_is_no_header() -> None:
    rows = csv_rows([("Où est-il ?", ("LIEU",)), ('Dis "oui", vite\nstp', ("a,b",))])
    assert b"".join(rows).decode() == 'LIEU,Où est-il ?\n"a,b","Dis ""oui"", vite stp"\n'


def test_delimiters_are_those_that_amazon_takes() -> None:
    model = botocore.session.get_session().get_service_model("comprehend")
    pattern = re.compile(model.shape_for("LabelDelimiter").metadata["pattern"])
    assert set(LABEL_DELIMITERS) == {chr(code) for code in range(0x3000) if pattern.fullmatch(chr(code))}
    assert len(set(LABEL_DELIMITERS)) == len(LABEL_DELIMITERS)
    assert LABEL_DELIMITERS[0] == "|"


def test_a_delimiter_occurs_in_no_label() -> None:
    labels: list[str] = []
    for expected in LABEL_DELIMITERS:
        assert label_delimiter(labels) == expected
        labels.append(f"A{expected}B")
    with pytest.raises(TrainingRefused, match="take one of them out of all labels"):
        label_delimiter(labels)


@pytest.mark.parametrize(("mode", "most"), [("multi-class", 1_000), ("multi-label", 100)])
def test_more_labels_than_comprehend_takes_are_refused(mode, most: int) -> None:
    labels = [f"label {number}" for number in range(most)]
    require_labels(labels, mode)
    with pytest.raises(TrainingRefused, match=rf"{most + 1:,} labels, and Comprehend takes {most:,} at most"):
        require_labels([*labels, "one more"], mode)


def test_a_label_may_have_5000_characters_and_no_more() -> None:
    require_labels(["A", "b" * 5_000], "multi-class")
    with pytest.raises(TrainingRefused, match="has 5,001 characters"):
        require_labels(["A", "b" * 5_001], "multi-class")


@pytest.mark.parametrize("character", ["\0", "\n", "\x7f", "\u200b", "\ufeff", "\ue000", "\u0378", "\u2028"])
def test_a_label_with_a_character_of_no_letter_is_refused(character: str) -> None:
    name = f"U\\+{ord(character):04X}"
    with pytest.raises(TrainingRefused, match=f"{name} at character 2"):
        require_labels(["A", f"B{character}"], "multi-class")


def test_every_label_that_botocore_takes_is_taken() -> None:
    require_labels([chr(c) for c in range(0x2FF) if unicodedata.category(chr(c))[0] != "C"], "multi-class")


def test_an_empty_label_is_refused() -> None:
    with pytest.raises(TrainingRefused, match="empty"):
        require_labels(["A", ""], "multi-label")


def test_a_label_that_is_trained_and_not_tested_is_refused() -> None:
    require_tested({"A"}, {"A", "B"})
    with pytest.raises(TrainingRefused, match='no example of "B" and "C", and Comprehend wants one of every label'):
        require_tested({"C", "B", "A"}, {"A"})


def test_labels_with_too_little_to_train_on_are_named_the_rarest_first() -> None:
    require_minimum({"A": 10, "B": 11}, 10)
    with pytest.raises(TrainingRefused, match=r'wants 10 examples of every label .* fewer of "C" \(1\) and "B" \(9\)'):
        require_minimum({"A": 10, "B": 9, "C": 1}, 10)


def test_five_gigabytes_are_the_most() -> None:
    assert list(require_size([b"12", b"345"], room=5)) == [b"12", b"345"]
    with pytest.raises(TrainingRefused, match="more than 5,000,000,000 bytes"):
        list(require_size([b"12", b"345"], room=4))
