"""The plot of what a month costs over its questions, as one SVG that needs nothing else.

Ways are told apart by letters and dashes as well as by colours; both light and dark pages suit it.
"""

import math
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Final

from trieur.costs.curves import Panel, panels, ticks
from trieur.costs.month import Month
from trieur.costs.wording import Language, Text, both, money, number

WIDTH: Final = 760
_LEFT, _RIGHT, _TOP, _PLOT = 74, 30, 60, 260
_LEGEND_LINE, _AXIS, _LETTER = 20, 46, 14
_DASHES: Final = ("", "7 4", "2 4", "11 4 2 4", "14 5", "4 3 1 3", "1 3", "9 2")

_STYLE: Final = Path(__file__).with_name("plot.css")

# Where steps make two ways take turns, the first changes are what one wants to know.
MOST_CROSSOVERS: Final = 6

HEADS: Final = {
    True: Text("Answered at once", "Réponse immédiate"),
    False: Text("In bulk", "En lot"),
}
_AXIS_NAME: Final = Text("questions a month", "questions par mois")
_NOW: Final = Text("this load", "cette charge")


def svg(month: Month, language: Language = "en") -> str:
    """The SVG element; inline in a page or a file of its own."""
    drawn, top = [], 0
    for panel in panels(month):
        height = _height(panel)
        drawn.append(f'<g transform="translate(0 {top})">{"".join(_panel(panel, month, language))}</g>')
        top += height
    title = Text("What a month costs, by the number of questions", "Ce que coûte un mois, selon le nombre de questions")
    style = _STYLE.read_text(encoding="utf-8")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="costs" viewBox="0 0 {WIDTH} {top}" role="img"'
        f' aria-labelledby="costs-title costs-text"><title id="costs-title">{escape(title.of(language))}</title>'
        f'<desc id="costs-text">{escape(description(month, language))}</desc><style>{style}</style>'
        f"{''.join(drawn)}</svg>\n"
    )


def description(month: Month, language: Language) -> str:
    """What the plot shows, in sentences."""
    sentences = []
    for at_once in (True, False):
        best = month.cheapest(at_once=at_once)
        head = HEADS[at_once].of(language)
        if best is not None:
            sentences.append(
                both(
                    "{head}: at {questions} questions a month the cheapest is {title}, {usd} $.",
                    "{head} : à {questions} questions par mois, le moins cher est {title}, {usd} $.",
                    head=head,
                    questions=month.load.questions,
                    title=best.title.of(language),
                    usd=money(best.total, language),
                ).of(language)
            )
        sentences.extend(
            both(
                "From {questions} on it is {after} instead of {before}.",
                "À partir de {questions}, c'est {after} au lieu de {before}.",
                questions=rounded(one.questions, language),
                after=month.title(one.after).of(language),
                before=month.title(one.before).of(language),
            ).of(language)
            for one in month.crossovers(at_once=at_once)[:MOST_CROSSOVERS]
        )
    return " ".join(sentences)


def rounded(questions: float, language: Language) -> str:
    """A number of questions to read: four significant digits."""
    digits = max(0, math.floor(math.log10(max(questions, 1))) - 3)
    return number(float(round(questions, -digits)), language)


def _height(panel: Panel) -> int:
    return _TOP + _PLOT + _AXIS + _LEGEND_LINE * len(panel.curves) + 16


def _panel(panel: Panel, month: Month, language: Language) -> Iterator[str]:
    yield f'<text class="head" x="4" y="18">{escape(HEADS[panel.at_once].of(language))}</text>'
    unit = Text("$ a month", "$ par mois").of(language)
    yield f'<text class="soft" x="4" y="38">{escape(unit)}</text>'
    yield from _grid(panel, language)
    if panel.questions[0] <= month.load.questions <= panel.questions[1]:
        x = _x(panel, month.load.questions)
        yield f'<line class="now" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{_TOP + _PLOT}"/>'
        yield f'<text class="soft" x="{x:.1f}" y="{_TOP - 6}" text-anchor="middle">{_NOW.of(language)}</text>'
    for index, curve in enumerate(panel.curves):
        places = " ".join(f"{_x(panel, questions):.1f},{_y(panel, usd):.1f}" for questions, usd in curve.points)
        yield f'<polyline class="curve" points="{places}" {_stroke(index)}/>'
    yield from _letters(panel)
    for one in panel.crossovers[:MOST_CROSSOVERS]:
        way = next(curve.way for curve in panel.curves if curve.way.key == one.after)
        yield (
            f'<circle class="meet" cx="{_x(panel, one.questions):.1f}"'
            f' cy="{_y(panel, way.usd(one.questions * (1 + 1e-9))):.1f}" r="4.5"/>'
        )
    yield from _legend(panel, language)


def _grid(panel: Panel, language: Language) -> Iterator[str]:
    for usd in ticks(panel.usd):
        y = _y(panel, usd)
        yield f'<line class="grid" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text class="soft" x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{number(usd, language)}</text>'
    for questions in ticks(panel.questions):
        x = _x(panel, questions)
        yield f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{_TOP + _PLOT}"/>'
        yield (
            f'<text class="soft" x="{x:.1f}" y="{_TOP + _PLOT + 18}" text-anchor="middle">'
            f"{_short(questions, language)}</text>"
        )
    middle = (_LEFT + WIDTH - _RIGHT) / 2
    y = _TOP + _PLOT + 38
    yield f'<text class="soft" x="{middle}" y="{y}" text-anchor="middle">{_AXIS_NAME.of(language)}</text>'


def _letters(panel: Panel) -> Iterator[str]:
    """Each curve's letter at its end, moved down where another's is in its place."""
    ends = [
        (_x(panel, curve.points[-1][0]), _y(panel, curve.points[-1][1]), index, curve.letter)
        for index, curve in enumerate(panel.curves)
        if curve.points
    ]
    taken: list[tuple[float, float]] = []
    for x, y, index, letter in sorted(ends, key=lambda end: end[1]):
        while any(abs(x - other_x) < _LETTER and abs(y - other_y) < _LETTER for other_x, other_y in taken):
            y += 1
        taken.append((x, y))
        yield (
            f'<text class="letter" x="{x + 7:.1f}" y="{y + 4:.1f}" style="fill: var(--c{index % 8})">{letter}</text>'
        )


def _legend(panel: Panel, language: Language) -> Iterator[str]:
    for index, curve in enumerate(panel.curves):
        y = _TOP + _PLOT + _AXIS + _LEGEND_LINE * index + 12
        yield f'<line class="curve" x1="{_LEFT}" x2="{_LEFT + 44}" y1="{y}" y2="{y}" {_stroke(index)}/>'
        yield (
            f'<text class="letter" x="{_LEFT + 54}" y="{y + 4}" style="fill: var(--c{index % 8})">{curve.letter}</text>'
            f'<text x="{_LEFT + 72}" y="{y + 4}">{escape(curve.way.title.of(language))}</text>'
        )


def _stroke(index: int) -> str:
    dashes = _DASHES[index % len(_DASHES)]
    return f'style="stroke: var(--c{index % 8})"' + (f' stroke-dasharray="{dashes}"' if dashes else "")


def _x(panel: Panel, questions: float) -> float:
    low, high = map(math.log10, panel.questions)
    return _LEFT + (math.log10(questions) - low) / (high - low) * (WIDTH - _LEFT - _RIGHT)


def _y(panel: Panel, usd: float) -> float:
    low, high = map(math.log10, panel.usd)
    return _TOP + _PLOT - (math.log10(usd) - low) / (high - low) * _PLOT


def _short(questions: float, language: Language) -> str:
    """1,000 as 1 k, a million as 1 M, and a billion as 1 G."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if questions >= size:
            return f"{number(questions / size, language)} {letter}"
    return number(questions, language)
