"""What holds for every dataset and for every file that is none."""

import gzip
import json
from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.dataset import test_exports as exports
from tests.unit.dataset.samples import csv_file, csv_rows, json_lines, json_list, rows
from trieur.dataset import Dataset, DatasetRefused, normalised, read_dataset
from trieur.splits import to_jsonl

relaxed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

shown = st.characters(exclude_categories=("Cs", "Cc", "Cf", "Zs", "Zl", "Zp", "Cn", "Co"))
texts = st.tuples(
    st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\n\r\t\u2028 "), max_size=20), shown
)
names = st.text(shown | st.just(" "), min_size=1, max_size=8)


@st.composite
def datasets(draw):
    """Rows that must be accepted: distinct texts, distinct labels, ten rows a label; one label each."""
    labels = draw(st.lists(names.filter(str.strip), min_size=2, max_size=4))
    labels = [f"{label.strip()}{number}x" for number, label in enumerate(labels)]
    sentences = draw(
        st.lists(texts.map("".join), min_size=10 * len(labels), max_size=12 * len(labels), unique_by=normalised)
    )
    return [(text, labels[number % len(labels)]) for number, text in enumerate(sentences)]


WRITERS = {
    "json": lambda examples: json_list([{"text": text, "label": label} for text, label in examples]),
    "jsonl": lambda examples: json_lines([{"label": label, "n": 1, "text": text} for text, label in examples]),
    "ascii": lambda examples: json.dumps([{"text": text, "label": label} for text, label in examples]).encode(),
    "held": lambda examples: json.dumps(
        {"v": 1, "data": [{"text": text, "label": label} for text, label in examples]}
    ).encode(),
    "csv": lambda examples: csv_file([["text", "label"], *map(list, examples)]),
    "semicolons": lambda examples: csv_file([["label", "text"], *([label, text] for text, label in examples)], ";"),
    "gzip": lambda examples: gzip.compress(json_lines([{"text": text, "label": label} for text, label in examples])),
    "prodigy": lambda examples: json_lines(
        [{"text": text, "label": label, "answer": "accept", "_task_hash": 1} for text, label in examples]
    ),
    "rasa": lambda examples: json.dumps(
        {
            "rasa_nlu_data": {
                "common_examples": [{"text": text, "intent": label, "entities": []} for text, label in examples]
            }
        }
    ).encode(),
    "ground-truth": lambda examples: json_lines(
        [{"source": text, "job": 0, "job-metadata": {"class-name": label}} for text, label in examples]
    ),
    "label-studio": lambda examples: json_list(
        [
            {"data": {"text": text}, "annotations": [{"result": [{"value": {"choices": [label]}}]}]}
            for text, label in examples
        ]
    ),
    "doccano": lambda examples: json_lines([{"id": 1, "text": text, "label": [label]} for text, label in examples]),
}


@relaxed
@given(datasets(), st.sampled_from(sorted(WRITERS)), st.booleans())
def test_what_any_writer_wrote_is_read_back(examples, form, marked):
    data = WRITERS[form](examples)
    dataset = read_dataset(b"\xef\xbb\xbf" + data if marked and form != "gzip" else data, form)
    assert dataset.texts == [text for text, _ in examples]
    assert dataset.labels == [(label,) for _, label in examples]
    assert dataset.label_counts == dict(sorted(Counter(label for _, label in examples).items()))


@relaxed
@given(datasets())
def test_what_was_converted_for_training_is_read_back(examples):
    dataset = read_dataset(WRITERS["json"](examples), "a")
    written = to_jsonl(dataset, range(len(dataset.texts)))
    assert written.isascii()
    assert written.count(b"\n") == len(examples)
    again = read_dataset(written, "a")
    assert (again.texts, again.labels) == (dataset.texts, dataset.labels)


@relaxed
@given(datasets(), st.lists(st.tuples(st.integers(0, 19), st.sampled_from(["again", "upper", "other"])), max_size=5))
def test_repeated_and_contradicting_rows_are_left_out_and_counted(examples, more):
    added = []
    for index, kind in more:
        text, label = examples[index]
        others = [name for _, name in examples if name != label]
        added.append((text.upper() if kind == "upper" else text, others[0] if kind == "other" else label))
    try:
        dataset = read_dataset(WRITERS["json"](examples + added), "a")
    except DatasetRefused:
        assert any(kind == "other" for _, kind in more)
        return
    found: dict[str, set] = {}
    for text, label in examples + added:
        found.setdefault(normalised(text), set()).add(label)
    kept = [(text, label) for text, label in examples + added if len(found[normalised(text)]) == 1]
    assert list(zip(dataset.texts, (labels[0] for labels in dataset.labels), strict=True)) == list(dict.fromkeys(kept))


def reads_or_refuses(data: bytes) -> Dataset | None:
    try:
        dataset = read_dataset(data, "dataset.json", minimum_examples=1)
    except DatasetRefused as refused:
        sentence = refused.sentence
    else:
        return dataset
    assert sentence.endswith(".")
    assert not set(sentence) & set(map(chr, range(32)))
    sentence.encode()
    return None


@settings(relaxed, max_examples=300)
@given(st.binary(max_size=400))
def test_no_bytes_do_more_than_be_refused(data):
    reads_or_refuses(data)
    reads_or_refuses(b"\x1f\x8b\x08\x00" + data)
    reads_or_refuses(gzip.compress(data))


grammar = st.lists(
    st.sampled_from(
        ['{"text":', '"a"', '"label":', "[", "]", "{", "}", ",", ":", "1", "null", '"', "\\", "\n", "\r", " "]
    )
    | st.sampled_from(
        ['"data":', '{"rasa_nlu_data":', '"common_examples":', '{"source":', '"j-metadata":{"class-name":']
    )
    | st.sampled_from(
        ['"answer":"accept"', '"annotations":', "text,label", ";", "\t", "-1e", "NaN", "\ufeff", "\u2028"]
    ),
    max_size=60,
)


@settings(relaxed, max_examples=300)
@given(grammar)
def test_no_pieces_of_the_formats_do_more_than_be_refused(pieces):
    reads_or_refuses("".join(pieces).encode())


VALID = [WRITERS[form]([(row["text"], row["label"]) for row in rows()]) for form in sorted(WRITERS)] + [
    csv_file(csv_rows(), "\t"),
    json_list([{**row, "label": [row["label"], "ALL"]} for row in rows()]),
]


@settings(relaxed, max_examples=400)
@given(st.data())
def test_spoilt_files_are_refused_or_keep_every_other_row(data):
    """A byte changed, cut out or put in, or a part doubled: never anything but a refusal or a dataset."""
    original = data.draw(st.sampled_from(VALID))
    at = data.draw(st.integers(0, len(original)))
    length = data.draw(st.integers(0, 30))
    put = data.draw(st.binary(max_size=4) | st.sampled_from([b'"', b",", b"\n", b"}", b"]", b"\xe9", b"null", b"NaN"]))
    twice = data.draw(st.integers(0, 1))
    spoilt = original[: at + twice * length] + put + original[at + (1 - twice) * length :]
    dataset = reads_or_refuses(spoilt)
    if dataset is not None:
        assert len(dataset.texts) == len(dataset.labels)
        assert all(dataset.labels)
        # A cut of 30 bytes spoils three rows at most; what is doubled may add some.
        assert len(dataset.texts) >= 18


EXPORTS = [
    exports.TestDoccano.examples(),
    exports.TestDoccano.examples(label="labels", annotation_approver=None),
    exports.TestProdigy.binary(),
    exports.TestProdigy.choices(),
    exports.TestLabelStudio.tasks(),
    exports.TestLabelStudioMin.answers(),
    exports.TestGroundTruth.single(),
    exports.TestGroundTruth.several(),
]


@settings(relaxed, max_examples=300)
@given(st.sampled_from(EXPORTS), st.data())
def test_a_value_of_another_kind_anywhere_does_no_more_than_be_refused(export, data):
    spoilt = json.loads(json.dumps(export[:2]))
    place = spoilt
    while True:
        key = data.draw(st.sampled_from(range(len(place)) if isinstance(place, list) else sorted(place)))
        if not place[key] or not isinstance(place[key], list | dict) or data.draw(st.integers(0, 3)) == 0:
            break
        place = place[key]
    place[key] = data.draw(st.sampled_from([None, True, 5, 1.5, "", "x", [], [1], [[1]], {}, {"a": 1}]))
    reads_or_refuses(json_list(spoilt))
    reads_or_refuses("\n".join(map(json.dumps, spoilt)).encode())


@settings(relaxed, max_examples=60)
@given(st.sampled_from(VALID), st.data())
def test_a_truncated_file_is_refused_or_ends_between_rows(original, data):
    length = data.draw(st.integers(0, len(original) - 3))
    dataset = reads_or_refuses(original[:length])
    if dataset is not None:
        # One record a line, or a CSV: cut between two lines, or with a word about the last one.
        assert original.startswith((b"{", b"text", b"label"))
        whole = {row["text"] for row in rows()}
        assert set(dataset.texts) <= whole or any("has no line end" in warning for warning in dataset.warnings)


@relaxed
@given(st.text())
def test_the_normal_form_is_stable(text):
    once = normalised(text)
    assert normalised(once) == once
    assert normalised(f" {text}\n") == once
