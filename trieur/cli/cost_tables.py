"""What `trieur cost` shows people: tables, sentences, and a plot made of letters."""

import math
from collections.abc import Iterator, Sequence
from typing import Final

from rich import box
from rich.table import Table
from rich.text import Text

from trieur.cli.output import Paper, printing
from trieur.costs import Month, PublishedFigure, WayCost, money, number
from trieur.costs.curves import Panel, panels, ticks
from trieur.costs.page import crossover_sentences, load_sentence, remarks
from trieur.costs.plot import HEADS

_PLOT_HEIGHT: Final = 14
_WIDEST_PLOT: Final = 90
_NARROWEST_PLOT: Final = 44
_STYLES: Final = ("cyan", "yellow", "green", "magenta", "blue", "red", "bright_black", "white")


def print_month(paper: Paper, month: Month, notes: Sequence[str]) -> None:
    """The ways with what makes each up, where they change, the plot, and where all of it is from."""
    paper.print(Text(load_sentence(month).en))
    drawn = {panel.at_once: panel for panel in panels(month)}
    for at_once in (True, False):
        letters = {curve.way.key: curve.letter for curve in drawn[at_once].curves} if at_once in drawn else {}
        paper.print()
        paper.print(_ways(month, at_once, letters))
        for sentence in crossover_sentences(month, at_once=at_once):
            paper.print(Text(f"- {sentence.en}"))
        if at_once in drawn:
            paper.print()
            for line in _plot(drawn[at_once], month, paper.width):
                paper.print(line, soft_wrap=True)
    paper.print()
    for shared in _shared(month):
        paper.print(shared)
    for said in (*notes, *(remark.en for remark in remarks(month))):
        paper.print(Text(said, "dim"))


@printing()
def print_published(paper: Paper, figures: Sequence[PublishedFigure]) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Published figure", overflow="fold", ratio=3)
    table.add_column("Published", justify="right", no_wrap=True)
    table.add_column("Computed", justify="right", no_wrap=True)
    table.add_column("From", overflow="fold", ratio=4)
    for figure in figures:
        table.add_row(
            Text(figure.what.en),
            f"{number(figure.published)} {figure.currency}",
            f"{money(figure.value)} {figure.currency}",
            Text(figure.inputs.en),
        )
    paper.print(table)
    for figure in figures:
        if figure.remark is not None:
            paper.print(Text(f"{figure.what.en}: {figure.remark.en}"))


def _ways(month: Month, at_once: bool, letters: dict[str, str]) -> Table:
    best = month.cheapest(at_once=at_once)
    table = Table(title=Text(HEADS[at_once].en, "bold"), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    table.add_column("Way", overflow="fold", ratio=2)
    table.add_column("$ a month", justify="right", no_wrap=True)
    table.add_column("EUR", justify="right", no_wrap=True)
    table.add_column("What makes it up", overflow="fold", ratio=3)
    for way in month.ways:
        if way.at_once != at_once:
            continue
        is_best = best is not None and way.key == best.key
        name = Text.assemble(way.title.en, ("  cheapest", "bold green") if is_best else "")
        letter = Text(letters.get(way.key, ""), _style(letters.get(way.key)))
        if not way.feasible:
            table.add_row(letter, name, "-", "-", Text("cannot serve this load", "dim"))
            continue
        eur = money(month.prices.in_eur(way.total))
        table.add_row(letter, name, money(way.total), eur, Text("\n".join(_details(way))))
    return table


def _details(way: WayCost) -> Iterator[str]:
    yield from (f"{item.name.en} {money(item.usd)}: {item.detail.en}" for item in way.items if not item.is_shared)
    yield f"and, as below, {money(sum(item.usd for item in way.items if item.is_shared))}"
    yield from (note.en for note in way.notes)


def _shared(month: Month) -> Iterator[Text]:
    """What every way of a backend has, once."""
    seen = set[str]()
    for way in month.ways:
        if way.feasible and way.backend not in seen:
            seen.add(way.backend)
            parts = (f"{item.name.en} {money(item.usd)} ({item.detail.en})" for item in way.items if item.is_shared)
            yield Text(f"Each way of {way.backend}: {', '.join(parts)}.")


def _style(letter: str | None) -> str:
    return _STYLES[(ord(letter) - ord("A")) % len(_STYLES)] if letter else ""


def _plot(panel: Panel, month: Month, width: int) -> Iterator[Text]:
    """Rows of the plot, both scales logarithmic: each way is drawn with its letter, which a cheaper one hides."""
    left = 10
    columns = min(width, _WIDEST_PLOT) - left - 2
    if columns < _NARROWEST_PLOT - left:
        return
    low, high = (math.log10(bound) for bound in panel.questions)
    bottom, top = (math.log10(bound) for bound in panel.usd)
    grid: list[list[str]] = [[" "] * columns for _ in range(_PLOT_HEIGHT)]

    def column_of(questions: float) -> int:
        return round((math.log10(questions) - low) / (high - low) * (columns - 1))

    if panel.questions[0] <= month.load.questions <= panel.questions[1]:
        for row in grid:
            row[column_of(month.load.questions)] = ":"
    for column in range(columns):
        questions = 10 ** (low + (high - low) * column / (columns - 1))
        by_cost = sorted(((c.way.usd(questions), c.letter) for c in panel.curves), reverse=True)
        for usd, letter in by_cost:
            if 0 < usd < math.inf:
                height = (math.log10(usd) - bottom) / (top - bottom) * (_PLOT_HEIGHT - 1)
                grid[_PLOT_HEIGHT - 1 - min(max(round(height), 0), _PLOT_HEIGHT - 1)][column] = letter
    marks = {
        _PLOT_HEIGHT - 1 - round((math.log10(usd) - bottom) / (top - bottom) * (_PLOT_HEIGHT - 1)): usd
        for usd in ticks(panel.usd)
    }
    yield Text(f"{'$ a month':>{left}}", "dim")
    for number_of, row in enumerate(grid):
        label = number(marks[number_of]) if number_of in marks else ""
        line = Text.assemble((f"{label:>{left - 2}} |", "dim"))
        for letter in row:
            line.append(letter, _style(letter) if letter.isalpha() else "dim")
        yield line
    axis = [" "] * (columns + 8)
    for questions in ticks(panel.questions):
        written, place = _short(questions), column_of(questions)
        axis[place : place + len(written)] = written
    yield Text(" " * (left - 1) + "+" + "-" * columns, "dim")
    yield Text(" " * left + "".join(axis).rstrip() + "  questions a month", "dim")


def _short(questions: float) -> str:
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if questions >= size:
            return f"{questions / size:g}{letter}"
    return f"{questions:g}"
