"""Splits: by the text's hash alone, then repaired by a fixed rule."""

import hashlib
import json
import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trieur.dataset import Dataset, normalised, read_dataset
from trieur.splits import Splits, make_splits, to_jsonl

PARTS = ("train", "validation", "test")


def dataset(texts, labels, mode="multi-class"):
    counts: dict[str, int] = {}
    for names in labels:
        for name in names:
            counts[name] = counts.get(name, 0) + 1
    return Dataset(
        texts=list(texts), labels=list(labels), mode=mode, format="jsonl", warnings=[], label_counts=counts, sha256="0"
    )


def numbered(counts: dict[str, int]) -> Dataset:
    """`counts[label]` texts of every label."""
    examples = [(f"{label} phrase {number}", (label,)) for label, count in counts.items() for number in range(count)]
    return dataset(*zip(*examples, strict=True))


def places(data: Dataset, splits: Splits) -> dict[str, str]:
    """The split of every text, after checking that each index is in one split, in order."""
    for part in PARTS:
        assert getattr(splits, part) == sorted(getattr(splits, part))
    assert sorted(splits.train + splits.validation + splits.test) == list(range(len(data.texts)))
    return {data.texts[index]: part for part in PARTS for index in getattr(splits, part)}


def lacking(data: Dataset, splits: Splits) -> set[tuple[str, str]]:
    """Labels with the splits that have none of them."""
    wanted = {name for names in data.labels for name in names}
    return {
        (name, part)
        for part in PARTS
        for name in wanted - {name for index in getattr(splits, part) for name in data.labels[index]}
    }


def share(text: str) -> float:
    """The documented hash: BLAKE2b of the normalised text, 8 bytes, as a fraction of 1."""
    return int.from_bytes(hashlib.blake2b(normalised(text).encode(), digest_size=8).digest(), "big") / 2**64


def place_by_hash(text: str) -> str:
    return "train" if share(text) < 0.7 else "validation" if share(text) < 0.85 else "test"


def test_the_split_follows_from_the_documented_hash():
    data = numbered({"A": 2000})
    assert places(data, make_splits(data)) == {text: place_by_hash(text) for text in data.texts}


def test_texts_stay_where_they_have_always_been():
    data = numbered({"A": 40})
    found = places(data, make_splits(data))
    assert "".join(found[text][1] for text in data.texts) == "rrrrerrraarrrrrrrrrerrarrrrrrerrererrrra"


def test_the_fractions_hold_for_every_label():
    data = numbered({"A": 3000, "B": 1500, "C": 600})
    splits = make_splits(data)
    assert splits.notes == []
    for label, count in data.label_counts.items():
        for part, fraction in zip(PARTS, (0.7, 0.15, 0.15), strict=True):
            found = sum(data.labels[index] == (label,) for index in getattr(splits, part))
            # Five standard deviations of a binomial.
            assert abs(found - count * fraction) < 5 * math.sqrt(count * fraction * (1 - fraction))


def test_other_fractions():
    data = numbered({"A": 3000, "B": 3000})
    splits = make_splits(data, train=0.5, validation=0.3, test=0.2)
    assert abs(len(splits.train) - 3000) < 200
    assert abs(len(splits.validation) - 1800) < 200


@pytest.mark.parametrize("fractions", [(0.7, 0.2, 0.2), (1.0, 0.0, 0.0), (0.9, 0.2, -0.1), (0.5, 0.2, 0.2)])
def test_fractions_that_make_no_whole_are_an_error(fractions):
    with pytest.raises(ValueError, match="add up to 1"):
        make_splits(numbered({"A": 20}), *fractions)


def test_the_order_of_the_examples_does_not_matter():
    data = numbered({f"label-{number}": 4 + number for number in range(20)})
    order = list(range(len(data.texts)))
    random.Random(1).shuffle(order)
    turned = dataset([data.texts[index] for index in order], [data.labels[index] for index in order])
    assert places(turned, make_splits(turned)) == places(data, make_splits(data))
    assert sorted(make_splits(turned).notes) == sorted(make_splits(data).notes)


def test_spellings_of_one_text_stay_together():
    spellings = [
        spelling
        for number in range(300)
        for spelling in (f"Été n° {number}", f"E\u0301TE\u0301  N°\t{number} ", f"été\u00a0n° {number}\n")
    ]
    data = dataset(spellings, [("A",) if normalised(text)[-1] in "02468" else ("B",) for text in spellings])
    found = places(data, make_splits(data))
    together: dict[str, set[str]] = {normalised(text): set() for text in spellings}
    for text in spellings:
        together[normalised(text)].add(found[text])
    assert len(together) == 300
    assert all(len(parts) == 1 for parts in together.values())


@pytest.mark.parametrize("count", [3, 4, 5, 10])
def test_no_split_lacks_a_label_with_three_texts(count):
    data = numbered({f"label-{number}": count for number in range(100)})
    splits = make_splits(data)
    assert lacking(data, splits) == set()
    assert splits.notes
    moved = [text for text, part in places(data, splits).items() if part != place_by_hash(text)]
    assert len(moved) == len(splits.notes)
    for text in moved:
        (note,) = [note for note in splits.notes if f'"{text}"' in note]
        assert f"from {place_by_hash(text)} to {places(data, splits)[text]}" in note


def test_the_repair_moves_the_nearest_text_of_the_fullest_split():
    data = numbered({"A": 500, **{f"label-{number}": 6 for number in range(60)}})
    splits = make_splits(data)
    found = places(data, splits)
    checked = 0
    for number in range(60):
        texts = [text for text, names in zip(data.texts, data.labels, strict=True) if names == (f"label-{number}",)]
        moved = [text for text in texts if found[text] != place_by_hash(text)]
        if [place_by_hash(text) for text in texts].count("test") == 0 and len(moved) == 1:
            in_train = [text for text in texts if place_by_hash(text) == "train"]
            assert moved == [max(in_train, key=share)]
            checked += 1
    assert checked > 3


def test_adding_examples_moves_only_repaired_ones():
    data = numbered({f"label-{number}": 8 for number in range(40)})
    more = [f"encore {number}" for number in range(400)]
    grown = dataset(data.texts + more, data.labels + [(f"label-{number % 40}",) for number in range(400)])
    before, after = places(data, make_splits(data)), places(grown, make_splits(grown))
    for text, part in before.items():
        if after[text] != part:
            assert part != place_by_hash(text) or after[text] != place_by_hash(text)
    unrepaired = [
        text for text, part in before.items() if part == place_by_hash(text) and after[text] == place_by_hash(text)
    ]
    assert len(unrepaired) > 250


def test_several_labels_are_repaired_without_robbing_each_other():
    chance = random.Random(5)
    labels = [f"label-{number}" for number in range(12)]
    found = []
    for _ in range(60):
        texts = [f"texte {chance.random()}" for _ in range(45)]
        names = [tuple(sorted(chance.sample(labels, chance.randint(1, 3)))) for _ in texts]
        data = dataset(texts, names, "multi-label")
        if min(data.label_counts.values()) < 4 or len(data.label_counts) < 12:
            continue
        splits = make_splits(data)
        found.append(len(lacking(data, splits)))
        for name, part in lacking(data, splits):
            assert any(f'"{name}"' in note and part in note for note in splits.notes)
    assert len(found) > 20
    assert sum(found) == 0


def test_room_is_made_where_every_text_is_the_last_of_another_label():
    """Four labels, six texts with two each: each split must have two texts that share no label."""
    pairs = [("A", "B"), ("C", "D"), ("A", "C"), ("B", "D"), ("A", "D"), ("B", "C")]
    complete = 0
    for number in range(30):
        data = dataset([f"{number} {pair}" for pair in pairs], pairs, "multi-label")
        splits = make_splits(data)
        complete += not lacking(data, splits)
        for name, part in lacking(data, splits):
            assert any(f'"{name}"' in note and part in note for note in splits.notes)
    assert complete >= 25


def test_what_cannot_be_repaired_is_said():
    data = numbered({"A": 50, "B": 2})
    splits = make_splits(data)
    ((name, part),) = lacking(data, splits)
    assert name == "B"
    assert any(note.startswith('No text of "B"') and part in note for note in splits.notes)


def test_labels_of_one_text_under_several_rows_move_together():
    texts = ["Même texte", "même  TEXTE", *(f"t{number}" for number in range(20))]
    labels = [("A",), ("B",), *((("A",), ("B",))[number % 2] for number in range(20))]
    data = dataset(texts, labels)
    found = places(data, make_splits(data))
    assert found["Même texte"] == found["même  TEXTE"]


def test_converted_examples_are_one_ascii_line_each():
    texts = ["un\ndeux\u2028trois", 'des "guillemets" \\ é 😀', "\t"]
    single = dataset(texts, [("À",), ("b\u2029",), ('"',)])
    written = to_jsonl(single, [2, 0, 1])
    assert written.isascii()
    assert [json.loads(line) for line in written.split(b"\n")[:-1]] == [
        {"text": texts[index], "label": single.labels[index][0]} for index in (2, 0, 1)
    ]
    several = dataset(texts, [("À", "B"), ("B",), ("À",)], "multi-label")
    assert json.loads(to_jsonl(several, [0])) == {"text": texts[0], "labels": ["À", "B"]}
    assert to_jsonl(several, []) == b""


def test_more_lines_than_are_written_at_once():
    data = numbered({"A": 25_000})
    written = to_jsonl(data, range(25_000)).splitlines()
    assert len(written) == 25_000
    assert json.loads(written[-1])["text"] == data.texts[-1]


names = st.sampled_from("ABCDEFG")
some_datasets = st.lists(
    st.tuples(st.text(min_size=1, max_size=4).filter(str.strip), st.sets(names, min_size=1, max_size=3)), min_size=1
).map(lambda examples: dataset([text for text, _ in examples], [tuple(sorted(chosen)) for _, chosen in examples]))


@settings(deadline=None)
@given(some_datasets, st.sampled_from([(0.7, 0.15, 0.15), (0.1, 0.1, 0.8), (0.34, 0.33, 0.33)]))
def test_for_any_dataset_texts_stay_together_and_nothing_is_lost(data, fractions):
    splits = make_splits(data, *fractions)
    indices = sorted(splits.train + splits.validation + splits.test)
    assert indices == list(range(len(data.texts)))
    parts = [{normalised(data.texts[index]) for index in getattr(splits, part)} for part in PARTS]
    assert not parts[0] & parts[1]
    assert not parts[0] & parts[2]
    assert not parts[1] & parts[2]
    assert make_splits(data, *fractions) == splits
    for name, part in lacking(data, splits):
        assert any(f'"{name}"' in note and part in note for note in splits.notes)


@settings(deadline=None)
@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(3, 12), min_size=2, max_size=6))
def test_every_dataset_that_was_read_has_every_label_in_every_split(counts):
    rows = [{"text": f"{name} {number}", "label": name} for name, count in counts.items() for number in range(count)]
    data = read_dataset(json.dumps(rows).encode(), "a", minimum_examples=3)
    assert lacking(data, make_splits(data)) == set()


@settings(deadline=None)
@given(
    st.lists(st.text("abcdefgh", min_size=1, max_size=6), min_size=20, max_size=60, unique=True),
    st.integers(1, 59),
)
def test_for_any_growth_only_repaired_texts_move(texts, size):
    labels = [("A",) if text < "d" else ("B",) for text in texts]
    small = dataset(texts[:size], labels[:size])
    before, after = (places(data, make_splits(data)) for data in (small, dataset(texts, labels)))
    for text, part in before.items():
        if part == place_by_hash(text):
            assert after[text] == part or any(f'"{text}"' in note for note in make_splits(dataset(texts, labels)).notes)
