"""What is wrong with one row: its keys, its text, its label."""

import pytest

from tests.unit.dataset.samples import csv_file, csv_rows, json_lines, json_list, refusal, rows
from trieur.dataset import read_dataset
from trieur.dataset.limits import LONG_TEXT_BYTES, MAX_TEXT_CHARACTERS

FORMS = pytest.mark.parametrize(("form", "row"), [(json_list, "xample"), (json_lines, "ine")], ids=["json", "jsonl"])


@FORMS
@pytest.mark.parametrize("key", ["text", "label"])
def test_a_missing_key_is_refused(form, row, key):
    examples = rows()
    del examples[4][key]
    sentence = refusal(form(examples))
    assert f'{row} 5 has no "{key}"' in sentence
    assert f"{row} 1" in sentence


@FORMS
def test_mixed_keys_are_refused_with_the_row_and_both_keys(form, row):
    examples = rows(label="intent")
    examples[7]["intention"] = examples[7].pop("intent")
    sentence = refusal(form(examples))
    assert f"{row} 8 " in sentence
    assert '"intention"' in sentence
    assert '"intent"' in sentence


@FORMS
def test_mixed_keys_are_refused_when_the_first_row_is_the_odd_one(form, row):
    examples = rows(label="intent")
    examples[0]["intention"] = examples[0].pop("intent")
    sentence = refusal(form(examples))
    assert f"{row} 1 " in sentence
    assert '"intention"' in sentence
    assert '"intent"' in sentence


@FORMS
def test_synonyms_mixed_over_rows_are_refused(form, row):
    examples = rows()
    examples[9]["intent"] = examples[9].pop("label")
    sentence = refusal(form(examples))
    assert f"{row} 10 " in sentence
    assert '"intent"' in sentence
    assert '"label"' in sentence


def test_a_second_synonym_that_appears_later_is_refused():
    examples = rows(label="intent")
    examples[9]["class"] = "other"
    sentence = refusal(json_list(examples))
    assert "xample 10 " in sentence
    assert '"class"' in sentence


def test_a_synonym_that_appears_beside_the_first_choice_is_said_to_be_ignored():
    examples = rows()
    for number in (9, 11):
        examples[number]["category"] = "other"
    examples[15] |= {"review": "autre", "class": "x"}
    assert read_dataset(json_list(examples), "a").warnings == [
        '"label" is read and "category" is not.',
        '"text" is read and "review" is not.',
        '"label" is read and "class" is not.',
    ]
    examples[15]["labels"] = ["WHO_IS"]
    assert "xample 16 has" in refusal(json_list(examples))


def test_several_labels_joined_in_one_string_are_taken_whole_and_said():
    examples = [{"text": row["text"], "labels": f"{row['label']}|ALL"} for row in rows()]
    (warning,) = read_dataset(json_list(examples), "a").warnings
    assert '"WHO_IS|ALL" (example 1) and "HOW_ARE_YOU|ALL" (example 13)' in warning


def test_two_synonyms_in_every_row_are_refused():
    examples = [{**row, "class": "c"} for row in rows(label="intent")]
    assert '"class"' in refusal(json_list(examples))
    examples = [{**row, "labels": ["c"]} for row in rows()]
    assert '"labels"' in refusal(json_list(examples))


def test_other_keys_may_come_and_go():
    examples = [{**row, f"note{number}": number} for number, row in enumerate(rows())]
    assert read_dataset(json_list(examples), "a").warnings == []


def test_no_known_key_at_all_is_refused_with_the_keys_found_and_wanted():
    sentence = refusal(json_list(rows("phrase", "intention")))
    assert '"phrase"' in sentence
    assert "utterance" in sentence


@FORMS
@pytest.mark.parametrize(
    "text", [None, "", " ", "\n\t", "\u00a0\u2028", "\u200b", "\ufeff", 7, 1.5, True, ["a"], {"a": 1}, []]
)
def test_a_text_that_is_none_is_refused(form, row, text):
    examples = rows()
    examples[2]["text"] = text
    assert f"{row} 3 has " in refusal(form(examples))


@FORMS
@pytest.mark.parametrize("label", [None, "", " ", "\n", "\u00a0", {"a": 1}, [], [[]], [None], ["a", ""], [{"a": 1}]])
def test_a_label_that_is_none_is_refused(form, row, label):
    examples = rows()
    examples[2]["label"] = label
    assert f"{row} 3 has " in refusal(form(examples))


@pytest.mark.parametrize("column", [0, 1])
@pytest.mark.parametrize("cell", ["", " ", "\u00a0"])
def test_an_empty_cell_is_refused(column, cell):
    table = csv_rows()
    table[3][column] = cell
    assert "Line 4 has an empty" in refusal(csv_file(table))


@FORMS
@pytest.mark.parametrize(
    ("character", "name"),
    [
        ("\x00", "U+0000"),
        ("\x07", "U+0007"),
        ("\x0b", "U+000B"),
        ("\x1b", "U+001B"),
        ("\x7f", "U+007F"),
        ("\x85", "U+0085"),
        ("\x9f", "U+009F"),
        ("\ud83d", "U+D83D"),
        ("\ude00", "U+DE00"),
    ],
)
def test_control_characters_and_lone_surrogates_are_refused(form, row, character, name):
    escaped = f"\\u{ord(character):04x}"
    for key, spoilt in (("text", "Qui est la personne n° 2"), ("label", "WHO_IS")):
        examples = rows()
        examples[2][key] = "@@@"
        sentence = refusal(form(examples).decode().replace("@@@", spoilt + escaped).encode())
        assert f"{row} 3 has {name}" in sentence
        assert f"character {len(spoilt) + 1} " in sentence
        assert character not in sentence


def test_a_surrogate_pair_is_one_character():
    data = json_lines(rows()).decode().replace("Qui est", "Qui \\ud83d\\ude00 est", 1)
    assert read_dataset(data.encode(), "a").texts[0].startswith("Qui 😀 est")


@pytest.mark.parametrize("character", ["\u200b", "\u00ad", "\u2028", "\ue000", "\u202e"])
def test_invisible_characters_in_a_label_are_refused(character):
    examples = rows()
    examples[2]["label"] = f"WHO{character}IS"
    assert "xample 3 has U+" in refusal(json_list(examples))


def test_an_over_long_label_is_refused_and_a_long_one_is_not():
    long = json_list([{**row, "label": row["label"] * 300} for row in rows()])
    assert len(read_dataset(long, "a").label_counts) == 2
    examples = rows()
    examples[3]["label"] = "x" * 5_001
    assert "xample 4 has a label of 5,001 characters, and 5,000 is the most" in refusal(json_list(examples))


def test_a_300_000_character_text_is_refused_with_the_limit():
    examples = rows()
    examples[5]["text"] = "mot " * 75_000
    for form in (json_list, json_lines):
        sentence = refusal(form(examples))
        assert "300,000 characters" in sentence
        assert f"{MAX_TEXT_CHARACTERS:,}" in sentence
        assert "6 has" in sentence


def test_a_long_text_is_accepted_with_a_warning():
    examples = rows()
    examples[5]["text"] = "é" * (LONG_TEXT_BYTES // 2)
    assert read_dataset(json_list(examples), "a").warnings == []
    examples[5]["text"] += "é"
    examples[6]["text"] = "mot " * 20_000
    (warning,) = read_dataset(json_list(examples), "a").warnings
    assert "2 texts" in warning
    assert "examples 6 and 7" in warning


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("WHO_IS", "who_is"),
        ("WHO_IS", "WHO_IS "),
        ("WHO_IS", "WHO_ IS"),
        ("Été", "E\u0301te\u0301"),
        ("ÉTÉ", "e\u0301té"),
        ("a  b", "a b"),
        ("a\u00a0b", "a b"),
        ("STRASSE", "straße"),
        ("1", "1.0"),
        ("1", 1),
        ("1", 1.0),
        (1, 1.0),
        ("true", True),
        ("True", True),
        ("-2", -2.0),
    ],
)
def test_spellings_of_one_label_are_refused_with_both_and_a_row_of_each(one, other):
    examples = rows()
    for row in examples[:12]:
        row["label"] = one
    examples[3]["label"] = other
    sentence = refusal(json_list(examples))
    assert "xample 1 has the label" in sentence
    assert "example 4 has" in sentence
    assert "differ only" in sentence


def test_similar_labels_that_mean_something_else_are_kept():
    names = ["A1", "A2", "01", "1", "1.5", "15", "éa", "ea", "A_B", "A-B", "AB"]
    examples = [{"text": f"{name} {number} texte", "label": name} for name in names for number in range(10)]
    assert set(read_dataset(json_list(examples), "a").label_counts) == set(names)


def test_outer_blanks_of_a_label_are_removed_with_a_warning():
    examples = [{**row, "label": f" {row['label']}\t" if row["label"] == "WHO_IS" else row["label"]} for row in rows()]
    dataset = read_dataset(json_list(examples), "a")
    assert dataset.label_counts == {"HOW_ARE_YOU": 12, "WHO_IS": 12}
    (warning,) = dataset.warnings
    assert "example 1" in warning
    assert "WHO_IS" in warning


@pytest.mark.parametrize(
    ("one", "other", "names"),
    [
        (1, 0, {"0", "1"}),
        (True, False, {"false", "true"}),
        (0.5, -3, {"-3", "0.5"}),
        (10**40, 2, {str(10**40), "2"}),
        (1.0, 2.0, {"1.0", "2.0"}),
    ],
)
def test_scalar_labels_become_strings_as_json_writes_them(one, other, names):
    examples = [{**row, "label": one if row["label"] == "WHO_IS" else other} for row in rows()]
    assert set(read_dataset(json_list(examples), "a").label_counts) == names


def test_long_numbers_stay_different_labels():
    examples = [{**row, "label": 10**70 + (row["label"] == "WHO_IS")} for row in rows()]
    assert len(read_dataset(json_list(examples), "a").label_counts) == 2


@pytest.mark.parametrize("start", ["=1+1", "+33", "-1", "@me"])
def test_texts_that_look_like_formulas_are_kept(start):
    examples = rows()
    examples[0]["text"] = start
    assert read_dataset(json_list(examples), "a").texts[0] == start


def test_texts_are_kept_as_they_are():
    examples = rows()
    odd = ["  Qui ?  ", "E\u0301te\u0301", "a\u200bb", "👨‍👩‍👧", "<b>&amp;</b>", "\\n", "NaN", "null"]
    for number, text in enumerate(odd):
        examples[number]["text"] = text
    for form in (json_list, json_lines):
        assert read_dataset(form(examples), "a").texts[:8] == odd


@pytest.mark.parametrize("text", ["été", "l’été", "Évidemment à côté", "ça coûte 3 €"])
def test_a_text_decoded_wrongly_somewhere_before_is_said(text):
    examples = rows()
    examples[3]["text"] = text.encode().decode("cp1252", errors="replace")
    (warning,) = read_dataset(json_lines(examples), "a").warnings
    assert warning.startswith("1 text perhaps decoded wrongly, with ")
    assert "(line 4)" in warning
    examples[3]["text"] = text
    assert read_dataset(json_lines(examples), "a").warnings == []
