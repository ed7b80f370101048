"""`trieur bench`: how fast a classifier's endpoint answers, beside what was published."""

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.table import Table
from rich.text import Text

from trieur.account import Account
from trieur.cli.asking import LiveClassifier, WhichBackend, asking, live_classifier
from trieur.cli.counting import counting
from trieur.cli.options import DEFAULT_STACK, AsJson, Classifier, Local, Region, Stack, connect, require_classifier_name
from trieur.cli.output import Paper, fails_in_a_sentence, print_json, printing

if TYPE_CHECKING:
    from trieur.latency import Latency, Summary, Throughput

_SERIES: Final = 4
_REQUESTS: Final = 10
_PAUSE_SECONDS: Final = 1.0
_CONNECTIONS: Final = 8
_SECONDS: Final = 10.0


@fails_in_a_sentence
def bench(
    classifier: Classifier,
    series: Annotated[int, typer.Option("--series", min=1, metavar="N", help="Series of requests.")] = _SERIES,
    requests: Annotated[
        int, typer.Option("--requests", min=1, metavar="N", help="Requests of a series, one after the other.")
    ] = _REQUESTS,
    pause: Annotated[
        float,
        typer.Option(
            "--pause", min=0, metavar="SECONDS", help="Between an answer and the next request, where not back to back."
        ),
    ] = _PAUSE_SECONDS,
    text: Annotated[
        list[str] | None,
        typer.Option(
            "--text",
            metavar="TEXT",
            help="What is asked, in turn; may be given several times. By default ten short questions in French.",
            show_default=False,
        ),
    ] = None,
    throughput: Annotated[
        bool, typer.Option("--throughput", help="Measure many callers at once instead, for --seconds.")
    ] = False,
    connections: Annotated[
        int, typer.Option("--connections", min=1, max=1000, metavar="N", help="Callers at once, with --throughput.")
    ] = _CONNECTIONS,
    seconds: Annotated[
        float, typer.Option("--seconds", min=0.1, metavar="S", help="How long they ask, with --throughput.")
    ] = _SECONDS,
    backend: WhichBackend = None,
    local: Local = False,
    stack: Stack = DEFAULT_STACK,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Measure how fast the endpoint of CLASSIFIER answers, as seen from here.

    Repeats a published measurement: 4 series of 10 requests with a second between them, then as many back to back.
    Says mean, standard deviation, p50, p90 and p99 of all requests in milliseconds, the mean of every series, and the
    published means beside them. They come from other questions, another network and other machines: compare the
    difference between the lines rather than the lines.

    The first request of either is not counted but told: it connects, and finds a serverless endpoint asleep. The
    network from here to the region is part of every figure. An answer that is throttled is asked for again, and that
    wait counts.

    With --throughput, callers ask at once, each its next question as soon as it has an answer: requests a second, and
    what each then waits.

    With --json: classifier, backend, endpoint, kind, run_id, local, then paused, back_to_back and published, or
    throughput; times are in milliseconds.

    The exit status is 0 if it was measured, 1 if nothing answers, 2 for wrong usage or if AWS cannot be asked.

    Examples:

        trieur bench questions
        trieur bench questions --backend comprehend --series 1 --json
        trieur bench questions --throughput --connections 32 --seconds 30
    """
    from trieur.latency import QUESTIONS

    require_classifier_name(classifier)
    account = connect(local, stack, region)
    live = live_classifier(account, classifier, backend, connections=connections if throughput else 1)
    texts = text or list(QUESTIONS)
    if throughput:
        flow = _throughput(live, texts, connections, seconds)
        if as_json:
            print_json({**_whose(account, live), "throughput": flow.as_json()})
        else:
            _print_throughput(account, live, flow)
        return
    paused = _latency(live, texts, series, requests, pause)
    back_to_back = _latency(live, texts, series, requests, 0.0)
    if as_json:
        print_json(_document(account, live, paused, back_to_back))
    else:
        _print_latency(account, live, paused, back_to_back)


def _latency(live: LiveClassifier, texts: list[str], series: int, requests: int, pause: float) -> "Latency":
    from trieur.latency import measure

    title = f"Asking {pause:g} s apart" if pause else "Asking back to back"
    with asking(), counting(title, "requests", series * requests) as tell:
        return measure(
            live.classifier.predict,
            texts,
            series=series,
            requests=requests,
            pause=pause,
            progress=lambda done, _total: tell(done),
        )


def _throughput(live: LiveClassifier, texts: list[str], connections: int, seconds: float) -> "Throughput":
    from trieur.latency import measure_throughput

    with asking(), counting(f"Asking {connections:,} at a time", "s", seconds) as tell:
        return measure_throughput(
            live.classifier.predict,
            texts,
            connections=connections,
            seconds=seconds,
            progress=lambda gone, _seconds: tell(gone),
        )


def _whose(account: Account, live: LiveClassifier) -> dict[str, Any]:
    return {
        "classifier": live.classifier.name,
        "backend": live.endpoint.backend,
        "endpoint": live.endpoint.name,
        "kind": live.endpoint.kind,
        "run_id": live.endpoint.run_id,
        "local": account.is_local,
    }


def _document(account: Account, live: LiveClassifier, paused: "Latency", back_to_back: "Latency") -> dict[str, Any]:
    from trieur.latency import PUBLISHED, PUBLISHED_WHERE

    published = PUBLISHED[live.endpoint.backend]
    return {
        **_whose(account, live),
        "paused": paused.as_json(),
        "back_to_back": back_to_back.as_json(),
        "published": {
            "paused_mean_ms": published.paused_ms,
            "back_to_back_mean_ms": published.back_to_back_ms,
            "where": PUBLISHED_WHERE,
        },
    }


@printing()
def _print_latency(account: Account, live: LiveClassifier, paused: "Latency", back_to_back: "Latency") -> None:
    from trieur.latency import PUBLISHED, PUBLISHED_WHERE

    paper, published = Paper(), PUBLISHED[live.endpoint.backend]
    paper.print(Text(_title(account, live), "bold"))
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("Milliseconds", no_wrap=True)
    for column in ("requests", "mean", "± sd", "p50", "p90", "p99", "published"):
        table.add_column(column, justify="right")
    for latency, mean in ((paused, published.paused_ms), (back_to_back, published.back_to_back_ms)):
        way = f"{latency.pause:g} s apart" if latency.pause else "back to back"
        table.add_row(way, *_cells(latency.summary), f"{mean:.0f}", style="bold")
        for number, summary in enumerate(latency.of_series, start=1):
            table.add_row(f"  series {number}", *_cells(summary), "", style="dim")
    paper.print(table)
    paper.print(
        f"First request, not counted: {paused.first_ms:,.0f} ms. Published: means, {PUBLISHED_WHERE}.", style="dim"
    )


@printing()
def _print_throughput(account: Account, live: LiveClassifier, flow: "Throughput") -> None:
    paper = Paper()
    paper.print(Text(_title(account, live), "bold"))
    paper.print(
        f"{flow.per_second:,.1f} requests a second: {flow.requests:,} in {flow.seconds:.1f} s, {flow.connections:,} at"
        " a time."
    )
    times = flow.summary
    paper.print(
        f"Each took {times.mean:,.0f} ms in the mean (± {times.standard_deviation:,.0f}), p50 {times.p50:,.0f}, p90"
        f" {times.p90:,.0f}, p99 {times.p99:,.0f}."
    )


def _title(account: Account, live: LiveClassifier) -> str:
    where = "on the local AWS" if account.is_local else f"in {account.region}"
    stand_in = ", a stand-in for Amazon's" if account.is_local and live.endpoint.backend == "comprehend" else ""
    return f"{live.endpoint.name}: {live.endpoint.backend}{stand_in}, {live.endpoint.kind}, {where}"


def _cells(summary: "Summary") -> list[str]:
    figures = (summary.mean, summary.standard_deviation, summary.p50, summary.p90, summary.p99)
    return [f"{summary.requests:,}", *(f"{figure:,.1f}" if figure < 100 else f"{figure:,.0f}" for figure in figures)]
