"""What no single row shows: counts, repetitions, contradictions, the mode."""

import json
from pathlib import Path

import pytest

from tests.unit.dataset.samples import WHO_IS, json_lines, json_list, refusal, rows
from trieur.dataset import collect, labels, read_dataset


def test_one_class_is_refused():
    sentence = refusal(json_list(rows()[:12]))
    assert '"WHO_IS"' in sentence
    assert "12 examples" in sentence


def test_too_few_examples_are_refused_with_labels_counts_and_minimum():
    examples = rows()[3:] + [{"text": f"Où ça, {n} ?", "label": "WHERE"} for n in range(2)]
    sentence = refusal(json_list(examples))
    assert '"WHERE" (2) and "WHO_IS" (9)' in sentence
    assert "at least 10" in sentence
    assert len(read_dataset(json_list(examples[:-2]), "a", minimum_examples=9).texts) == 21
    assert '"WHO_IS" (9)' in refusal(json_list(examples), minimum_examples=12)


def test_many_labels_with_too_few_examples_are_counted():
    examples = rows() + [{"text": f"texte {n}", "label": f"label-{n}"} for n in range(50)]
    assert "and 40 more" in refusal(json_list(examples))


def test_exact_duplicates_are_kept_once_with_a_warning():
    dataset = read_dataset(json_list(rows() + rows()[3:5] + rows()[3:4]), "a")
    assert len(dataset.texts) == 24
    assert dataset.label_counts == {"HOW_ARE_YOU": 12, "WHO_IS": 12}
    assert dataset.warnings == ["3 rows left out (an exact repetition): examples 25, 26 and 27."]


def test_the_minimum_counts_the_rows_as_given():
    examples = rows()[2:] + rows()[3:5]
    assert read_dataset(json_list(examples), "a", minimum_examples=12).label_counts["WHO_IS"] == 10


def test_the_same_text_in_other_letters_with_one_label_is_kept():
    dataset = read_dataset(json_list([*rows(), {"text": WHO_IS[0].upper() + " ", "label": "WHO_IS"}]), "a")
    assert len(dataset.texts) == 25
    assert dataset.warnings == []


@pytest.mark.parametrize("again", [WHO_IS[3], WHO_IS[3].upper(), f"  {WHO_IS[3]}\n", WHO_IS[3].replace(" ", "\u00a0 ")])
def test_a_text_under_two_labels_is_left_out_with_a_warning(again):
    dataset = read_dataset(json_list([*rows(), {"text": again, "label": "HOW_ARE_YOU"}]), "a")
    assert WHO_IS[3] not in dataset.texts
    assert again not in dataset.texts
    assert len(dataset.texts) == 23
    assert dataset.warnings == [
        "2 rows left out because they give one text different labels (1 text).",
        f'The text "{WHO_IS[3]}" is "WHO_IS" (example 4) and "HOW_ARE_YOU" (example 25).',
    ]


def test_repetitions_of_a_contradiction_are_left_out_too():
    more = [{"text": WHO_IS[3], "label": label} for label in ("WHO_IS", "HOW_ARE_YOU")]
    many = [{"text": f"Autre {n}", "label": "OTHER"} for n in range(20)]
    dataset = read_dataset(json_list(rows() + more + many), "a")
    assert WHO_IS[3] not in dataset.texts
    assert "3 rows" in dataset.warnings[0]
    assert '"WHO_IS" (examples 4 and 25) and "HOW_ARE_YOU" (example 26)' in dataset.warnings[1]


def test_many_contradictions_are_refused():
    examples = rows() + [{"text": text, "label": "HOW_ARE_YOU"} for text in WHO_IS[:2]]
    sentence = refusal(json_list(examples))
    assert "4 of 26 rows" in sentence
    assert "10%" in sentence
    assert WHO_IS[0] in sentence


def test_many_contradictions_are_counted_and_the_first_ones_named():
    many = [{"text": f"phrase {n}", "label": "AB"[n % 2]} for n in range(1000)]
    conflicts = [{"text": f"phrase {n}", "label": "AB"[(n + 1) % 2]} for n in range(30)]
    warnings = read_dataset(json_list(many + conflicts), "a").warnings
    assert warnings[0] == "60 rows left out because they give one text different labels (30 texts)."
    assert len(warnings) == 11


@pytest.mark.parametrize("texts", [1, 2])
def test_a_label_needs_three_different_texts(texts):
    examples = rows()[:12] + [{"text": f"Ça va {n % texts}", "label": "HOW_ARE_YOU"} for n in range(12)]
    sentence = refusal(json_list(examples))
    assert f'"HOW_ARE_YOU" ({texts})' in sentence
    assert "at least 3" in sentence


def test_different_spellings_of_a_text_count_as_one_text():
    spellings = ["ça va", "Ça va", "ÇA VA", " ça  va ", "c\u0327a va"] * 3
    assert '"HOW_ARE_YOU" (1)' in refusal(
        json_list(rows()[:12] + [{"text": text, "label": "HOW_ARE_YOU"} for text in spellings])
    )


def test_a_label_whose_texts_all_contradict_is_refused():
    many = [{"text": f"phrase {n}", "label": "AB"[n % 2]} for n in range(1000)]
    examples = many + [{"text": f"phrase {n}", "label": "C"} for n in range(10)]
    assert '"C" (0)' in refusal(json_list(examples))


def test_lists_with_several_labels_are_multi_label():
    examples = [{"text": row["text"], "labels": [row["label"], "ALL"]} for row in rows()]
    dataset = read_dataset(json_lines(examples), "a")
    assert dataset.mode == "multi-label"
    assert dataset.labels[0] == ("ALL", "WHO_IS")
    assert dataset.label_counts == {"ALL": 24, "HOW_ARE_YOU": 12, "WHO_IS": 12}


def test_a_key_labels_means_multi_label_even_with_one_each():
    examples = [{"text": row["text"], "labels": [row["label"]]} for row in rows()]
    assert read_dataset(json_lines(examples), "a").mode == "multi-label"


def test_single_lists_under_label_are_multi_class_with_a_warning():
    examples = [{"text": row["text"], "label": [row["label"]]} for row in rows()]
    dataset = read_dataset(json_lines(examples), "a")
    assert dataset.mode == "multi-class"
    assert "multi-label" in dataset.warnings[0]
    assert read_dataset(json_lines(examples), "a", mode="multi-label").mode == "multi-label"
    assert read_dataset(json_lines(examples), "a", mode="multi-class").warnings == []
    examples[0]["label"].append("HOW_ARE_YOU")
    assert read_dataset(json_lines(examples), "a").mode == "multi-label"


def test_several_labels_are_refused_in_mode_multi_class():
    examples = [{"text": row["text"], "labels": [row["label"]]} for row in rows()]
    examples[6]["labels"] = ["WHO_IS", "HOW_ARE_YOU"]
    assert "Line 7 has 2 labels" in refusal(json_lines(examples), mode="multi-class")


def test_lists_and_single_labels_mixed_are_refused_unless_the_mode_is_said():
    for odd in (0, 6):
        examples = rows()
        examples[odd]["label"] = ["WHO_IS"]
        assert f"ine {odd + 1} has a list" in refusal(json_lines(examples))
        assert read_dataset(json_lines(examples), "a", mode="multi-label").labels[odd] == ("WHO_IS",)


def test_a_label_twice_in_one_list_counts_once_with_a_warning():
    examples = [{"text": row["text"], "labels": [row["label"]]} for row in rows()]
    examples[6]["labels"] = ["WHO_IS", "WHO_IS"]
    dataset = read_dataset(json_lines(examples), "a")
    assert dataset.labels[6] == ("WHO_IS",)
    assert "line 7" in dataset.warnings[0]


def test_a_text_with_other_sets_of_labels_contradicts():
    examples = [{"text": row["text"], "labels": [row["label"]]} for row in rows()]
    dataset = read_dataset(json_lines([*examples, {"text": WHO_IS[0], "labels": ["WHO_IS", "HOW_ARE_YOU"]}]), "a")
    assert WHO_IS[0] not in dataset.texts
    assert '"HOW_ARE_YOU" + "WHO_IS" (line 25)' in dataset.warnings[1]


def test_the_order_of_labels_does_not_matter():
    examples = [{"text": text, "labels": ["A", "B"]} for text in WHO_IS] + [
        {"text": text, "labels": ["B", "A"]} for text in WHO_IS
    ]
    dataset = read_dataset(json_lines(examples), "a")
    assert dataset.labels == [("A", "B")] * 12


def test_too_many_labels_are_refused(monkeypatch):
    monkeypatch.setattr(labels, "MAX_MULTI_CLASS_LABELS", 5)
    examples = rows() + [{"text": f"texte {n}", "label": f"label-{n}"} for n in range(4)]
    sentence = refusal(json_list(examples))
    assert '"label-3"' in sentence
    assert "example 28" in sentence.lower()


def test_a_thousand_labels_are_accepted_and_no_more():
    many = [{"text": f"texte {n} {label}", "label": f"label-{label}"} for label in range(1000) for n in range(3)]
    assert len(read_dataset(json_list(many), "a", minimum_examples=3).label_counts) == 1000
    assert "1,000 is the most" in refusal(json_list([*many, {"text": "t", "label": "one more"}]), minimum_examples=1)


def test_multi_label_datasets_have_a_hundred_labels_at_most():
    many = [{"text": f"texte {n} {label}", "labels": [f"label-{label}"]} for label in range(101) for n in range(3)]
    assert "101 labels, and 100 is the most" in refusal(json_list(many), minimum_examples=3)
    assert len(read_dataset(json_list(many[3:]), "a", minimum_examples=3).label_counts) == 100


def test_too_many_examples_are_refused(monkeypatch):
    monkeypatch.setattr(collect, "MAX_EXAMPLES", 23)
    assert "more than 23 examples" in refusal(json_list(rows()))
    monkeypatch.setattr(collect, "MAX_EXAMPLES", 24)
    assert len(read_dataset(json_list(rows()), "a").texts) == 24


def test_real_small_talk_is_accepted_with_its_flaws_said():
    data = Path(__file__).parents[2].joinpath("data", "smalltalk-extract.json").read_bytes()
    dataset = read_dataset(data, "smalltalk-extract.json")
    assert len(dataset.label_counts) == 7
    repeated, contradicting, *texts = dataset.warnings
    assert "exact repetition" in repeated
    assert "4 rows" in contradicting
    assert [text.split('"')[1] for text in texts] == ["tu es très ennuyeux", "tu m'ennuies"]
    assert not {"tu es très ennuyeux", "tu m'ennuies"} & set(dataset.texts)
    assert len(dataset.texts) < len(json.loads(data))


def test_label_counts_are_in_the_order_of_the_names():
    examples = [{"text": f"{name} {number}", "label": name} for name in ("b", "a", "ç", "Z") for number in range(10)]
    assert list(read_dataset(json_list(examples), "a").label_counts) == ["Z", "a", "b", "ç"]
