import pytest
from trieur_train.report.confusions import frequent_confusions, matrix, right_and_wrong
from trieur_train.report.language import Words

ENGLISH, FRENCH = Words("en"), Words("fr")


def multi_class(*rows: list[int]) -> dict[str, object]:
    labels = list("abc"[: len(rows)])
    return {"type": "multi_class", "confusion_matrix": list(rows), "labels": labels, "all_labels": labels}


@pytest.mark.parametrize(
    ("counts", "rates"),
    [([3, 1], ["75", "25"]), ([999, 1], [">99", "<1"]), ([5, 0], ["100", None])],
    ids=["quarters", "a thousandth", "all"],
)
def test_rates_are_shares_of_the_row(counts: list[int], rates: list[str | None]) -> None:
    (first, _) = matrix(ENGLISH, multi_class(counts, [0, 1]))
    assert [cell and cell["rate"] for cell in first["cells"]] == rates
    assert [cell["kind"] for cell in first["cells"] if cell] == ["right", "wrong"][
        : len(first["cells"]) - rates.count(None)
    ]


def test_a_label_without_examples_has_an_empty_row() -> None:
    assert matrix(ENGLISH, multi_class([0, 0], [0, 1]))[0]["cells"] == [None, None]


def test_confusions_are_sorted_by_their_number_and_then_their_share() -> None:
    found = frequent_confusions(FRENCH, multi_class([90, 2, 0], [2, 2, 0], [0, 3, 1]))
    assert [(one["actual"], one["predicted"], one["count"]) for one in found] == [
        ("c", "b", "3"),
        ("b", "a", "2"),
        ("a", "b", "2"),
    ]
    assert found[1]["share"] == "50,0\u00a0%"


def test_several_labels_are_sorted_by_their_mistakes() -> None:
    confusion = {
        "type": "multi_label",
        "confusion_matrix": [[[8, 0], [1, 1]], [[5, 3], [0, 2]]],
        "labels": ["a", "b"],
        "all_labels": ["a", "b"],
    }
    assert right_and_wrong(ENGLISH, confusion) == [
        {"label": "b", "found": "2", "missed": "0", "wrong": "3", "rightly_not": "5"},
        {"label": "a", "found": "1", "missed": "1", "wrong": "0", "rightly_not": "8"},
    ]
