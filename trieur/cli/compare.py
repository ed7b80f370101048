"""`trieur compare`: Comprehend and CamemBERT on the same test examples, and a decision matrix."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from trieur.cli.cost import LanguageChoice
from trieur.cli.files import require_writable, write_file
from trieur.cli.load_options import (
    Hours,
    PerMinute,
    PriceRegion,
    Questions,
    Rate,
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
from trieur.cli.output import Paper, fails_in_a_sentence, print_json, printing

if TYPE_CHECKING:
    from trieur.account import Account
    from trieur.comparison import Comparison, Matrix, Pair
    from trieur.costs import Load, Prices
    from trieur.latency import Summary
    from trieur.settings import Backend

# As many requests for each backend as were published.
_REQUESTS: Final = 10
_MEASURING: Final = "The measurement"


@fails_in_a_sentence
def compare(
    context: typer.Context,
    classifier: Annotated[
        str | None,
        typer.Argument(metavar="CLASSIFIER", help="Trained by both backends: see below.", show_default=False),
    ] = None,
    published: Annotated[
        bool, typer.Option("--published", help="Show the published decision matrix instead; no AWS is asked.")
    ] = False,
    notes: Annotated[
        Path | None,
        typer.Option(
            "--notes",
            metavar="FILE",
            help="Criteria, coefficients and notes by hand instead of the rules: CSV with the header"
            " name,coefficient,comprehend,camembert, or JSON with such objects in the list `criteria`."
            " Without CLASSIFIER, only the matrix is shown.",
            show_default=False,
            dir_okay=False,
        ),
    ] = None,
    markdown: Annotated[
        Path | None,
        typer.Option(
            "--markdown", metavar="FILE", help="Write it to FILE as Markdown too.", show_default=False, dir_okay=False
        ),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(
            "--html",
            metavar="FILE",
            help="Write it to FILE as one self-contained page too.",
            show_default=False,
            dir_okay=False,
        ),
    ] = None,
    language: Annotated[
        LanguageChoice, typer.Option("--language", help="Of the files that --markdown and --html write.")
    ] = LanguageChoice.en,
    examples: Annotated[
        int,
        typer.Option(
            "--examples",
            min=1,
            metavar="N",
            help="Test examples to ask at most, spread evenly; one unit of Comprehend answers two a second.",
            rich_help_panel=_MEASURING,
        ),
    ] = 1000,
    series: Annotated[
        int,
        typer.Option(
            "--series",
            min=0,
            metavar="N",
            help="Series of ten questions each backend is timed with; 0 times nothing.",
            rich_help_panel=_MEASURING,
        ),
    ] = 4,
    pause: Annotated[
        float,
        typer.Option(
            "--pause",
            min=0,
            metavar="SECONDS",
            help="Between two timed questions; 0 is back to back.",
            rich_help_panel=_MEASURING,
        ),
    ] = 1.0,
    questions: Questions = None,
    per_minute: PerMinute = None,
    hours: Hours = 168.0,
    prices_of: PriceRegion = None,
    rate: Rate = None,
    local: Local = False,
    stack: Stack = DEFAULT_STACK,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Compare Comprehend and CamemBERT: how good, how fast and how dear they are, and how long they take to go live.

    Takes the newest dataset that both have a trained model of (`trieur settings CLASSIFIER backend=both`, then `trieur
    train CLASSIFIER FILE`), and asks both endpoints its test examples: accuracy with Wilson's 95 % interval, macro-F1
    with a bootstrap's, McNemar's exact test of the difference; then the time of an answer, as `trieur bench` measures
    it, and what a month costs (docs/costs.md). A backend without an endpoint is judged by what its run recorded.

    A decision matrix weighs them: notes from 1 to 5 by rules that are printed with it, or from --notes. What a
    stand-in trained is marked as such.

    With --json: classifier, dataset, local, backends (of each run_id, status, stand_in, caveat, quality, latency_ms,
    month, seconds_to_live, training_seconds, unanswered), paired (only_comprehend_right, only_camembert_right,
    p_value), matrix (source, criteria, totals, most, winner), caveats. Without CLASSIFIER: matrix.

    The exit status is 0 if they are compared, 1 if there is nothing to compare or the notes are refused, 2 for wrong
    usage, such as a file that cannot be read or written, or if AWS cannot be asked.

    Examples:

        trieur compare questions --html compared.html --language fr
        trieur compare questions --local --series 1 --pause 0
        trieur compare questions --notes notes.csv --markdown compared.md
        trieur compare --published
    """
    from trieur import comparison as compared
    from trieur.cli.compare_tables import print_all

    if published:
        language_of_files = ["--language"] if markdown or html else []
        require_nothing_else(context, "--published", "--json", "--markdown", "--html", *language_of_files)
    for file in (markdown, html):
        require_writable(file)
    matrix = _given_matrix(published, notes)
    found: Comparison | None = None
    if classifier is not None:
        require_classifier_name(classifier)
        load, prices = _load(questions, per_minute, hours), _prices(prices_of or region, rate)
        account = connect(local, stack, region)
        if prices_of is None:
            prices = _prices(account.region, rate)
        with account.asking():
            pair = compared.find_pair(account.classifier(classifier))
            found = _measured(account, pair, load, prices, matrix, examples, series, pause, quiet=as_json)
        matrix = found.matrix
    if matrix is None:
        raise WrongUsage("Name the CLASSIFIER to compare, or give --published, or --notes.")
    if markdown is not None:
        write_file(markdown, compared.markdown(matrix, found, language.value))
    if html is not None:
        write_file(html, compared.html(matrix, found, language.value))
    if as_json:
        print_json(found.as_json() if found is not None else {"matrix": matrix.as_json()})
        return
    with printing():
        print_all(Paper(), matrix, found)
        for file in (markdown, html):
            if file is not None:
                typer.echo(f"Written to {file}.")


def _given_matrix(published: bool, notes: Path | None) -> "Matrix | None":
    """The matrix that needs no measurement. Raises WrongUsage and Failed."""
    from trieur import comparison as compared
    from trieur.cli.output import Failed

    if published:
        return compared.published()
    if notes is None:
        return None
    try:
        return compared.read_notes(notes)
    except compared.NotesRefused as error:
        raise Failed(str(error)) from error
    except OSError as error:
        raise WrongUsage(f"{str(notes)!r} cannot be read: {error.strerror or error}.") from error


def _load(questions: float | None, per_minute: float | None, hours: float) -> "Load":
    from trieur.costs import ImpossibleLoad, Load

    try:
        load = Load(hours_a_week=hours)
        monthly = questions_a_month(questions, per_minute, hours)
        return load if monthly is None else replace(load, questions=monthly)
    except ImpossibleLoad as error:
        raise WrongUsage(str(error)) from error


def _prices(region: str | None, rate: float | None) -> "Prices":
    from trieur.costs import DEFAULT_REGION, UnknownRegion, dated_prices

    try:
        return require_rate(rate, dated_prices(region or DEFAULT_REGION))
    except UnknownRegion as error:
        raise WrongUsage(str(error)) from error


def _measured(
    account: "Account",
    pair: "Pair",
    load: "Load",
    prices: "Prices",
    matrix: "Matrix | None",
    examples: int,
    series: int,
    pause: float,
    *,
    quiet: bool,
) -> "Comparison":
    from rich.progress import Progress

    from trieur import comparison as compared
    from trieur.client import Classifier
    from trieur.latency import measure
    from trieur.objects import ObjectStore

    classifiers: dict[str, Any] = {}

    def client(backend: "Backend") -> Classifier:
        if backend not in classifiers:
            classifiers[backend] = Classifier(
                pair.classifier, backend=backend, deployment=account.name, session=account.session
            )
        found: Classifier = classifiers[backend]
        return found

    with Progress(console=Paper(stderr=True), transient=True, disable=quiet) as bar:
        shown = _Shown(bar)

        def latency(backend: "Backend") -> "Summary | None":
            if series == 0:
                return None
            what = f"Timing {compared.BACKEND_NAMES[backend]}"
            timed = measure(
                client(backend).predict,
                series=series,
                requests=_REQUESTS,
                pause=pause,
                progress=lambda done, total: shown(what, done, total),
            )
            return timed.summary

        try:
            return compared.compare(
                pair,
                ObjectStore(account.client("s3"), account.artifacts),
                ask=lambda backend: client(backend).stream,
                latency=latency,
                load=load,
                prices=prices,
                matrix=matrix,
                most=examples,
                is_local=account.is_local,
                progress=shown,
            )
        finally:
            for one in classifiers.values():
                one.close()


class _Shown:
    """Progress, one bar for each thing that is done."""

    def __init__(self, bar: Any) -> None:
        self._bar = bar
        self._tasks: dict[str, Any] = {}
        self._update: Callable[..., None] = bar.update

    def __call__(self, what: str, done: int, total: int) -> None:
        if what not in self._tasks:
            self._tasks[what] = self._bar.add_task(what, total=total)
        self._update(self._tasks[what], completed=done)
