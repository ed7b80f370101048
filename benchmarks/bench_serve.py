"""Our serving container beside what its users would otherwise run: the same weights, over HTTP, in one run.

    python -m benchmarks.bench_serve [--rounds 3] [--seconds 8] [--only ours]

camembert-base's architecture (random weights, on which time does not depend) answers the questions of
examples/chatbot-questions.json over 1, 8 and 32 kept-alive connections, each of which asks again as soon as it is
answered. Servers have a process of their own, run one after another, and take turns in rounds, so that a noisy minute
meets all of them; figures are medians over the rounds. Ratios of one run are what counts.

Prints a table and, last, one JSON object: FastAPI / ours for p50 at 1 connection and for memory, ours / FastAPI for
answers a second at 32; seconds from our start to the first good /ping; our p99 at 32 connections; and how much of the
int8 operations that the machine multiplies at most go into answers at 32 connections.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from benchmarks.load import Load, drive
from benchmarks.served import OURS, ROOT, STANDARD, Served, check_prediction, ours, standard, toolkit
from benchmarks.server_process import Memory, ServerProcess, free_port
from benchmarks.serving_weights import QUESTIONS, TRAIN_CONTAINER

CONTAINER: Final = ROOT / "containers" / "serve"
LATENCY_AT: Final = 1
THROUGHPUT_AT: Final = 32
WARM_UP_SECONDS: Final = 1.0


@dataclass
class Figures:
    """A server's figures, one entry a round; loads by connections."""

    ready: list[float] = field(default_factory=list)
    memory: list[Memory] = field(default_factory=list)
    loads: dict[int, list[Load]] = field(default_factory=dict)

    def ms(self, connections: int, share: float) -> float | None:
        """Milliseconds that this share of the answers took at most."""
        return _median([load.percentile(share) for load in self.loads.get(connections, [])])

    def rate(self, connections: int) -> float | None:
        """Answers a second."""
        return _median([load.rate for load in self.loads.get(connections, [])])

    def mb(self, kind: str) -> float | None:
        return _median([getattr(memory, kind) for memory in self.memory])

    @property
    def ready_seconds(self) -> float | None:
        return _median(self.ready)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8.0, help="of each level of load in each round")
    parser.add_argument("--levels", type=int, nargs="+", default=[1, 8, 32], help="connections")
    parser.add_argument("--only", choices=("ours", "standard"), help="leave the other servers out")
    parser.add_argument("--toolkit", type=Path, metavar="VENV", help="also measure what toolkit_serving.py starts")
    parser.add_argument("--container", type=Path, default=CONTAINER, help="the serving container's folder")
    parser.add_argument("--train-container", type=Path, default=TRAIN_CONTAINER, help="whose export is used")
    parser.add_argument("--python", default=sys.executable, help="what runs the serving container")
    parser.add_argument("--folder", type=Path, help="keeps the weights here, and finds them here the next time")
    arguments = parser.parse_args()
    console = Console()
    with ExitStack() as stack:
        folder = arguments.folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-serve-")))
        folder = folder.resolve()
        facts = weights(console, folder, arguments.train_container.resolve())
        servers = []
        if arguments.only != "standard":
            servers.append(ours(folder, arguments.container.resolve(), arguments.python))
        if arguments.only != "ours":
            servers.append(standard(folder))
        if arguments.toolkit and not arguments.only:
            servers.append(toolkit(folder, arguments.toolkit.resolve()))
        limit = int8_limit(console)
        measure_client(console, folder, arguments.seconds)
        texts = questions()
        found: dict[str, Figures] = {server.name: Figures() for server in servers}
        for number in range(arguments.rounds + 1):
            for server in servers:
                if number == 0:
                    # Fills the file cache and leaves compiled modules, so that every start counted is a warm one.
                    start(console, server, folder).stop()
                    continue
                console.print(f"[dim]Round {number} of {arguments.rounds}: {server.name}", end="", highlight=False)
                run(console, server, folder, texts, found[server.name], arguments.levels, arguments.seconds)
    share = share_of_limit(found.get(OURS), facts, limit)
    tell(console, found, arguments.levels, facts, limit, share)
    print(json.dumps(summary(found, share)))


def weights(console: Console, folder: Path, train_container: Path) -> dict[str, Any]:
    """Makes the weights unless they are there."""
    facts = folder / "facts.json"
    if not facts.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        console.print("[dim]Making one set of weights for all servers (about 20 s)")
        command = [sys.executable, "-m", "benchmarks.serving_weights", str(folder)]
        made = _run([*command, "--train-container", str(train_container)])
        if made.returncode:
            sys.exit(f"The weights could not be made:\n{made.stderr[-3000:]}")
    found: dict[str, Any] = json.loads(facts.read_text(encoding="utf-8"))
    return found


def int8_limit(console: Console) -> dict[str, Any]:
    """operations_per_second of the fastest int8 matrix product, and its shape."""
    measured = _run([sys.executable, "-m", "benchmarks.int8_rate"])
    if measured.returncode:
        sys.exit(f"The int8 rate could not be measured:\n{measured.stderr[-3000:]}")
    limit: dict[str, Any] = json.loads(measured.stdout)
    rows, depth, columns = limit["shape"]
    gops = limit["operations_per_second"] / 1e9
    console.print(
        f"int8 matrix products here: {gops:,.0f} GOPS on {cores()} cores ({rows} x {depth} x {columns})",
        highlight=False,
    )
    return limit


def measure_client(console: Console, folder: Path, seconds: float) -> None:
    """Says what the load generator costs by itself."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.no_op_server", str(port)]
    server = ServerProcess(command, port=port, cwd=ROOT, env=dict(os.environ), log=folder / "no-op.log")
    try:
        request = Served("", lambda *_: server, check_prediction, "text").request("Qui est Galilée ?")
        one, many = (
            drive(port, [request], connections=level, seconds=min(seconds, 2.0), warm_up=0.2)
            for level in (LATENCY_AT, THROUGHPUT_AT)
        )
    finally:
        server.stop()
    cost = 1e6 * many.client_seconds / max(1, len(many.milliseconds))
    console.print(
        f"The load generator: {cost:.0f} µs of processor a request, p50 {one.percentile(0.5):.2f} ms at 1 connection, "
        f"{many.rate:,.0f} requests/s at {THROUGHPUT_AT}, against a server that does nothing",
        highlight=False,
    )


def start(console: Console, server: Served, folder: Path) -> ServerProcess:
    console.print(f"[dim]Starting {server.name}", highlight=False)
    return server.start(free_port(), folder / "server.log")


def run(
    console: Console,
    server: Served,
    folder: Path,
    texts: list[str],
    figures: Figures,
    levels: list[int],
    seconds: float,
) -> None:
    process = server.start(free_port(), folder / "server.log")
    try:
        figures.ready.append(process.ready_seconds)
        console.print(f"[dim], ready after {process.ready_seconds:.2f} s", end="", highlight=False)
        requests = [server.request(text) for text in texts]
        # Some are ready to listen long before they can answer.
        drive(process.port, requests, connections=cores(), seconds=WARM_UP_SECONDS, warm_up=0)
        for connections in levels:
            load = drive(process.port, requests, connections=connections, seconds=seconds)
            if load.failures:
                sys.exit(f"\n{server.name} failed under load: {dict(load.failures)}\n{process.printed()}")
            figures.loads.setdefault(connections, []).append(load)
            console.print(
                f"[dim], {connections}: {load.percentile(0.5):.1f} ms {load.rate:.0f}/s", end="", highlight=False
            )
        figures.memory.append(process.memory())
        console.print(f"[dim], {figures.memory[-1].peak:,.0f} MB", highlight=False)
    finally:
        process.stop()


def share_of_limit(figures: Figures | None, facts: dict[str, Any], limit: dict[str, Any]) -> float | None:
    rate = figures.rate(THROUGHPUT_AT) if figures else None
    if rate is None:
        return None
    # No padding counts: what the texts ask for, not what a server makes of it.
    return float(rate * statistics.mean(facts["operations"]) / limit["operations_per_second"])


def tell(
    console: Console,
    found: dict[str, Figures],
    levels: list[int],
    facts: dict[str, Any],
    limit: dict[str, Any],
    share: float | None,
) -> None:
    table = Table(
        title=f"{len(facts['lengths'])} questions, median {statistics.median(facts['lengths']):.0f} tokens, "
        f"on {cores()} cores"
    )
    table.add_column("", no_wrap=True)
    mine = found.get(OURS)
    for name, figures in found.items():
        table.add_column(name, justify="right")
        if mine and figures is not mine:
            table.add_column("ratio", justify="right", style="bold")
    for title, measure, more_is_better in measures(levels):
        cells = []
        for figures in found.values():
            value = measure(figures)
            cells.append(_form(value))
            if mine and figures is not mine:
                above, below = (measure(mine), value) if more_is_better else (value, measure(mine))
                ratio = _ratio(above, below)
                cells.append("" if ratio is None else f"{ratio:.1f}")
        table.add_row(title, *cells)
    console.print(table)
    if share is not None:
        operations = statistics.mean(facts["operations"]) / 1e9
        console.print(
            f"A question asks for {operations:.2f} GOP: at {THROUGHPUT_AT} connections ours does {share:.0%} of the "
            f"{limit['operations_per_second'] / 1e9:,.0f} GOPS that int8 matrix products reach here.",
            highlight=False,
        )


def measures(levels: list[int]) -> list[tuple[str, Callable[[Figures], float | None], bool]]:
    """The table's rows: title, figure, and whether more of it is better."""
    rows: list[tuple[str, Callable[[Figures], float | None], bool]] = []
    for level in levels:
        plural = "s" if level > 1 else ""
        rows += [
            (f"{level} connection{plural}: p50, ms", lambda figures, level=level: figures.ms(level, 0.5), False),
            ("  p99, ms", lambda figures, level=level: figures.ms(level, 0.99), False),
            ("  requests/s", lambda figures, level=level: figures.rate(level), True),
        ]
    return [
        *rows,
        ("peak memory, MB", lambda figures: figures.mb("peak"), False),
        ("  after the load: RSS", lambda figures: figures.mb("resident"), False),
        ("  PSS", lambda figures: figures.mb("proportional"), False),
        ("ready after, s", lambda figures: figures.ready_seconds, False),
    ]


def summary(found: dict[str, Figures], share: float | None) -> dict[str, float | None]:
    """The ratios are those to FastAPI and transformers, which is there in every run."""
    mine, peer = found.get(OURS, Figures()), found.get(STANDARD, Figures())
    figures = {
        "p50_ratio": _ratio(peer.ms(LATENCY_AT, 0.5), mine.ms(LATENCY_AT, 0.5)),
        "throughput_ratio": _ratio(mine.rate(THROUGHPUT_AT), peer.rate(THROUGHPUT_AT)),
        "memory_ratio": _ratio(peer.mb("peak"), mine.mb("peak")),
        "ready_seconds": mine.ready_seconds,
        "p99_ms_at_32": mine.ms(THROUGHPUT_AT, 0.99),
        "share_of_int8_limit": share,
    }
    return {name: None if value is None else round(value, 3) for name, value in figures.items()}


def questions() -> list[str]:
    """In a fixed order in which no class or length comes in a row."""
    texts = [row["text"] for row in json.loads(QUESTIONS.read_text(encoding="utf-8"))]
    random.Random(13).shuffle(texts)
    return texts


def cores() -> int:
    return len(os.sched_getaffinity(0))


def _run(command: list[str]) -> "subprocess.CompletedProcess[str]":
    # ONNX Runtime would otherwise report its use to its maker, in a thread of its own.
    environment = os.environ | {"ORT_DISABLE_TELEMETRY": "1"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


def _median(values: list[float]) -> float | None:
    return statistics.median(values) if values else None


def _ratio(above: float | None, below: float | None) -> float | None:
    return above / below if above and below else None


def _form(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


if __name__ == "__main__":
    main()
