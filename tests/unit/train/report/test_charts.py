import pytest
from trieur_train.report.charts import Chart, line_chart
from trieur_train.report.language import Words
from trieur_train.report.learning_curves import learning_curves
from trieur_train.report.reliability import calibration_sentences, reliability_diagram

from tests.unit.train.report import sample

ENGLISH, FRENCH = Words("en"), Words("fr")


def chart(*values: float, best_epoch: int = 1, highest: float | None = None) -> Chart:
    return line_chart(
        "Loss",
        "",
        {"train": values},
        best_epoch=best_epoch,
        highest=highest,
        axis=lambda value, _: f"{value:g}",
        exact=lambda name, epoch, value: f"{name} {epoch} {value}",
    )


def test_points_lie_between_the_axes_with_the_first_epoch_left_and_zero_below() -> None:
    drawn = chart(2.0, 1.0, 0.0, best_epoch=3)
    points = drawn.series[0].points
    assert [point.x for point in points] == pytest.approx([drawn.left, (drawn.left + drawn.right) / 2, drawn.right])
    assert [point.y for point in points] == pytest.approx([drawn.top, (drawn.top + drawn.bottom) / 2, drawn.bottom])
    assert drawn.best_x == drawn.right
    assert points[1].text == "train 2 1.0"


def test_ticks_are_round_numbers_from_zero_to_the_largest_value_or_above() -> None:
    assert [tick.text for tick in chart(0.7, 0.1).y_ticks] == ["0", "0.2", "0.4", "0.6", "0.8"]
    assert [tick.text for tick in chart(0.7, 0.1, highest=1.0).y_ticks] == ["0", "0.25", "0.5", "0.75", "1"]
    assert [tick.text for tick in chart(*[1.0] * 37).x_ticks] == ["1", "10", "20", "30"]


def test_a_loss_of_nothing_can_be_drawn() -> None:
    assert {point.y for point in chart(0.0, 0.0).series[0].points} == {chart(0.0, 0.0).bottom}


def test_curves_speak_the_language_and_have_a_summary() -> None:
    loss, accuracy = learning_curves(FRENCH, sample.metrics(epochs=3))
    assert [tick.text for tick in loss.y_ticks] == ["0,0", "0,5", "1,0", "1,5"]
    assert loss.series[1].points[0].text == "validation, époque 1\u00a0: 1,004"
    assert accuracy.title == "Exactitude"
    assert "la validation part de 72,5\u00a0%" in accuracy.summary


def test_discs_stand_at_confidence_and_accuracy_and_their_area_follows_their_examples() -> None:
    bins = [
        {"from": 0.0, "to": 0.1, "examples": 25, "confidence": 0.0, "accuracy": 1.0},
        {"from": 0.9, "to": 1.0, "examples": 100, "confidence": 1.0, "accuracy": 0.0},
    ]
    diagram = reliability_diagram(ENGLISH, {"bins": bins})
    first, last = diagram.discs
    assert (first.x, first.y, first.diagonal_y) == (diagram.left, diagram.top, diagram.bottom)
    assert (last.x, last.y, last.diagonal_y) == (diagram.right, diagram.bottom, diagram.top)
    assert last.radius == 2 * first.radius
    assert first.text == "25\u00a0answers: 0.0% sure, 100.0% right"


@pytest.mark.parametrize(
    ("temperature", "words"),
    [(1.4, "the model was too sure"), (0.7, "the model was not sure enough"), (1.001, "0.139.")],
)
def test_the_temperature_is_explained_by_the_side_of_one_it_is_on(temperature: float, words: str) -> None:
    calibration = sample.metrics()["calibration"] | {"temperature": temperature}
    assert words in calibration_sentences(ENGLISH, calibration)[-1]
