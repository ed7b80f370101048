"""The plot and the page: whole, readable without colours, and nothing from elsewhere."""

import re
from xml.etree import ElementTree

import pytest

from trieur.costs import Language, Load, Machines, Month, dated_prices, html, month_of, svg, training_estimate
from trieur.costs.curves import panels
from trieur.settings import ClassifierSettings

SVG = "{http://www.w3.org/2000/svg}"


def month(**load: float) -> Month:
    return month_of(Load(**load), dated_prices())  # type: ignore[arg-type]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_plot_is_whole_and_describes_itself(language: Language) -> None:
    found = month()
    root = ElementTree.fromstring(svg(found, language))
    assert root.get("role") == "img"
    named = [root.find(f"{SVG}{name}") for name in ("title", "desc")]
    assert [element is not None and bool(element.text) for element in named] == [True, True]
    assert len(root.findall(f".//{SVG}polyline")) == len(found.ways)
    # Every curve has its letter at its end and in the legend, and dashes of its own but for the first.
    letters = [e.text for e in root.iter(f"{SVG}text") if e.get("class") == "letter"]
    assert sorted(letters) == sorted(2 * [c.letter for panel in panels(found) for c in panel.curves])
    strokes = [e.get("stroke-dasharray") for e in root.findall(f".//{SVG}polyline")]
    assert len(set(strokes)) == max(len(panel.curves) for panel in panels(found))


def test_the_plot_stays_within_its_frame() -> None:
    root = ElementTree.fromstring(svg(month(questions=5e7, hours_a_week=20)))
    width, height = (float(n) for n in str(root.get("viewBox")).split()[2:])
    for line in root.findall(f".//{SVG}polyline"):
        for place in str(line.get("points")).split():
            x, y = map(float, place.split(","))
            assert 0 <= x <= width
            assert 0 <= y <= height


def test_a_plot_of_nothing_that_can_serve_the_load() -> None:
    found = month_of(Load(questions=1e12), dated_prices(), machines=Machines((), "", "ml.m5.xlarge"))
    assert ElementTree.fromstring(svg(found)) is not None


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("cheapest", "What a month costs", "1,296.00")),
        ("fr", ("le moins cher", "Ce que coûte", "1\u202f296,00")),
    ],
)
def test_the_page_opens_without_a_network(language: Language, words: tuple[str, ...]) -> None:
    page = html(month(), language)
    assert f'<html lang="{language}">' in page
    for word in words:
        assert word in page
    addresses = set(re.findall(r"https?://[^\"' ]+", page))
    assert addresses == {"http://www.w3.org/2000/svg"}
    assert "<script" not in page
    assert page.count('scope="row"') == len(month().ways)
    assert "prefers-color-scheme: dark" in page


def test_what_cannot_serve_the_load_has_no_price_on_the_page() -> None:
    assert html(month(questions=1e9)).count("cannot serve this load") == 2


def test_a_training_is_estimated_before_it_starts() -> None:
    settings, prices = ClassifierSettings(), dated_prices()
    ours = training_estimate("camembert", examples=390, settings=settings, prices=prices)
    assert ours.minutes[0] < 13 / 2 < ours.minutes[1] < 15
    assert ours.usd == pytest.approx(tuple(m / 60 * 0.204 for m in ours.minutes))
    assert "camembert" in ours.sentence.en
    theirs = training_estimate("comprehend", examples=390, settings=settings, prices=prices)
    assert (theirs.minutes, theirs.usd) == ((30, 35), (1.5, 1.75))


def test_a_training_estimate_knows_its_settings() -> None:
    prices = dated_prices()
    costly = ClassifierSettings.model_validate(
        {"training": {"price_per_hour": 6.0, "instance_count": 2, "max_seconds": 600}}
    )
    found = training_estimate("camembert", examples=100_000, settings=costly, prices=prices)
    assert (found.minutes, found.usd) == ((10, 10), (2, 2))
    unknown = ClassifierSettings.model_validate({"training": {"instance_type": "ml.c7i.large"}})
    estimate = training_estimate("camembert", examples=390, settings=unknown, prices=prices)
    assert estimate.usd is None
    assert "no price is known of ml.c7i.large" in estimate.sentence.en


@pytest.mark.parametrize(
    "load",
    [
        {"questions": 1e12},
        {"questions": 0.001},
        {"milliseconds": 1e12},
        {"milliseconds": 1e-9},
        {"characters": 1e12},
        {"hours_a_week": 0.001, "peak": 1e6},
        {"trainings": 0, "versions": 0, "idle_hours": 0, "answer_bytes": 0},
    ],
    ids=lambda load: "-".join(load),
)
def test_any_load_makes_a_page(load: dict[str, float]) -> None:
    found = month(**load)
    assert found.as_json()["ways"]
    assert "</html>" in html(found, "fr")
