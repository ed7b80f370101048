"""The report's first screen: one sentence, a few numbers, and what must not be overlooked."""

from dataclasses import dataclass
from typing import Any

from trieur_train.report.comparison import verdict
from trieur_train.report.language import Words


@dataclass(frozen=True)
class Tile:
    """One number, its name and a few words about it."""

    name: str
    value: str
    words: str


@dataclass(frozen=True)
class Notice:
    """What the reader must know before the numbers; `anchor` is the section that says more, if any."""

    title: str
    words: str
    anchor: str | None = None
    language: str | None = None
    """Of `words`, where it is not the page's."""


def headline(words: Words, metrics: dict[str, Any]) -> str:
    """What the training came to, in two sentences."""
    test, baseline = metrics["test"], metrics["baseline"]
    quality = words.text(
        f"headline.{metrics['mode']}",
        accuracy=words.percent(test["accuracy"]),
        examples=words.count("example", test["examples"]),
        interval=words.interval(test["accuracy_interval"]),
    )
    comparison = words.text(
        f"headline.{verdict(metrics)}",
        accuracy=words.percent(baseline["test"]["accuracy"]),
        p_value=words.p_value(baseline["comparison"]["p_value"]),
    )
    return f"{quality} {comparison}"


def tiles(words: Words, metrics: dict[str, Any]) -> list[Tile]:
    test, mode, baseline = metrics["test"], metrics["mode"], metrics["baseline"]
    return [
        Tile(
            words.text("tile.accuracy"),
            words.percent(test["accuracy"]),
            words.text(
                f"tile.accuracy.{mode}",
                right=words.number(round(test["accuracy"] * test["examples"])),
                examples=words.number(test["examples"]),
            ),
        ),
        Tile(
            words.text("tile.macro_f1"),
            words.percent(test["macro_f1"]),
            words.text("tile.macro_f1.words", interval=words.interval(test["macro_f1_interval"])),
        ),
        Tile(
            words.text("tile.baseline"),
            words.difference(test["accuracy"] - baseline["test"]["accuracy"]),
            words.text(f"tile.baseline.{verdict(metrics)}", accuracy=words.percent(baseline["test"]["accuracy"])),
        ),
        Tile(words.text("tile.majority"), words.percent(test["majority_share"]), words.text(f"tile.majority.{mode}")),
        _answered(words, metrics),
        _time(words, metrics),
    ]


def notices(words: Words, metrics: dict[str, Any]) -> list[Notice]:
    """What changes how all numbers should be read, the gravest first."""
    base, export, warnings = metrics["base_model"], metrics["export"], metrics["dataset"]["warnings"]
    found = []
    if base["source"] == "scratch":
        found.append(Notice(words.text("notice.scratch"), words.text("notice.scratch.words")))
    elif base["note"]:
        found.append(Notice(words.text("notice.base_model"), base["note"], language="en"))
    if export["quantization"] == "none":
        full_precision = words.text(
            "notice.full_precision.words",
            agreement=words.percent(export["agreement"]),
            size=words.megabytes(export["bytes"]),
        )
        found.append(Notice(words.text("notice.full_precision"), full_precision))
    if warnings:
        title = words.text("notice.warnings", warnings=words.count("warning", len(warnings)))
        found.append(Notice(title, words.text("notice.warnings.words"), anchor="data"))
    return found


def _answered(words: Words, metrics: dict[str, Any]) -> Tile:
    rejection, mode = metrics["rejection"], metrics["mode"]
    if rejection["threshold"] is None:
        sentence = words.text("tile.answered.never", precision=words.percent(rejection["asked_precision"], 0))
    else:
        sentence = words.text(f"tile.answered.{mode}", threshold=words.percent(rejection["threshold"]))
    return Tile(words.text(f"rejection.answered.{mode}"), words.percent(rejection["test"]["answered"]), sentence)


def _time(words: Words, metrics: dict[str, Any]) -> Tile:
    total = metrics["cost"]["total"]
    sentence = (
        words.text("tile.time.nothing") if total is None else words.text("tile.time.cost", cost=words.dollars(total))
    )
    return Tile(words.text("tile.time"), words.duration(metrics["seconds"]["total"]), sentence)
