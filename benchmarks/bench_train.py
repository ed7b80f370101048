"""How long fine-tuning takes an epoch: our training container beside the standard way, in one run.

    python -m benchmarks.bench_train [--rounds 1]

270 short questions, batches of 8, camembert-base's architecture (12 layers of 768; the weights are random, on which
time does not depend), on the cores of this machine. Ours is the container's own process, once for each recipe; the
standard way is transformers' Trainer with padding to 128 tokens and its defaults (`standard_training.py`). Each has a
process of its own, and the machine to itself if nothing else runs there: ratios of one run are what counts.

Prints a table and, last, one JSON object.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from transformers.utils.logging import disable_progress_bar

from benchmarks.camembert import write_model

ROOT: Final = Path(__file__).resolve().parent.parent
QUESTIONS: Final = ROOT / "examples" / "chatbot-questions.json"
CONTAINER: Final = ROOT / "containers" / "train"
TRAIN_EXAMPLES: Final = 270
# As many as there are labels: evaluating them takes next to nothing of an epoch.
OTHER_EXAMPLES: Final = 3
EPOCHS: Final = {"full": 3, "fast": 4, "head": 1}


@dataclass(frozen=True)
class Measured:
    """Seconds of an epoch, seconds spent once before the first, and the peak memory of the process in MB."""

    epoch: float
    once: float
    peak_rss_mb: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=1, help="how often each is run; the median counts")
    rounds = parser.parse_args().rounds
    disable_progress_bar()
    console = Console()
    found: dict[str, list[Measured]] = {}
    with tempfile.TemporaryDirectory(prefix="bench-train-") as name:
        folder = Path(name)
        splits = split(json.loads(QUESTIONS.read_text(encoding="utf-8")))
        write_model(folder / "model", [row["text"] for row in splits["train"]])
        for number in range(1, rounds + 1):
            for recipe in ("full", "standard", "fast", "head"):
                with console.status(f"Round {number} of {rounds}: {recipe}"):
                    measure = standard if recipe == "standard" else ours
                    found.setdefault(recipe, []).append(measure(folder, splits, recipe))
    medians = {
        recipe: Measured(
            *(statistics.median(getattr(one, field) for one in all_) for field in Measured.__annotations__)
        )
        for recipe, all_ in found.items()
    }
    tell(console, medians)
    ratios = {recipe: medians["standard"].epoch / medians[recipe].epoch for recipe in ("full", "fast")}
    print(
        json.dumps(
            {
                "full_ratio": round(ratios["full"], 1),
                "fast_ratio": round(ratios["fast"], 1),
                "head_seconds": round(medians["head"].epoch, 1),
                "peak_rss_mb": round(medians["full"].peak_rss_mb),
            }
        )
    )


def tell(console: Console, medians: dict[str, Measured]) -> None:
    names = {
        "standard": "Trainer, padded to 128, its defaults",
        "full": "ours, full",
        "fast": "ours, fast",
        "head": "ours, head (the whole training)",
    }
    table = Table(title=f"Fine-tuning {TRAIN_EXAMPLES} questions on {len(os.sched_getaffinity(0))} cores")
    for column in ("", "s / epoch", "ratio", "s once", "peak MB"):
        table.add_column(column, justify="left" if not column else "right", no_wrap=True)
    for recipe, name in names.items():
        one = medians[recipe]
        ratio = medians["standard"].epoch / one.epoch
        table.add_row(name, f"{one.epoch:.2f}", f"{ratio:.1f}", f"{one.once:.1f}", f"{one.peak_rss_mb:,.0f}")
    console.print(table)


def ours(folder: Path, splits: dict[str, list[dict[str, str]]], recipe: str) -> Measured:
    """Our container's process; its epochs are those of metrics.json, without the first, in which memory is taken."""
    root = folder / "ml"
    shutil.rmtree(root, ignore_errors=True)
    for name, rows in splits.items():
        write_rows(root / "input" / "data" / name / f"{name}.jsonl", rows)
    settings = {"recipe": recipe, "base_model": str(folder / "model"), "epochs": str(EPOCHS[recipe])}
    configuration = root / "input" / "config" / "hyperparameters.json"
    configuration.parent.mkdir(parents=True)
    configuration.write_text(json.dumps(settings))
    environment = os.environ | {"OPT_ML": str(root), "HF_HUB_OFFLINE": "1"}
    peak, _ = run([sys.executable, "-m", "trieur_train", "train"], cwd=CONTAINER, env=environment)
    metrics: dict[str, Any] = json.loads((root / "output" / "data" / "metrics.json").read_text(encoding="utf-8"))
    epochs = [epoch["seconds"] for epoch in metrics["history"]]
    return Measured(statistics.median(epochs[1:] or epochs), metrics["seconds"]["train"] - sum(epochs), peak)


def standard(folder: Path, splits: dict[str, list[dict[str, str]]], _: str) -> Measured:
    train = write_rows(folder / "train.jsonl", splits["train"])
    script = Path(__file__).with_name("standard_training.py")
    peak, output = run([sys.executable, str(script), str(folder / "model"), str(train)], cwd=ROOT, env=dict(os.environ))
    return Measured(json.loads(output.splitlines()[-1])["seconds"], 0.0, peak)


def run(command: list[str], *, cwd: Path, env: dict[str, str]) -> tuple[float, str]:
    """Peak memory in MB of the command and what it starts, and what it prints."""
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, cwd=cwd, env=env, stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        output.seek(0)
        printed = output.read()
    if status:
        sys.exit(f"{' '.join(command)} failed:\n{printed[-3000:]}")
    return usage.ru_maxrss / 1024, printed


def split(rows: list[dict[str, str]]) -> dict[str, list[dict[str, str]]]:
    """270 questions to learn from, spread over all labels, and one of each label for each of the other splits."""
    by_label: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        by_label.setdefault(row["label"], []).append(row)
    others = [[questions.pop() for questions in by_label.values()] for _ in range(2)]
    left = [row for questions in by_label.values() for row in questions]
    every = len(left) / TRAIN_EXAMPLES
    train = [left[int(number * every)] for number in range(TRAIN_EXAMPLES)]
    return {"train": train, "validation": others[0], "test": others[1]}


def write_rows(path: Path, rows: list[dict[str, str]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


if __name__ == "__main__":
    main()
