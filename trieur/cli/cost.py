"""`trieur cost`: what a month of a classifier costs, for each way to serve it."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trieur.cli.files import write_file
from trieur.cli.load_options import (
    Characters,
    Hours,
    Instances,
    Live,
    Milliseconds,
    Peak,
    PerMinute,
    PriceRegion,
    Questions,
    Rate,
    priced,
    questions_a_month,
    require_rate,
)
from trieur.cli.options import (
    DEFAULT_STACK,
    AsJson,
    Local,
    Region,
    Stack,
    WrongUsage,
    connect,
    require_classifier_name,
    require_nothing_else,
)
from trieur.cli.output import Failed, Paper, fails_in_a_sentence, print_json, printing

if TYPE_CHECKING:
    from trieur.account import Account
    from trieur.costs import Load, Machines, Prices
    from trieur.settings import ClassifierSettings


class LanguageChoice(StrEnum):
    """`trieur.costs.Language` as typer wants it."""

    en = "en"
    fr = "fr"


@fails_in_a_sentence
def cost(
    context: typer.Context,
    classifier: Annotated[
        str | None,
        typer.Argument(
            metavar="CLASSIFIER",
            help="Reckon with its settings, and with how often its SageMaker endpoint was called; without one, with"
            " the defaults and no AWS.",
            show_default=False,
        ),
    ] = None,
    questions: Questions = None,
    per_minute: PerMinute = None,
    characters: Characters = None,
    milliseconds: Milliseconds = None,
    hours: Hours = 168.0,
    peak: Peak = 1.0,
    memory: Annotated[
        int | None,
        typer.Option(
            "--memory",
            min=1,
            max=6,
            metavar="GB",
            help="Of a serverless endpoint; by default 2.",
            show_default=False,
            rich_help_panel="The load",
        ),
    ] = None,
    trainings: Annotated[
        float, typer.Option("--trainings", metavar="N", help="Datasets dropped a month.", rich_help_panel="The load")
    ] = 1.0,
    idle_hours: Annotated[
        float | None,
        typer.Option(
            "--idle-hours",
            metavar="N",
            help="That a Comprehend endpoint stands unasked before it is deleted, each working day; 0 where a schedule"
            " deletes it. By default 1.",
            show_default=False,
            rich_help_panel="The load",
        ),
    ] = None,
    instances: Instances = None,
    prices_of: PriceRegion = None,
    live: Live = False,
    rate: Rate = None,
    plot: Annotated[
        Path | None,
        typer.Option(
            "--plot",
            metavar="FILE",
            help="Write the plot to FILE: .svg is the plot alone, .html a page with the tables too.",
            show_default=False,
            dir_okay=False,
        ),
    ] = None,
    language: Annotated[
        LanguageChoice, typer.Option("--language", help="Of the file that --plot writes.")
    ] = LanguageChoice.en,
    published: Annotated[
        bool,
        typer.Option("--published", help="Show published figures instead, and what makes each of them up."),
    ] = False,
    local: Local = False,
    stack: Stack = DEFAULT_STACK,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Say what a month of a classifier costs for each way to serve it, which way is the cheapest, and from which load
    on another one is.

    The ways: SageMaker serverless, in real time (also in some hours of the week only), in batches and asynchronously;
    Comprehend in real time and asynchronously. With each: trainings, models kept, and the pipeline itself. Prices are
    those of a dated file (docs/costs.md), in US dollars before tax, for a month of 30 days.

    With --json: region, prices_seen, currency, usd_per_eur, load, ways (each with key, title, backend, at_once, usd,
    eur, cheapest, items, notes; usd is null where it cannot serve the load), crossovers (at_once, questions_a_month,
    before, after), not_priced, prices, notes, plot. With --published: figures (key, what, published, computed,
    currency, inputs, remark).

    The exit status is 0 if the costs are shown, 1 if there is no such classifier or AWS's price list cannot be read, 2
    for wrong usage, such as a file that cannot be written, or if AWS cannot be asked.

    Examples:

        trieur cost
        trieur cost --per-minute 200 --hours 50 --instance ml.t2.medium --prices-of us-east-1
        trieur cost questions --live --plot costs.html --language fr
        trieur cost --published
    """
    from trieur import costs
    from trieur.cli.cost_tables import print_month, print_published

    if published:
        require_nothing_else(context, "--published", "--json")
        figures = list(costs.published_figures())
        if as_json:
            print_json({"figures": [_figure(figure) for figure in figures]})
        else:
            print_published(Paper(), figures)
        return
    if plot is not None and plot.suffix.lower() not in (".svg", ".html"):
        raise WrongUsage(f"--plot {plot}: name a file that ends in .svg or .html.")
    if classifier is None and local:
        raise WrongUsage("--local needs a CLASSIFIER: without one no AWS is asked.")
    monthly = questions_a_month(questions, per_minute, hours)
    account = None
    try:
        base = _Base(costs.Load(), costs.DEFAULT_MACHINES, ())
        if classifier is not None:
            require_classifier_name(classifier)
            account = connect(local, stack, region)
            base = _of_classifier(account, classifier)
        given = {
            "questions": monthly,
            "characters": characters,
            "milliseconds": milliseconds,
            "memory_gb": memory,
            "idle_hours": idle_hours,
        }
        load = replace(
            base.load,
            **{name: value for name, value in given.items() if value is not None},  # type: ignore[arg-type]
            hours_a_week=hours,
            peak=peak,
            trainings=trainings,
        )
        where = prices_of or (account.region if account else region) or costs.DEFAULT_REGION
        prices = require_rate(rate, costs.dated_prices(where))
    except (costs.ImpossibleLoad, costs.UnknownRegion) as error:
        raise WrongUsage(str(error)) from error
    wanted = priced(instances or [])
    machines = replace(base.machines, hosting=tuple(wanted)) if wanted else base.machines
    notes = list(base.notes)
    if live:
        prices = _live(prices, machines, notes)
    prices = prices.with_instances({name: usd for name, usd in wanted.items() if usd is not None})
    month = costs.month_of(load, prices, machines=machines, has_comprehend=costs.has_comprehend(where))
    if plot is not None:
        drawn = costs.svg if plot.suffix.lower() == ".svg" else costs.html
        write_file(plot, drawn(month, language.value))
    if as_json:
        print_json(month.as_json() | {"notes": notes, "plot": None if plot is None else str(plot)})
        return
    with printing():
        print_month(Paper(), month, notes)
        if plot is not None:
            typer.echo(f"The plot is in {plot}.")


@dataclass(frozen=True)
class _Base:
    """What is reckoned with where no option says otherwise, and what has to be said of that."""

    load: "Load"
    machines: "Machines"
    notes: tuple[str, ...]


def _of_classifier(account: "Account", name: str) -> _Base:
    """Its settings, and the load that CloudWatch saw."""
    from trieur.costs import Load, Machines

    summary = account.classifier(name)
    settings: ClassifierSettings = account.settings(name)
    load = Load(
        memory_gb=settings.endpoint.memory_mb // 1024,
        max_concurrency=settings.endpoint.max_concurrency,
        idle_hours=settings.comprehend.idle_hours,
        versions=max(1, sum(run.backend == "comprehend" and run.metrics is not None for run in summary.runs)),
    )
    machines = Machines(
        hosting=tuple(dict.fromkeys((settings.endpoint.instance_type, "ml.m5.xlarge"))),
        batch=settings.batch.instance_type,
        training=settings.training.instance_type,
    )
    return _with_traffic(account, name, load, machines)


def _with_traffic(account: "Account", name: str, load: "Load", machines: "Machines") -> _Base:
    from trieur import names
    from trieur.backends.camembert.endpoints import VARIANT
    from trieur.costs.traffic import traffic_of

    endpoint = next((e for e in account.endpoints(name) if e.backend == "camembert"), None)
    if endpoint is None:
        return _Base(load, machines, (f"{name} has no SageMaker endpoint: the load is the chatbot's.",))
    now = datetime.now(UTC)
    with account.asking():
        created = account.clients.sagemaker.describe_endpoint(EndpointName=endpoint.name)["CreationTime"]
        seen = traffic_of(
            account.clients.cloudwatch, names.endpoint(account.name, name), VARIANT, since=created, now=now
        )
    if seen is None:
        return _Base(load, machines, (f"CloudWatch counted no call of {endpoint.name}: the load is the chatbot's.",))
    measured = replace(load, questions=seen.questions_a_month)
    if seen.milliseconds:
        measured = replace(measured, milliseconds=seen.milliseconds)
    said = f"CloudWatch counted {seen.calls:,.0f} calls of {endpoint.name} in {seen.days:.1f} days."
    return _Base(measured, machines, (said,))


def _live(prices: "Prices", machines: "Machines", notes: list[str]) -> "Prices":
    """Today's prices; `notes` learns which they are. Raises Failed."""
    import boto3

    from trieur.costs import PriceListUnavailable, live_prices
    from trieur.costs.live import ENDPOINT_REGION

    client = boto3.Session().client("pricing", region_name=ENDPOINT_REGION)
    try:
        found = live_prices(client, prices, (*machines.hosting, machines.batch, machines.training))
    except PriceListUnavailable as error:
        raise Failed(f"{error} Without --live the prices of {prices.seen} are used.") from error
    names = ", ".join(found.replaced) or "none"
    notes.append(f"Prices that AWS lists today: {names}. All others are of {prices.seen}.")
    notes.extend(found.kept)
    return found.prices


def _figure(figure: Any) -> dict[str, Any]:
    return {
        "key": figure.key,
        "what": figure.what.en,
        "published": figure.published,
        "computed": figure.value,
        "currency": figure.currency,
        "inputs": figure.inputs.en,
        "remark": None if figure.remark is None else figure.remark.en,
    }
