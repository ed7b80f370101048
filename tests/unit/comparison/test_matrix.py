"""The decision matrix: the published one, and notes by rules."""

import pytest

from trieur.comparison import COLUMNS, Criterion, Matrix, published
from trieur.comparison.rules import COST, PERFORMANCE, SPEED, Measured, Scale, measured_matrix
from trieur.costs.wording import Text


def test_the_published_notes_give_68_against_71() -> None:
    matrix = published()
    assert [(one.key, one.coefficient, *one.notes.values()) for one in matrix.criteria] == [
        ("creation", 3, 5, 2),
        ("industrialisation", 2, 4, 2),
        ("speed", 5, 5, 5),
        ("performance", 4, 4, 5),
        ("cost", 4, 1, 4),
    ]
    assert [matrix.total(backend) for backend in COLUMNS] == [68, 71]
    assert (matrix.winner, matrix.most) == ("camembert", 90)
    assert matrix.verdict() == Text("CamemBERT: 71 against 68, of 90.", "CamemBERT : 71 contre 68, sur 90.")


def test_the_rules_give_the_published_notes_for_the_published_measurements() -> None:
    # 106 and 344 ms; 94 and 100 %; about 1,300 $ and 72 EUR; 35 and 14 minutes of training.
    matrix = measured_matrix(
        {
            "comprehend": Measured(106, 0.94, 1300, 35 * 60),
            "camembert": Measured(344, 1.0, 72 * 1.0824, 14 * 60),
        }
    )
    assert [dict(one.notes) for one in matrix.criteria] == [dict(one.notes) for one in published().criteria]
    assert [one.coefficient for one in matrix.criteria] == [one.coefficient for one in published().criteria]


@pytest.mark.parametrize(
    ("scale", "value", "note"),
    [
        (SPEED, 400, 5),
        (SPEED, 400.1, 4),
        (SPEED, 5_000, 2),
        (SPEED, 5_001, 1),
        (PERFORMANCE, 98, 5),
        (PERFORMANCE, 97.9, 4),
        (PERFORMANCE, 0.98 * 100, 5),
        (PERFORMANCE, 20, 1),
        (COST, 10, 5),
        (COST, 1_296, 1),
    ],
    ids=lambda one: one.key if isinstance(one, Scale) else str(one),
)
def test_notes_are_read_off_a_scale(scale: Scale, value: float, note: int) -> None:
    assert scale.note(value) == note


def test_a_rule_is_said_with_its_bounds() -> None:
    assert SPEED.rule.en == "the median answer, in ms: 5 up to 400, 4 up to 1,000, 3 up to 2,000, 2 up to 5,000, else 1"
    assert PERFORMANCE.rule.fr.endswith("en % : 5 dès 98, 4 dès 90, 3 dès 80, 2 dès 65, sinon 1")


def test_a_long_way_to_live_costs_a_note() -> None:
    slow, fast = (
        measured_matrix({"comprehend": Measured(1, 1, 1, seconds), "camembert": Measured(1, 1, 1, 60)}).criteria[0]
        for seconds in (3_601, 3_600)
    )
    assert (slow.notes["comprehend"], fast.notes["comprehend"]) == (4, 5)


def test_what_is_not_measured_of_both_is_left_out_and_said() -> None:
    matrix = measured_matrix({"comprehend": Measured(None, 0.9, 10, None), "camembert": Measured(5, 0.9, None, None)})
    assert [one.key for one in matrix.criteria] == ["creation", "industrialisation", "performance"]
    assert matrix.source.en.endswith("left out: speed, cost.")
    assert "time to live unknown" in matrix.criteria[0].reasons["camembert"].en


def test_equal_sums_have_no_winner() -> None:
    even = Matrix((Criterion("x", Text("x", "x"), 2, {"comprehend": 3, "camembert": 3}, {}),), Text("", ""))
    assert even.winner is None
    assert even.verdict().en == "Equal: 6 each, of 10."
