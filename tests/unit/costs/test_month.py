"""A month of every way: what it is made of, what it cannot do, and where another becomes the cheapest."""

import json
import math
from itertools import pairwise

import pytest

from trieur.costs import (
    DEFAULT_MACHINES,
    Crossover,
    ImpossibleLoad,
    Load,
    Machines,
    Month,
    UnknownRegion,
    dated_prices,
    month_of,
)
from trieur.costs.crossovers import cheapest, crossovers
from trieur.costs.tariff import Part, Way
from trieur.costs.wording import Text, money, number

NOTHING = Text("", "")


def month(**load: float) -> Month:
    return month_of(Load(**load), dated_prices())  # type: ignore[arg-type]


def straight(key: str, *, fixed: float = 0, each: float = 0, step: float = 0, capacity: float = math.inf) -> Way:
    part = Part(NOTHING, NOTHING, fixed=fixed, per_question=each, per_step=step, capacity=capacity)
    return Way(key, Text(key, key), "camembert", True, (part,))


def test_the_chatbot_is_cheapest_serverless() -> None:
    chatbot = month()
    best = chatbot.cheapest(at_once=True)
    assert best is not None
    assert best.key == "serverless"
    assert best.total < 2
    assert [way.total for way in chatbot.ways if way.at_once] == sorted(w.total for w in chatbot.ways if w.at_once)
    for way in chatbot.ways:
        assert way.total == pytest.approx(sum(item.usd for item in way.items))


def test_more_questions_than_an_instance_answers_take_another() -> None:
    # At 100 ms an answer, one answers 10 a second: 25,920,000 in a month.
    def instances(questions: float) -> float:
        return next(w for w in month(questions=questions).ways if w.key == "real-time ml.m5.xlarge").items[0].usd

    assert instances(25_920_000) == pytest.approx(0.257 * 720)
    assert instances(25_920_001) == pytest.approx(2 * 0.257 * 720)


@pytest.mark.parametrize(
    ("characters", "a_second"), [(34, 2), (50, 2), (200, 0.5)], ids=["documents", "both", "characters"]
)
def test_a_unit_answers_two_documents_and_a_hundred_characters(characters: float, a_second: float) -> None:
    most = a_second * 86_400 * 30

    def units(questions: float) -> float:
        found = month(questions=questions, characters=characters).ways
        return next(way for way in found if way.key == "comprehend-real-time").items[0].usd / 1296

    assert units(most) == pytest.approx(1)
    assert units(most + 1) == pytest.approx(2)
    assert units(10 * most) == pytest.approx(10)


def test_what_cannot_serve_the_load_says_so() -> None:
    busy = month(questions=1e9)
    not_able = {way.key for way in busy.ways if not way.feasible}
    assert not_able == {"serverless", "comprehend-real-time"}
    document = json.loads(json.dumps(busy.as_json(), allow_nan=False))
    assert {way["key"] for way in document["ways"] if way["usd"] is None} == not_able


def test_a_denser_time_takes_more() -> None:
    flat, dense = month(questions=20_000_000), month(questions=20_000_000, peak=2)
    key = "real-time ml.m5.xlarge"
    one, two = (next(w for w in m.ways if w.key == key).items[0].usd for m in (flat, dense))
    assert two == pytest.approx(2 * one)


def test_hours_off_are_not_paid_but_idle_ones_are() -> None:
    office = {way.key: way for way in month(hours_a_week=50, starts_a_week=5, idle_hours=1).ways}
    assert office["real-time-hours ml.m5.xlarge"].items[0].usd == pytest.approx(0.257 * 50 / 7 * 30)
    # An hour, and up to ten minutes until it is found, five times a week.
    waiting = office["comprehend-hours"].items[1]
    assert waiting.usd == pytest.approx(5 / 7 * 30 * (1 + 1 / 6) * 1.8)
    scheduled = {way.key: way for way in month(hours_a_week=50, idle_hours=0).ways}
    assert [item.name.en for item in scheduled["comprehend-hours"].items][:2] == ["inference units", "training"]
    assert "comprehend-hours" not in {way.key for way in month().ways}


def test_prices_of_elsewhere_are_told() -> None:
    by_key = {way.key: way for way in month().ways}
    assert "us-east-1" in by_key["real-time ml.c6i.large"].notes[0].en
    assert by_key["real-time ml.m5.xlarge"].notes == ()
    assert dated_prices("eu-central-1").instance("ml.m5.xlarge", "hosting") == dated_prices("eu-west-1").instance(
        "ml.m5.xlarge", "hosting"
    )


def test_an_instance_without_a_price_is_left_out_and_named() -> None:
    machines = Machines(("ml.c7i.large", "ml.m5.xlarge"), "ml.p9.huge", "ml.m5.xlarge")
    found = month_of(Load(), dated_prices(), machines=machines)
    assert [one.instance_type for one in found.unpriced] == ["ml.c7i.large", "ml.p9.huge"]
    assert found.as_json()["not_priced"] == ["ml.c7i.large", "ml.p9.huge"]
    assert not any("c7i" in way.key for way in found.ways)
    given = month_of(Load(), dated_prices().with_instances({"ml.c7i.large": 0.1}), machines=machines)
    assert next(w for w in given.ways if w.key == "real-time ml.c7i.large").items[0].usd == pytest.approx(72)


def test_an_unpriced_training_is_not_counted_and_says_so() -> None:
    machines = Machines(("ml.m5.xlarge",), "ml.m5.xlarge", "ml.p9.huge")
    serverless = next(w for w in month_of(Load(), dated_prices(), machines=machines).ways if w.key == "serverless")
    training = next(item for item in serverless.items if item.name.en == "training")
    assert (training.usd, "no price is known of ml.p9.huge" in training.detail.en) == (0, True)


def test_a_region_without_comprehend_has_none_of_it() -> None:
    found = month_of(Load(), dated_prices("eu-west-3"), has_comprehend=False)
    assert {way.backend for way in found.ways} == {"camembert"}


def test_the_pipeline_costs_cents() -> None:
    pipeline = next(i for i in month(trainings=4).ways[0].items if i.name.en == "pipeline")
    assert 0 < pipeline.usd < 0.25


def test_two_lines_cross_where_their_costs_are_equal() -> None:
    ways = [straight("instance", fixed=72), straight("calls", each=0.000004)]
    assert list(crossovers(ways)) == [Crossover(pytest.approx(18_000_000), "calls", "instance")]


def test_steps_make_ways_take_turns() -> None:
    ways = [straight("calls", each=1), straight("boxes", step=10, capacity=15)]
    found = [(round(one.questions, 6), one.before, one.after) for one in crossovers(ways, most=40)]
    # A second box costs 20 from 15 on, which the calls reach at 20; a third from 30 on.
    assert found == [
        (10, "calls", "boxes"),
        (15, "boxes", "calls"),
        (20, "calls", "boxes"),
    ]


def test_crossovers_are_exact() -> None:
    """On both sides of each, and in between, the cheapest is the one that is said to be."""
    found = month(hours_a_week=60, milliseconds=250)
    ways = [way for way in found.tariffs if way.at_once]
    changes = found.crossovers(at_once=True)
    assert len(changes) > 2
    for change in changes:
        for factor, key in ((1 - 1e-6, change.before), (1 + 1e-6, change.after)):
            best = cheapest(ways, change.questions * factor)
            assert best is not None
            assert best.key == key
    for one, other in pairwise(changes):
        best = cheapest(ways, math.sqrt(one.questions * other.questions))
        assert best is not None
        assert best.key == one.after == other.before


def test_a_way_that_ends_gives_way() -> None:
    short = Way("short", NOTHING, "camembert", True, straight("", each=1).parts, most=100)
    assert list(crossovers([short, straight("long", each=2)], most=1000)) == [Crossover(100, "short", "long")]


def test_nothing_can_serve_what_nothing_can() -> None:
    assert (
        month_of(Load(questions=1e9), dated_prices(), machines=Machines((), "", "ml.m5.xlarge")).cheapest(at_once=True)
        is None
    )


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"questions": 0}, "questions is 0"),
        ({"questions": math.nan}, "questions is nan"),
        ({"questions": math.inf}, "questions is inf"),
        ({"hours_a_week": 200}, "168 hours"),
        ({"peak": 0.5}, "peak is 0.5"),
        ({"memory_gb": 7}, "1 to 6 GB"),
        ({"trainings": -1}, "trainings is -1"),
    ],
    ids=["none", "nan", "inf", "hours", "peak", "memory", "trainings"],
)
def test_an_impossible_load_is_refused(wrong: dict[str, float], said: str) -> None:
    with pytest.raises(ImpossibleLoad, match=said):
        Load(**wrong)  # type: ignore[arg-type]


def test_a_region_has_a_name() -> None:
    with pytest.raises(UnknownRegion, match="'Paris'"):
        dated_prices("Paris")


def test_every_price_says_where_it_is_from() -> None:
    for name, price in dated_prices().listed():
        assert price.usd > 0, name
        assert price.source, name
        assert price.seen == "2026-11"
    assert set(DEFAULT_MACHINES.hosting) <= set(dated_prices().instance_types())


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [
        (432_000, "432,000", "432\u202f000"),
        (0.00002, "0.00002", "0,00002"),
        (0.101088, "0.101", "0,101"),
        (32.5, "32.5", "32,5"),
        (1295.7, "1,296", "1\u202f296"),
    ],
)
def test_numbers_are_written_as_each_language_does(value: float, english: str, french: str) -> None:
    assert (number(value), number(value, "fr")) == (english, french)


def test_money_has_cents() -> None:
    assert [money(usd, "fr") for usd in (1296, 0.001, 0)] == ["1\u202f296,00", "< 0,01", "0,00"]
