"""The options that say what is asked of a classifier in a month, and what it then costs."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Final

import typer

from trieur.cli.options import WrongUsage

if TYPE_CHECKING:
    from trieur.costs import Prices

_LOAD: Final = "The load"
_PRICES: Final = "The prices"

Questions = Annotated[
    float | None,
    typer.Option(
        "--questions",
        metavar="N",
        help="Questions a month; by default those of the chatbot, ten a minute day and night, 432,000.",
        show_default=False,
        rich_help_panel=_LOAD,
    ),
]
PerMinute = Annotated[
    float | None,
    typer.Option(
        "--per-minute",
        metavar="N",
        help="Instead of --questions: so many a minute, during the hours on.",
        show_default=False,
        rich_help_panel=_LOAD,
    ),
]
Characters = Annotated[
    float | None,
    typer.Option(
        "--characters",
        metavar="N",
        help="Of a question; by default 34, the mean of the example's.",
        show_default=False,
        rich_help_panel=_LOAD,
    ),
]
Milliseconds = Annotated[
    float | None,
    typer.Option(
        "--milliseconds",
        metavar="N",
        help="That a container works on an answer; by default 100.",
        show_default=False,
        rich_help_panel=_LOAD,
    ),
]
Hours = Annotated[
    float,
    typer.Option(
        "--hours",
        metavar="N",
        help="Hours a week in which questions come: 50 are 8h-18h from Monday to Friday.",
        rich_help_panel=_LOAD,
    ),
]
Peak = Annotated[
    float,
    typer.Option(
        "--peak", metavar="N", help="How many times as dense as the mean the densest time is.", rich_help_panel=_LOAD
    ),
]
Instances = Annotated[
    list[str] | None,
    typer.Option(
        "--instance",
        metavar="TYPE[=USD]",
        help="An instance type to reckon with, such as ml.m5.xlarge, and what an hour of it costs where the dated"
        " prices do not know. May be given several times.",
        show_default=False,
        rich_help_panel=_PRICES,
    ),
]
PriceRegion = Annotated[
    str | None,
    typer.Option(
        "--prices-of",
        metavar="REGION",
        help="The AWS region whose prices count; by default the deployment's, without one eu-west-1.",
        show_default=False,
        rich_help_panel=_PRICES,
    ),
]
Live = Annotated[
    bool,
    typer.Option(
        "--live",
        help="Ask the AWS Price List API, with your credentials, for today's prices instead of the dated ones.",
        rich_help_panel=_PRICES,
    ),
]
Rate = Annotated[
    float | None,
    typer.Option("--usd-per-eur", metavar="RATE", help="Dollars a euro.", show_default=False, rich_help_panel=_PRICES),
]


def questions_a_month(questions: float | None, per_minute: float | None, hours_a_week: float) -> float | None:
    """The questions of a month that the options say; None where they say none. Raises WrongUsage."""
    if per_minute is None:
        return questions
    if questions is not None:
        raise WrongUsage("--questions and --per-minute exclude each other: give one.")
    return per_minute * 60 * hours_a_week / 7 * 30


def priced(instances: Sequence[str]) -> dict[str, float | None]:
    """Instance types, each with the price given for it, if any. Raises WrongUsage."""
    found: dict[str, float | None] = {}
    for written in instances:
        name, _, price = written.partition("=")
        if re.fullmatch(r"ml\.[a-z0-9-]+\.[a-z0-9]+", name) is None:
            raise WrongUsage(f"--instance {written}: {name!r} is no instance type, such as ml.m5.xlarge.")
        try:
            usd = float(price) if price else None
        except ValueError as error:
            raise WrongUsage(f"--instance {written}: {price!r} is no price in dollars, such as 0.257.") from error
        if usd is not None and not 0 < usd < 1e6:
            raise WrongUsage(f"--instance {written}: the price has to be more than 0.")
        found[name] = usd
    return found


def require_rate(rate: float | None, prices: "Prices") -> "Prices":
    """The prices with that rate. Raises WrongUsage."""
    if rate is None:
        return prices
    if not 0.01 <= rate <= 100:
        raise WrongUsage(f"--usd-per-eur {rate:g}: a euro costs some dollars, such as 1.08.")
    return prices.with_rate(rate)
