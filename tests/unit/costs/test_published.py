"""The published figures, each from the inputs that it states."""

from collections.abc import Mapping

import pytest

from trieur.costs import Load, Machines, PublishedFigure, WayCost, dated_prices, month_of, published_figures
from trieur.costs.ways import bulk_units


@pytest.fixture(scope="module")
def figures() -> Mapping[str, PublishedFigure]:
    return {figure.key: figure for figure in published_figures()}


def way(key: str, load: Load, region: str = "eu-west-1", *hosting: str) -> WayCost:
    machines = Machines(hosting or ("ml.m5.xlarge",), "ml.m5.xlarge", "ml.m5.xlarge")
    return next(one for one in month_of(load, dated_prices(region), machines=machines).ways if one.key == key)


def test_comprehend_in_real_time_all_month(figures: Mapping[str, PublishedFigure]) -> None:
    # 0.0005 $ a second, 86,400 seconds a day, 30 days.
    units = way("comprehend-real-time", Load()).items[0]
    assert units.usd == pytest.approx(0.0005 * 86_400 * 30) == pytest.approx(1296)
    assert figures["comprehend-month"].value == pytest.approx(units.usd)
    assert round(units.usd, -2) == figures["comprehend-month"].published == 1300


def test_comprehend_in_office_hours_a_week(figures: Mapping[str, PublishedFigure]) -> None:
    # Monday to Friday, 8h to 18h: 5 x 10 hours of 1.80 $.
    units = way("comprehend-hours", Load(hours_a_week=50)).items[0]
    assert units.usd / 30 * 7 == pytest.approx(50 * 3600 * 0.0005)
    assert figures["comprehend-office-week"].value == pytest.approx(90) == figures["comprehend-office-week"].published


def test_a_novel_in_bulk(figures: Mapping[str, PublishedFigure]) -> None:
    # 400,000 characters are one document of 4,000 units.
    load = Load(questions=1, characters=400_000)
    assert way("comprehend-bulk", load).items[0].usd == pytest.approx(400_000 / 100 * 0.0005)
    assert figures["comprehend-novel"].value == pytest.approx(2) == figures["comprehend-novel"].published


def test_an_hour_of_training_on_comprehend(figures: Mapping[str, PublishedFigure]) -> None:
    # 32.5 minutes, the middle of the published 30 to 35.
    training = next(i for i in way("comprehend-real-time", Load(trainings=2)).items if i.name.en == "training")
    assert training.usd == pytest.approx(2 * 32.5 / 60 * 3)
    assert figures["comprehend-training"].value == figures["comprehend-training"].published == 3


def test_a_t2_medium_all_month_is_not_wholly_explained(figures: Mapping[str, PublishedFigure]) -> None:
    # 0.056 $ an hour in us-east-1, 720 hours, 1.0824 $ a EUR.
    instance = way("real-time ml.t2.medium", Load(), "us-east-1", "ml.t2.medium").items[0]
    assert instance.usd == pytest.approx(0.056 * 720)
    figure = figures["t2-medium-month"]
    assert (figure.published, figure.currency) == (72, "EUR")
    assert figure.value == pytest.approx(40.32 / 1.0824)
    assert figure.remark is not None
    for said in ("44.7 EUR", "27.3 EUR", "unexplained", "0.108 $ an hour", "make 72 EUR"):
        assert said in figure.remark.en


def test_serverless_for_ten_questions_a_minute(figures: Mapping[str, PublishedFigure]) -> None:
    # 432,000 questions of 0.1 s at 2 GB, 234 bytes each in and out.
    computing, data, *_ = way("serverless", Load(questions=10 * 60 * 24 * 30, memory_gb=2)).items
    assert computing.usd == pytest.approx(432_000 * 0.1 * 2 * 0.00002)
    assert data.usd == pytest.approx(432_000 * 234e-9 * 0.016)
    figure = figures["serverless"]
    assert figure.value == pytest.approx((computing.usd + data.usd) / 1.0824)
    assert round(figure.value) == figure.published == 2


@pytest.mark.parametrize(("characters", "units"), [(1, 3), (300, 3), (301, 4), (1_000, 10), (400_000, 4_000)])
def test_units_of_a_document_in_bulk(characters: int, units: int) -> None:
    assert bulk_units(characters) == units
