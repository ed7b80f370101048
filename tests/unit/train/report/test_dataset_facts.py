import json
from collections.abc import Sequence
from typing import Any

import pytest
from trieur_train.examples import Split, Splits
from trieur_train.report.dataset_facts import dataset_facts

from tests.unit.train.report import sample

Examples = Sequence[tuple[str, tuple[str, ...]]]


def examples(name: str, **counts: int) -> list[tuple[str, tuple[str, ...]]]:
    return [(f"{name} {label} {number}", (label,)) for label, count in counts.items() for number in range(count)]


def facts(train: Examples, validation: Examples = (), test: Examples = ()) -> dict[str, Any]:
    """The facts of splits that, where none is given, hold 50 examples of each label."""
    labels = sorted({label for _, names in train for label in names})
    whole = [
        train,
        *(given or examples(name, **dict.fromkeys(labels, 50)) for name, given in (("v", validation), ("t", test))),
    ]
    splits = (Split([text for text, _ in rows], [names for _, names in rows]) for rows in whole)
    return dataset_facts(Splits(*splits, labels=labels), [len(text) for text, _ in train])


def warnings(*splits: Examples) -> dict[str, dict[str, Any]]:
    return {warning["code"]: warning for warning in facts(*splits)["warnings"]}


def test_examples_labels_and_lengths() -> None:
    found = dataset_facts(
        Splits(
            Split(["a", "b", "c"], [("x",), ("x", "y"), ()]), Split(["d"], [("y",)]), Split(["e"], [("x",)]), ["x", "y"]
        ),
        [3, 5, 90],
    )
    assert found["examples"] == {"train": 3, "validation": 1, "test": 1}
    assert found["labels"] == {
        "x": {"train": 2, "validation": 0, "test": 1},
        "y": {"train": 1, "validation": 1, "test": 0},
    }
    assert found["tokens"] == {"median": 5, "p95": 81, "longest": 90}


def test_a_good_dataset_has_no_warning_and_all_facts_are_json() -> None:
    found = facts(examples("n", x=40, y=50))
    assert found["warnings"] == []
    assert json.loads(json.dumps(found)) == found


def test_labels_with_few_examples_are_named_fewest_first() -> None:
    found = warnings(examples("n", x=9, y=10, z=3))
    assert found["few_examples"] == {"code": "few_examples", "below": 10, "count": 2, "labels": ["z", "x"]}


def test_a_long_list_of_labels_is_cut_and_counted() -> None:
    found = warnings(examples("n", **{f"label{number:03}": 1 for number in range(100)}))
    assert found["few_examples"]["count"] == 100
    assert len(found["few_examples"]["labels"]) == 20


def test_ten_times_as_many_examples_are_a_strong_imbalance() -> None:
    assert "imbalance" not in warnings(examples("n", x=199, y=20))
    assert warnings(examples("n", x=200, y=20))["imbalance"] == {
        "code": "imbalance",
        "most": "x",
        "most_examples": 200,
        "least": "y",
        "least_examples": 20,
    }


def test_fewer_than_a_hundred_test_examples_are_few() -> None:
    train = examples("n", x=40, y=40)
    assert "small_test" not in warnings(train, (), examples("t", x=50, y=50))
    found = warnings(train, (), examples("t", x=50, y=49))
    assert found["small_test"] == {"code": "small_test", "examples": 99, "below": 100}


@pytest.mark.parametrize("split", ["validation", "test"])
def test_a_label_that_a_split_lacks_is_named(split: str) -> None:
    lacking = examples("l", x=120)
    found = warnings(examples("n", x=40, y=40), *((lacking, ()) if split == "validation" else ((), lacking)))
    assert found["absent_label"] == {"code": "absent_label", "split": split, "count": 1, "labels": ["y"]}


def test_the_same_text_in_two_splits_is_found_whatever_its_case_and_blanks() -> None:
    train = [*examples("n", x=40, y=40), ("Où  es-tu\u00a0?", ("x",))]
    test = [*examples("t", x=50, y=50), ("où es-tu ?", ("x",)), ("OU\u0300 ES-TU ?", ("x",))]
    found = facts(train, (), test)["warnings"]
    assert found == [{"code": "text_in_two_splits", "splits": ["train", "test"], "count": 1}]


def test_the_same_text_under_two_labels_is_quoted() -> None:
    train = [*examples("n", x=40, y=40), ("ça va", ("x",)), ("Ça va", ("y",))]
    found = warnings(train)
    assert found["contradictory_text"] == {"code": "contradictory_text", "count": 1, "text": "ça va"}
    assert found["repeated_text"] == {"code": "repeated_text", "count": 1, "of": 82}


def test_the_order_of_several_labels_is_no_contradiction() -> None:
    train = [*examples("n", x=40, y=40), ("a", ("x", "y")), ("a", ("y", "x"))]
    assert "contradictory_text" not in warnings(train)


def test_every_kind_of_warning_is_among_those_the_report_is_tested_with() -> None:
    train = [*examples("n", x=100, y=1), ("same", ("x",)), ("same", ("y",))]
    found = warnings(train, [("same", ("x",))], [("same", ("x",))])
    assert set(found) == {code for code, *_ in sample.WARNINGS}
    for code, facts_of_sample, *_ in sample.WARNINGS:
        assert {"code", *facts_of_sample} == set(found[code])
