"""How long one core takes to read, validate, split and convert a large dataset, and how much memory.

    python benchmarks/bench_dataset.py [--examples 1000000] [--forms jsonl json csv jsonl.gz]

Every form is measured in a process of its own, so that the peak memory is that form's; the file is made before, by
another one. Prints a line a form and, last, one JSON object with all figures. Times are of one run: repeat before
believing a difference.
"""

import argparse
import csv
import gzip
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from trieur.dataset import read_dataset  # noqa: E402 - the repository need not be installed
from trieur.splits import make_splits, to_jsonl  # noqa: E402

FORMS: Final = ("jsonl", "json", "csv", "jsonl.gz")
LABELS: Final = ("WHO_IS", "WHO_KNOWS_ABOUT", "HOW_ARE_YOU", "OÙ_EST", "QUAND", "COMBIEN", "POURQUOI", "AUTRE")
OPENINGS: Final = (
    "Qui est-ce qui connaît",
    "Où trouve-t-on",
    "Ça va avec",
    "À quelle heure commence",
    "Dis-moi qui a fait",
)
WORDS: Final = (
    "nodejs",
    "réunion",
    "café",
    "équipe",
    "serveur",
    "client",
    "Noël",
    "python",
    "facture",
    "été",
    "l'œuvre",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=1_000_000)
    parser.add_argument("--forms", nargs="+", choices=FORMS, default=FORMS)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(measure(arguments.measure)))
        return
    figures = {}
    with tempfile.TemporaryDirectory() as folder:
        for form in arguments.forms:
            path = Path(folder) / f"dataset.{form}"
            write(path, form, arguments.examples)
            figures[form] = run_alone(path)
            path.unlink()
            print(form, *(f"{name}={value:,}" for name, value in figures[form].items()))
    print(json.dumps({"examples": arguments.examples, "python": sys.version.split()[0], "forms": figures}))


def run_alone(path: Path) -> dict[str, float]:
    command = [sys.executable, __file__, "--measure", str(path)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(answer.stdout)
    return figures


def measure(path: Path) -> dict[str, float]:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    started = time.perf_counter()
    data = path.read_bytes()
    dataset = read_dataset(data, path.name)
    read = time.perf_counter()
    splits = make_splits(dataset)
    split = time.perf_counter()
    written = sum(len(to_jsonl(dataset, part)) for part in (splits.train, splits.validation, splits.test))
    converted = time.perf_counter()
    return {
        "megabytes": round(len(data) / 1e6, 1),
        "kept": len(dataset.texts),
        "read_and_validate_seconds": round(read - started, 2),
        "split_seconds": round(split - read, 2),
        "to_jsonl_seconds": round(converted - split, 2),
        "seconds": round(converted - started, 2),
        "peak_rss_megabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6),
        "written_megabytes": round(written / 1e6, 1),
    }


def rows(count: int) -> Iterator[tuple[str, str]]:
    """Sentences of about 70 characters, nearly all different, and their labels."""
    chance = random.Random(13)
    for number in range(count):
        words = " ".join(chance.choices(WORDS, k=5))
        yield f"{chance.choice(OPENINGS)} {words} {number} ?", chance.choice(LABELS)


def write(path: Path, form: str, count: int) -> None:
    if form == "csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("text", "label"))
            writer.writerows(rows(count))
        return
    with _opened(path, form) as file:
        between, ends = (",\n", ("[\n", "\n]\n")) if form == "json" else ("\n", ("", "\n"))
        file.write(ends[0])
        for number, (text, label) in enumerate(rows(count)):
            file.write((between if number else "") + json.dumps({"text": text, "label": label}, ensure_ascii=False))
        file.write(ends[1])


def _opened(path: Path, form: str) -> IO[str]:
    if form.endswith(".gz"):
        return gzip.open(path, "wt", encoding="utf-8", compresslevel=1)
    return path.open("w", encoding="utf-8")


if __name__ == "__main__":
    main()
