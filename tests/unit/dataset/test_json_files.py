"""JSON lists, objects that hold one, and JSON Lines: what is read, and what is no JSON for us."""

import json

import pytest

from tests.unit.dataset.samples import json_lines, json_list, refusal, rows
from trieur.dataset import read_dataset, window
from trieur.dataset.limits import MAX_RECORD_CHARACTERS


@pytest.mark.parametrize("key", ["data", "examples", "anything"])
def test_an_object_whose_one_list_holds_the_examples(key):
    document = {"version": 1.5, "authors": ["A", "B"], "empty": [], "meta": {"x": [1]}, key: rows(), "note": None}
    for indent in (None, 2):
        dataset = read_dataset(json.dumps(document, indent=indent).encode(), "a.json")
        assert dataset.format == "json-object"
        assert len(dataset.texts) == 24


def test_two_lists_of_examples_are_refused():
    sentence = refusal(json.dumps({"train": rows(), "test": rows()}).encode())
    assert '"train"' in sentence
    assert '"test"' in sentence


@pytest.mark.parametrize("data", [b"{}", b'{"a": 1, "b": {"c": [{}]}}', b'{"data": ["a", "b"]}', b'{"data": []}'])
def test_an_object_without_a_list_of_examples_is_refused(data):
    assert "without a list" in refusal(data) or "no label" in refusal(data) or "has no text" in refusal(data)


def test_an_object_over_several_lines_that_is_one_example_is_refused():
    assert '"text"' in refusal(json.dumps(rows()[0], indent=2).encode())


def test_an_empty_list_is_refused():
    assert "no example" in refusal(b"[]")
    assert "no example" in refusal(b"[ \n ]")


@pytest.mark.parametrize("key", ["text", "sentence", "utterance", "question", "document", "review"])
@pytest.mark.parametrize("label", ["label", "intent", "class", "category"])
def test_synonyms_of_the_keys(key, label):
    for form in (json_list, json_lines):
        assert len(read_dataset(form(rows(key, label)), "a").texts) == 24


def test_keys_are_recognised_in_any_case():
    assert len(read_dataset(json_list(rows("Text", " LABEL ")), "a").texts) == 24


def test_carriage_returns_and_blank_lines_between_json_lines():
    data = json_lines(rows()).replace(b"\n", b"\r\n\r\n  \n")
    assert len(read_dataset(data, "a").texts) == 24


def test_the_last_line_needs_no_end():
    assert len(read_dataset(json_lines(rows()).rstrip(), "a").texts) == 24


@pytest.mark.parametrize("form", [json_list, json_lines])
def test_breaks_inside_a_text_do_not_break_its_record(form):
    examples = rows()
    odd = ["un\ndeux", "un\r\ndeux\ttrois", "un\u2028deux\u2029trois", "un\u0085".replace("\u0085", "\u00a0deux")]
    for number, text in enumerate(odd):
        examples[number]["text"] = text
    dataset = read_dataset(form(examples), "a")
    assert dataset.texts[:4] == odd
    assert len(dataset.texts) == 24


@pytest.mark.parametrize("length", range(1, 40))
def test_pieces_may_end_anywhere(length, monkeypatch):
    monkeypatch.setattr("trieur.dataset.content.PIECE_BYTES", length)
    held = json.dumps({"n": [12345, True], "data": rows(), "m": -1.5e3, "o": {"p": "é"}}, ensure_ascii=False).encode()
    examples = [{**row, "e": "\U0001f600\n\\", "n": [None, False, -2.5e-7]} for row in rows()]
    escaped = json.dumps(examples).encode()
    for data in (json_list(rows()), json_lines(rows()), held, escaped):
        assert read_dataset(data, "a").texts == [row["text"] for row in rows()]


def test_what_is_wrong_in_a_long_file_is_said_where_it_is():
    examples = [{**row, "note": "n" * 10_000} for row in rows()] * 50
    data = json.dumps(examples, indent=0)
    assert len(data) > MAX_RECORD_CHARACTERS
    unquoted = data.replace('"label"', "label", 1).encode()
    assert refusal(unquoted) == (
        "Example 1 is not valid JSON: expecting property name enclosed in double quotes, at line 4, column 1."
    )
    unclosed = data.replace('",\n"label"', ',\n"label"', 1).encode()
    assert "Example 1 is not valid JSON: invalid control character, at line 3" in refusal(unclosed)


def _spoilt(old: str, new: str, form=json_list) -> bytes:
    text = form(rows()).decode()
    assert old in text
    return text.replace(old, new, 1).encode()


def test_truncated_anywhere_is_refused_and_mostly_called_so():
    for data in (json_list(rows()), json.dumps({"data": rows()}).encode()):
        sentences = [refusal(data[:length]) for length in range(1, len(data.rstrip()), 7)]
        named = [sentence for sentence in sentences if "truncated" in sentence]
        assert len(named) > 0.9 * len(sentences)


@pytest.mark.parametrize("end", [-1, -3, -10, -20, -30])
def test_a_truncated_last_line_is_named(end):
    assert "line 24: it is truncated" in refusal(json_lines(rows()).rstrip()[:end])


def test_a_list_without_its_end_is_truncated():
    assert "truncated" in refusal(json_list(rows()).rstrip().removesuffix(b"]"))


@pytest.mark.parametrize("more", ["]", "[]", '{"text": "a", "label": "b"}', "garbage", "\u0000", "\ufeff"])
def test_data_after_the_list_is_refused_with_its_place(more):
    sentence = refusal(json_list(rows()) + f"\n\n{more}".encode())
    assert "goes on after the end of the list" in sentence
    assert "line 100, column 1" in sentence


@pytest.mark.parametrize("more", ["]", "[]", "garbage", "\u0000", "\ufeff"])
def test_data_after_the_object_is_refused_with_its_place(more):
    data = json.dumps({"data": rows()}).encode() + f"\n  {more}".encode()
    assert "goes on after the end of the object, at line 2, column 3" in refusal(data)


def test_an_object_with_a_list_followed_by_records_is_refused():
    sentence = refusal(json.dumps({"data": rows()}).encode() + b"\n" + json_lines(rows()))
    assert '"data"' in sentence
    assert '"text"' in sentence


def test_two_values_on_one_line_are_refused():
    line = json.dumps(rows()[3], ensure_ascii=False)
    sentence = refusal(_spoilt(line, f"{line} {line}", json_lines))
    assert "Line 4" in sentence
    assert "one example a line" in sentence


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "9" * 5000])
def test_what_is_no_json_number_is_refused(word):
    assert "Example 1 " in refusal(_spoilt('"WHO_IS"', word))
    assert "Line 1 " in refusal(_spoilt('"WHO_IS"', word, json_lines))
    if not word.startswith("9"):
        assert word in refusal(_spoilt('"WHO_IS"', word))


def test_nan_in_a_key_that_is_not_read_is_refused_too():
    assert "NaN" in refusal(_spoilt('"WHO_IS"', '"WHO_IS", "score": NaN'))


@pytest.mark.parametrize("form", [json_list, json_lines])
def test_a_key_twice_is_refused_with_row_and_key(form):
    sentence = refusal(_spoilt('"WHO_IS"', '"WHO_IS", "label": "HOW_ARE_YOU"', form))
    assert '"label" stands twice' in sentence
    assert "Example 1 " in sentence or "Line 1 " in sentence
    assert '"k"' in refusal(_spoilt('"WHO_IS"', '"WHO_IS", "meta": {"k": 1, "k": 1}', form))


def test_a_key_twice_around_the_list_is_refused():
    listed = json.dumps(rows())
    assert '"note" stands twice' in refusal(f'{{"note": 1, "data": {listed}, "note": 2}}'.encode())


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":'])
@pytest.mark.parametrize(
    "before", ["", "[", '[{"text": ', '{"text": ', '{"data": ', '{"meta": ', '{"data": [{"text": ']
)
def test_bottomless_nesting_is_refused(opening, before):
    assert refusal(f"{before}{opening * 200_000}".encode())


def test_bottomless_nesting_in_a_later_row_is_refused_with_the_row():
    deep = "[" * 200_000 + "]" * 200_000
    assert "Example 3 is not valid JSON" in refusal(
        json_list(rows())
        .decode()
        .replace('"label": "WHO_IS"', f'"label": {deep}')
        .replace(deep, '"WHO_IS"', 2)
        .encode()
    )


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('"label": "WHO_IS"', '"label": WHO_IS', "line 4, column 11"),
        ('"label": "WHO_IS"', '"label" "WHO_IS"', "line 4, column 11"),
        ('"label": "WHO_IS"', "'label': 'WHO_IS'", "line 4, column 3"),
        ('"WHO_IS"\n', '"WHO_IS",\n', "line 5"),
        ("Qui est", "Qui \x01est", "line 3"),
        ("Qui est", "Qui \\q est", "line 3"),
        ("Qui est", "Qui\nest", "line 3"),
    ],
)
def test_broken_json_is_refused_with_its_place(old, new, place):
    sentence = refusal(_spoilt(old, new))
    assert "xample 1 is not valid JSON" in sentence
    # Python versions point at the comma or at what follows it.
    assert place in sentence or "line 4" in sentence


def test_a_broken_line_is_refused_with_its_number():
    assert "Line 1 is not valid JSON" in refusal(_spoilt('"WHO_IS"', "WHO_IS", json_lines))
    second = json.dumps(rows()[1], ensure_ascii=False)
    assert "Line 2 is not valid JSON" in refusal(_spoilt(second, second[:-1], json_lines))


def test_the_place_follows_the_words():
    sentence = refusal(_spoilt("Qui est", "Qui \x01est", json_lines))
    assert sentence == "Line 1 is not valid JSON: invalid control character, at column 15."


def test_a_trailing_comma_and_a_missing_one_are_refused():
    data = json_list(rows()).decode().rstrip()
    assert "comma" in refusal((data.removesuffix("\n]") + ",\n]").encode())
    sentence = refusal(data.replace("},", "}", 1).encode())
    assert "example 1" in sentence
    assert "line 6, column 2" in sentence


@pytest.mark.parametrize(
    ("value", "kind"), [("[]", "a list"), ('"a"', "a string"), ("7", "a number"), ("null", "null"), ("true", "true or")]
)
def test_a_row_that_is_no_object_is_refused(value, kind):
    sentence = refusal(json_list(rows()).decode().replace("},", f"}},\n{value},", 1).encode())
    assert sentence.startswith(f"Example 2 is {kind}")
    lines = json_lines(rows()).decode().replace("}\n", f"}}\n{value}\n", 1).encode()
    assert refusal(lines).startswith(f"Line 2 is {kind}")


@pytest.mark.parametrize("data", [b"null", b"7", b'"text"', b"<html>", b"true"])
def test_what_is_neither_list_nor_object_nor_csv_is_refused(data):
    assert "not JSON" in refusal(data, "a.json")
    assert "neither JSON" in refusal(data, "a.csv")


def test_a_record_may_not_be_endless(monkeypatch):
    for module in ("window",):
        monkeypatch.setattr(f"trieur.dataset.{module}.MAX_RECORD_CHARACTERS", 500)
    monkeypatch.setattr("trieur.dataset.content.PIECE_BYTES", 100)
    assert window.MAX_RECORD_CHARACTERS < MAX_RECORD_CHARACTERS
    examples = rows()
    examples[2]["meta"] = "x" * 2000
    assert "xample 3 is longer than 500" in refusal(json_list(examples))
    assert "Line 3 is longer than 500" in refusal(json_lines(examples))
    assert "longer than 500" in refusal(b'{"key' + b"x" * 2000)
    assert "longer than 500" in refusal(b'{"key": "' + b"x" * 2000)
    assert "Line 3 is longer than 500" in refusal(b"text,label\na,A\n" + b"x" * 2000)
