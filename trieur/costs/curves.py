"""The curves of a month's cost over how many questions are asked, for whatever draws them."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from trieur.costs.crossovers import Crossover
from trieur.costs.month import Month
from trieur.costs.tariff import Way

_SAMPLES: Final = 160
_LEAST_QUESTIONS: Final = 1_000.0
_MOST_QUESTIONS: Final = 1e9
# Just after a step, on no scale that can be seen.
_AFTER: Final = 1e-6
_MOST_BENDS: Final = 400


@dataclass(frozen=True)
class Curve:
    """`letter` tells it from the others without colours; `points` are (questions a month, US dollars), ascending."""

    letter: str
    way: Way
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Panel:
    """The ways that answer at once, or those in bulk; the ranges are powers of ten."""

    at_once: bool
    curves: tuple[Curve, ...]
    questions: tuple[float, float]
    usd: tuple[float, float]
    crossovers: tuple[Crossover, ...]


def panels(month: Month) -> tuple[Panel, ...]:
    """At once, and in bulk; without a panel that would be empty."""
    found = (_panel(month, at_once) for at_once in (True, False))
    return tuple(panel for panel in found if panel.curves)


def _panel(month: Month, at_once: bool) -> Panel:
    ways = [way for way in month.tariffs if way.at_once == at_once]
    met = month.crossovers(at_once=at_once)
    most = max([month.load.questions * 10, 1e7, *(one.questions * 3 for one in met[:3])])
    questions = (min(_LEAST_QUESTIONS, _power(month.load.questions)), min(_power(most, up=True), _MOST_QUESTIONS))
    curves = tuple(
        Curve(chr(ord("A") + number), way, tuple(_points(way, *questions))) for number, way in enumerate(ways)
    )
    amounts = [usd for curve in curves for _, usd in curve.points]
    usd = (_power(min(amounts)), _power(max(amounts), up=True)) if amounts else (1.0, 10.0)
    shown = tuple(one for one in met if questions[0] <= one.questions <= questions[1])
    return Panel(at_once, curves, questions, usd, shown)


def _points(way: Way, least: float, most: float) -> Iterator[tuple[float, float]]:
    span = math.log(most / least)
    samples = [least * math.exp(span * number / _SAMPLES) for number in range(_SAMPLES + 1)]
    bends = [bend for bend in way.bends(most) if bend > least][:_MOST_BENDS]
    places = sorted({*samples, *bends, *(bend * (1 + _AFTER) for bend in bends)})
    for questions in places:
        usd = way.usd(questions)
        if math.isfinite(usd) and usd > 0:
            yield questions, usd


def ticks(bounds: Sequence[float]) -> list[float]:
    """The powers of ten from the lower bound to the upper."""
    first, last = (round(math.log10(bound)) for bound in bounds)
    return [10.0**power for power in range(first, last + 1)]


def _power(value: float, *, up: bool = False) -> float:
    exponent = math.log10(value)
    return float(10.0 ** (math.ceil(exponent) if up else math.floor(exponent)))
