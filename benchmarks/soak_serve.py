"""Our serving container under mixed requests for minutes: nothing fails, memory stays flat, answers stay as fast.

    python -m benchmarks.soak_serve [--minutes 10] [--connections 64]

Short questions, paragraphs, texts of thousands of characters and lists of texts, five in a hundred of the requests
bad in some way (`soak_requests.py`), over connections that ask again as soon as they are answered. The weights are
those of `bench_serve.py`. Prints a row a minute and, last, one JSON object; the exit code is 1 where something did not
hold: an error on a good request or an answer other than the refusal due on a bad one, a request shed (503), memory that
grew by 5 % or more after the first minute, or a p99 that in the last third is over 1.5 times that of the first.
"""

import argparse
import json
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console

from benchmarks.bench_serve import CONTAINER, questions, weights
from benchmarks.load import Load, Request, stretches
from benchmarks.served import ours
from benchmarks.server_process import free_port
from benchmarks.serving_weights import TRAIN_CONTAINER
from benchmarks.soak_requests import mixed_requests

MOST_GROWTH: Final = 0.05
MOST_DRIFT: Final = 1.5
SHED: Final = "status 503"
STRETCHES: Final = 10
ROW: Final = "{:>6} {:>9} {:>8} {:>8} {:>8} {:>6} {:>9} {:>8}"
TITLES: Final = ("minute", "answers/s", "p50 ms", "p99 ms", "refused", "shed", "failures", "RSS MB")


@dataclass(frozen=True)
class Soaked:
    """The stretches of a soak in their order, and the resident memory after each in MB."""

    loads: Sequence[Load]
    memory: Sequence[float]

    @property
    def failures(self) -> "Counter[str]":
        """Answers that were not what was due, without those that were shed."""
        found = sum((load.failures for load in self.loads), Counter[str]())
        del found[SHED]
        return found

    @property
    def shed(self) -> int:
        return sum(load.failures[SHED] for load in self.loads)

    @property
    def growth(self) -> float:
        """By what share memory was above that after the first stretch, in which it is taken, at most."""
        return max(self.memory) / self.memory[0] - 1

    @property
    def drift(self) -> float:
        """How many times the first third's p99 that of the last third is; medians, for one noisy minute says little."""
        slowest = [load.percentile(0.99) for load in self.loads]
        third = max(1, len(slowest) // 3)
        return statistics.median(slowest[-third:]) / statistics.median(slowest[:third])

    def broken(self) -> list[str]:
        """What did not hold, whatever the machine was busy with besides; a sentence each."""
        found = [f"{count} times: {what}." for what, count in self.failures.items()]
        if self.shed:
            found.append(f"{self.shed} requests were shed with a 503.")
        if self.growth >= MOST_GROWTH:
            found.append(f"Memory grew by {self.growth:.1%} after the first stretch; under {MOST_GROWTH:.0%} is due.")
        return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--container", type=Path, default=CONTAINER, help="the serving container's folder")
    parser.add_argument("--train-container", type=Path, default=TRAIN_CONTAINER, help="whose export is used")
    parser.add_argument("--python", default=sys.executable, help="what runs the serving container")
    parser.add_argument("--folder", type=Path, help="keeps the weights here, and finds them here the next time")
    arguments = parser.parse_args()
    console = Console()
    with ExitStack() as stack:
        folder = arguments.folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="soak-serve-")))
        folder = folder.resolve()
        weights(console, folder, arguments.train_container.resolve())
        process = ours(folder, arguments.container.resolve(), arguments.python).start(free_port(), folder / "soak.log")
        try:
            soaked = soak(
                process.port,
                lambda: process.memory().resident,
                mixed_requests(questions()),
                connections=arguments.connections,
                seconds=60 * arguments.minutes,
                tell=lambda row: print(row, flush=True),
            )
        finally:
            code = process.stop()
    broken = soaked.broken()
    if soaked.drift > MOST_DRIFT:
        broken.append(f"p99 rose {soaked.drift:.2f} times from the first third to the last; {MOST_DRIFT} is allowed.")
    if code:
        broken.append(f"The server ended with exit code {code} after SIGTERM.")
    for sentence in broken:
        print(sentence)
    print(
        json.dumps(
            {
                "good": sum(len(load.milliseconds) for load in soaked.loads),
                "refused": sum(load.refused for load in soaked.loads),
                "shed": soaked.shed,
                "failures": soaked.failures.total(),
                "memory_growth": round(soaked.growth, 4),
                "p99_drift": round(soaked.drift, 2),
                "holds": not broken,
            }
        )
    )
    sys.exit(1 if broken else 0)


def soak(
    port: int,
    memory: Callable[[], float],
    requests: Sequence[Request],
    *,
    connections: int,
    seconds: float,
    count: int | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Soaked:
    """`seconds` of load in `count` stretches, otherwise of a minute and at least STRETCHES; tells a row for each."""
    length = seconds / count if count else min(60.0, seconds / STRETCHES)
    count = max(1, round(seconds / length))
    tell(ROW.format(*TITLES))
    loads, resident = [], []
    for number, load in enumerate(
        stretches(port, requests, connections=connections, seconds=length, count=count), start=1
    ):
        loads.append(load)
        resident.append(memory())
        shed = load.failures[SHED]
        tell(
            ROW.format(
                f"{number * length / 60:.1f}",
                f"{load.rate:.1f}",
                f"{load.percentile(0.5):.0f}",
                f"{load.percentile(0.99):.0f}",
                load.refused,
                shed,
                load.failures.total() - shed,
                f"{resident[-1]:.1f}",
            )
        )
    return Soaked(loads, resident)


if __name__ == "__main__":
    main()
