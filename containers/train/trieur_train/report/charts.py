"""The geometry of the report's line charts: plain numbers for the template to draw as SVG."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 520, 250
LEFT, RIGHT, TOP, BOTTOM = 52, 14, 26, 30
MOST_TICKS = 6


@dataclass(frozen=True)
class Tick:
    """A mark on an axis: where it stands in the drawing, and its words."""

    position: float
    text: str


@dataclass(frozen=True)
class Point:
    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Series:
    """One line: its name, which also picks its colour, and its points from left to right."""

    name: str
    points: list[Point]

    @property
    def path(self) -> str:
        return " ".join(
            f"{'L' if number else 'M'}{point.x:.1f} {point.y:.1f}" for number, point in enumerate(self.points)
        )


@dataclass(frozen=True)
class Chart:
    """A line chart over epochs in a drawing of WIDTH x HEIGHT; `summary` is what it shows, in words."""

    title: str
    summary: str
    series: list[Series]
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    best_x: float
    """Where the epoch stands whose weights were kept."""
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


def line_chart(
    title: str,
    summary: str,
    values: Mapping[str, Sequence[float]],
    *,
    best_epoch: int,
    highest: float | None = None,
    axis: Callable[[float, float], str],
    exact: Callable[[str, int, float], str],
) -> Chart:
    """A chart of one value an epoch per series, from zero up to `highest` or a little above the largest value.

    `axis` words a tick's value (given the step between ticks too), `exact` a point: its series, epoch and value.
    """
    epochs = max(len(series) for series in values.values())
    largest = highest or max(max(series) for series in values.values()) or 1.0
    step = _round_step(largest / 4)
    top_value = highest or step * math.ceil(largest / step)

    def x(epoch: int) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * ((epoch - 1) / (epochs - 1) if epochs > 1 else 0.5)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * min(value, top_value) / top_value

    every = max(1, math.ceil(_round_step(epochs / MOST_TICKS)))
    marked = sorted({1, *range(every, epochs + 1, every)})
    rounds = [round(step * number, 10) for number in range(math.floor(top_value / step + 1e-9) + 1)]
    return Chart(
        title,
        summary,
        [
            Series(
                name,
                [Point(x(epoch), y(value), exact(name, epoch, value)) for epoch, value in enumerate(series, start=1)],
            )
            for name, series in values.items()
        ],
        [Tick(x(epoch), str(epoch)) for epoch in marked],
        [Tick(y(value), axis(value, step)) for value in rounds],
        x(best_epoch),
    )


def _round_step(value: float) -> float:
    """The smallest of 1, 2, 2.5 or 5 times a power of ten that is at least `value`."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= value * (1 - 1e-9))
