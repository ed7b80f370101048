"""The costs of a month as a page."""

from collections.abc import Iterator
from html import escape
from typing import Final

from trieur.costs.frame import page, scrolled
from trieur.costs.month import Month, WayCost
from trieur.costs.plot import HEADS, MOST_CROSSOVERS, rounded, svg
from trieur.costs.wording import Language, Text, both, money

TITLE: Final = Text("What a month costs", "Ce que coûte un mois")
_CHEAPEST: Final = Text("cheapest", "le moins cher")
_COLUMNS: Final = (
    Text("Way", "Solution"),
    Text("$ a month", "$ par mois"),
    Text("EUR", "EUR"),
)
_TOO_MUCH: Final = Text("cannot serve this load", "ne peut pas servir cette charge")


def html(month: Month, language: Language = "en") -> str:
    """One self-contained page."""
    return page(TITLE.of(language), language, body(month, language))


def body(month: Month, language: Language) -> str:
    """What is in the page's `main`, for a page of somebody else's."""
    parts = [
        f"<header><h1>{TITLE.of(language)}</h1><p class='soft'>{escape(load_sentence(month).of(language))}</p></header>"
    ]
    for at_once in (True, False):
        parts.append(_section(month, at_once, language))
    parts.append(
        f"<section><h2>{Text('By load', 'Selon la charge').of(language)}</h2>"
        f'<div class="scroll plot" role="region" tabindex="0" aria-label="{Text("Plot", "Graphique").of(language)}">'
        f"{svg(month, language)}</div></section>"
    )
    notes = "".join(f"<p>{escape(note.of(language))}</p>" for note in remarks(month))
    return "\n".join([*parts, f'<section class="note small">{notes}</section>'])


def load_sentence(month: Month) -> Text:
    """What load the month is of."""
    load = month.load
    return both(
        "{questions} questions of {characters} characters, {ms} ms each, {hours} hours a week; prices of {region}.",
        "{questions} questions de {characters} caractères, {ms} ms chacune, {hours} heures par semaine ; prix de"
        " {region}.",
        questions=load.questions,
        characters=load.characters,
        ms=load.milliseconds,
        hours=load.hours_a_week,
        region=month.prices.region,
    )


def crossover_sentences(month: Month, *, at_once: bool) -> Iterator[Text]:
    """For which load the cheapest way changes."""
    found = month.crossovers(at_once=at_once)
    if not found:
        yield Text(
            "The same way is the cheapest for every load.", "La même solution est la moins chère à toute charge."
        )
    for one in found[:MOST_CROSSOVERS]:
        yield Text(
            *(
                both(
                    "From {questions} questions a month ({minute} a minute) on: {after}, instead of {before}.",
                    "À partir de {questions} questions par mois ({minute} par minute) : {after}, au lieu de {before}.",
                    questions=rounded(one.questions, language),
                    minute=one.questions / (month.load.hours_on * 60),
                    after=month.title(one.after).of(language),
                    before=month.title(one.before).of(language),
                ).of(language)
                for language in ("en", "fr")
            )
        )
    if len(found) > MOST_CROSSOVERS:
        yield both(
            "... and {more} more, as each further instance or unit is begun.",
            "... et {more} autres, à chaque instance ou unité de plus.",
            more=len(found) - MOST_CROSSOVERS,
        )


def remarks(month: Month) -> Iterator[Text]:
    """Where the figures are from, and what is not in them."""
    prices = month.prices
    yield both(
        "Prices as seen in {seen}, before tax; {rate} $ a EUR ({exchange}). A month has 30 days.",
        "Prix relevés en {seen}, hors taxes ; {rate} $ par EUR ({exchange}). Un mois compte 30 jours.",
        seen=prices.seen,
        rate=str(prices.usd_per_eur),
        exchange=prices.exchange,
    )
    yield Text(
        "Not counted: free tiers, images stored in ECR, logs, alarms, the dashboard, and traffic out of AWS.",
        "Non comptés : offres gratuites, images dans ECR, journaux, alarmes, tableau de bord, trafic sortant d'AWS.",
    )
    yield from (one.sentence for one in month.unpriced)


def _section(month: Month, at_once: bool, language: Language) -> str:
    ways = [way for way in month.ways if way.at_once == at_once]
    best = month.cheapest(at_once=at_once)
    way_column, *money_columns = (name.of(language) for name in _COLUMNS)
    heads = f'<th scope="col">{way_column}</th>' + "".join(
        f'<th scope="col" class="number">{name}</th>' for name in money_columns
    )
    rows = "".join(_row(way, month, best is not None and way.key == best.key, language) for way in ways)
    name = HEADS[at_once].of(language)
    table = f"<table class='ways'><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    changes = "".join(f"<li>{escape(one.of(language))}</li>" for one in crossover_sentences(month, at_once=at_once))
    return f"<section><h2>{name}</h2>{scrolled(table, name)}<ul class='small'>{changes}</ul></section>"


def _row(way: WayCost, month: Month, is_best: bool, language: Language) -> str:
    mark = f' <span class="mark">✓ {_CHEAPEST.of(language)}</span>' if is_best else ""
    name = f'<th scope="row">{escape(way.title.of(language))}{mark}</th>'
    if not way.feasible:
        nothing = '<td class="number">–</td>'
        return f"<tr>{name}{nothing}{nothing}</tr><tr class='parts'><td colspan='3'>{_TOO_MUCH.of(language)}</td></tr>"
    usd, eur = money(way.total, language), money(month.prices.in_eur(way.total), language)
    lines = [
        *(f"{item.name.of(language)} {money(item.usd, language)} $ ({item.detail.of(language)})" for item in way.items),
        *(note.of(language) for note in way.notes),
    ]
    best = " best" if is_best else ""
    parts = "<br>".join(map(escape, lines))
    return (
        f'<tr class="way{best}">{name}<td class="number">{usd}</td><td class="number">{eur}</td></tr>'
        f'<tr class="parts{best}"><td colspan="3" class="small soft">{parts}</td></tr>'
    )
