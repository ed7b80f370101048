"""Figures of costs that were published, and what makes them up at the prices of the dated file."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from trieur.costs.load import MONTH_HOURS, Load
from trieur.costs.month import Month, WayCost, month_of
from trieur.costs.prices import Prices, dated_prices
from trieur.costs.ways import Machines, bulk_units
from trieur.costs.wording import Text, both

NOVEL_CHARACTERS: Final = 400_000
OFFICE_HOURS: Final = 50.0
FRENCH_VAT: Final = 0.20
# Early in 2022, when serverless inference was new.
USD_PER_EUR_OF_2022: Final = 1.12


@dataclass(frozen=True)
class PublishedFigure:
    """`published` beside our `value`, both in `currency`; `inputs` are what it was computed from, and `remark` says
    what is left open."""

    key: str
    what: Text
    published: float
    value: float
    currency: str
    inputs: Text
    remark: Text | None = None


def published_figures() -> Iterator[PublishedFigure]:
    """The figures, each computed as a month of a way would be: dated prices, a month of 30 days."""
    ireland, virginia = dated_prices("eu-west-1"), dated_prices("us-east-1")
    always = month_of(Load(), ireland)
    unit = _way(always, "comprehend-real-time")
    yield PublishedFigure(
        "comprehend-month",
        Text("Comprehend, real time, 1 unit, all month", "Comprehend, temps réel, 1 unité, tout le mois"),
        1300,
        unit.items[0].usd,
        "USD",
        unit.items[0].detail,
    )
    office = _way(month_of(Load(hours_a_week=OFFICE_HOURS), ireland), "comprehend-hours")
    yield PublishedFigure(
        "comprehend-office-week",
        Text("Comprehend, 8h-18h, Monday to Friday, a week", "Comprehend, 8 h-18 h, lundi à vendredi, une semaine"),
        90,
        office.items[0].usd * 7 / 30,
        "USD",
        both(
            "5 × 10 h × {price} $",
            "5 × 10 h × {price} $",
            price=ireland.usd("comprehend.unit.second") * 3600,
        ),
    )
    yield _novel(ireland)
    yield PublishedFigure(
        "comprehend-training",
        Text("Comprehend, an hour of training", "Comprehend, une heure d'entraînement"),
        3,
        ireland.usd("comprehend.training.hour"),
        "USD",
        Text("1 h × 3 $", "1 h × 3 $"),
    )
    yield _t2_medium(virginia)
    serverless = _way(always, "serverless")
    yield PublishedFigure(
        "serverless",
        Text(
            "SageMaker serverless, 10 questions a minute at most",
            "SageMaker serverless, 10 questions par minute au plus",
        ),
        2,
        ireland.in_eur(serverless.items[0].usd + serverless.items[1].usd),
        "EUR",
        both(
            "{detail}, {data}; {rate} $ a EUR",
            "{detail}, {data} ; {rate} $ par EUR",
            detail=serverless.items[0].detail.en,
            data=serverless.items[1].detail.en,
            rate=ireland.usd_per_eur,
        ),
        Text(
            "Memory and time of an answer are ours (2 GB, 0.1 s); the publication does not state its own.",
            "Mémoire et durée d'une réponse sont les nôtres (2 Go, 0,1 s) ; la publication ne donne pas les siennes.",
        ),
    )


def _novel(prices: Prices) -> PublishedFigure:
    units, price = bulk_units(NOVEL_CHARACTERS), prices.usd("comprehend.bulk.100-characters")
    return PublishedFigure(
        "comprehend-novel",
        Text(
            "Comprehend, asynchronous, a novel of 400,000 characters",
            "Comprehend, asynchrone, un roman de 400 000 caractères",
        ),
        2,
        units * price,
        "USD",
        both(
            "{units} units of 100 characters × {price} $",
            "{units} unités de 100 caractères × {price} $",
            units=units,
            price=price,
        ),
    )


def _t2_medium(prices: Prices) -> PublishedFigure:
    name = "ml.t2.medium"
    machines = Machines(hosting=(name,), batch="ml.m5.xlarge", training="ml.m5.xlarge")
    usd = _way(month_of(Load(), prices, machines=machines), f"real-time {name}").items[0].usd
    value, published = prices.in_eur(usd), 72.0
    taxed = value * (1 + FRENCH_VAT)
    return PublishedFigure(
        "t2-medium-month",
        Text("SageMaker real time, ml.t2.medium, all month", "SageMaker temps réel, ml.t2.medium, tout le mois"),
        published,
        value,
        "EUR",
        both(
            "{hours} h × {price} $ (us-east-1) = {usd} $; {rate} $ a EUR",
            "{hours} h × {price} $ (us-east-1) = {usd} $ ; {rate} $ par EUR",
            hours=MONTH_HOURS,
            price=usd / MONTH_HOURS,
            usd=usd,
            rate=prices.usd_per_eur,
        ),
        both(
            "With 20 % of French VAT {taxed} EUR: {left} EUR of the published figure stay unexplained. It would take"
            " {hour} $ an hour. Two such instances at {old} $ a EUR, the rate of early 2022, make {two} EUR, which"
            " fits, but the publication does not say that there were two.",
            "Avec 20 % de TVA française {taxed} EUR : {left} EUR du chiffre publié restent inexpliqués. Il faudrait"
            " {hour} $ de l'heure. Deux de ces instances à {old} $ par EUR, le cours du début 2022, font {two} EUR, ce"
            " qui correspond, mais la publication ne dit pas qu'il y en avait deux.",
            taxed=taxed,
            left=published - taxed,
            hour=published * prices.usd_per_eur / MONTH_HOURS,
            old=USD_PER_EUR_OF_2022,
            two=2 * usd / USD_PER_EUR_OF_2022,
        ),
    )


def _way(month: Month, key: str) -> WayCost:
    return next(way for way in month.ways if way.key == key)
