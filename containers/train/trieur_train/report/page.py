"""report.html: what a person wants to know about a training, on one page that opens without a network."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from trieur_train.report.charts import Chart, line_chart

# Above this, the table is megabytes that nobody reads; the file has it all.
MOST_LABELS_IN_MATRIX = 80
MOST_CONFUSIONS = 10
FAINTEST = 0.15


def render_report(metrics: dict[str, Any], confusion: dict[str, Any]) -> str:
    """The page, as HTML text, for `metrics` and `confusion` as metrics.json and confusion_matrix.json hold them."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=False)
    environment.filters["percent"] = _percent
    template = environment.from_string(Path(__file__).with_name("report.html.jinja").read_text(encoding="utf-8"))
    multi_class = confusion["type"] == "multi_class"
    return template.render(
        metrics=metrics,
        settings=metrics["hyperparameters"],
        tiles=_tiles(metrics),
        charts=_charts(metrics),
        ending=_ending(metrics),
        matrix=_matrix(confusion) if multi_class and len(metrics["labels"]) <= MOST_LABELS_IN_MATRIX else None,
        by_label=None if multi_class else _by_label(confusion),
        confusions=_confusions(confusion) if multi_class else [],
        model_facts=_model_facts(metrics),
        training_facts=_training_facts(metrics),
    )


def _percent(share: float) -> str:
    return f"{share:.1%}"


def _tiles(metrics: dict[str, Any]) -> list[dict[str, str]]:
    test = metrics["test"]
    right = round(test["accuracy"] * test["examples"])
    several = metrics["mode"] == "multi-label"
    return [
        {
            "name": "Test accuracy",
            "value": _percent(test["accuracy"]),
            "words": f"{right} of {test['examples']} test examples{' with every label' if several else ''} right",
        },
        {"name": "Test macro-F1", "value": _percent(test["macro_f1"]), "words": "every label counts the same"},
        {
            "name": "Commonest label",
            "value": _percent(test["majority_share"]),
            "words": "of the test examples carry it" if several else "is what always answering it would get right",
        },
        {
            "name": "Validation accuracy",
            "value": _percent(metrics["validation"]["accuracy"]),
            "words": f"on {metrics['validation']['examples']} examples, which chose the epoch",
        },
    ]


def _charts(metrics: dict[str, Any]) -> list[Chart]:
    history, best = metrics["history"], metrics["best_epoch"]

    def both(measure: str) -> dict[str, list[float]]:
        return {split: [epoch[f"{split}_{measure}"] for epoch in history] for split in ("train", "validation")}

    return [
        line_chart("Loss", both("loss"), best_epoch=best, percent=False),
        line_chart("Accuracy", both("accuracy"), best_epoch=best, highest=1.0, percent=True),
    ]


def _ending(metrics: dict[str, Any]) -> str:
    settings = metrics["hyperparameters"]
    if not metrics["stopped_early"]:
        return f"All {settings['epochs']} epochs were run."
    return (
        f"Stopped after epoch {len(metrics['history'])} of {settings['epochs']}: for {settings['patience']} epochs the "
        f"validation loss had improved by less than {settings['min_delta']}."
    )


def _matrix(confusion: dict[str, Any]) -> list[dict[str, Any]]:
    labels = confusion["labels"]
    rows = []
    for number, (label, counts) in enumerate(zip(labels, confusion["confusion_matrix"], strict=True)):
        total = max(1, sum(counts))
        cells = [
            {
                "count": count,
                "right": column == number,
                "predicted": labels[column],
                "share": round(FAINTEST + (0.75 - FAINTEST) * count / total, 2),
            }
            for column, count in enumerate(counts)
        ]
        rows.append({"label": label, "cells": cells})
    return rows


def _by_label(confusion: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"label": label, "rightly_not": no[0], "wrong": no[1], "missed": yes[0], "found": yes[1]}
        for label, (no, yes) in zip(confusion["labels"], confusion["confusion_matrix"], strict=True)
    ]


def _confusions(confusion: dict[str, Any]) -> list[dict[str, Any]]:
    labels = confusion["labels"]
    found = [
        {"actual": labels[row], "predicted": labels[column], "count": count}
        for row, counts in enumerate(confusion["confusion_matrix"])
        for column, count in enumerate(counts)
        if count and row != column
    ]
    return sorted(found, key=lambda one: -one["count"])[:MOST_CONFUSIONS]


def _model_facts(metrics: dict[str, Any]) -> list[tuple[str, str]]:
    base, export = metrics["base_model"], metrics["export"]
    where = {
        "channel": "from the pretrained channel",
        "directory": "from a directory",
        "image": "baked into the training image",
        "hub": "from the hub",
        "scratch": "trained from scratch",
    }[base["source"]]
    facts = [
        ("Base model", f"{base['name']}, {where}"),
        ("Parameters", f"{base['parameters']:,}"),
        ("Exported as", "ONNX, int8 weights" if export["quantization"] == "int8" else "ONNX, full precision"),
        ("Size", f"{export['bytes'] / 1e6:.1f} MB"),
        ("int8 agreement", f"{export['agreement']:.1%} of the validation examples predicted as before it"),
    ]
    if export["note"]:
        facts.append(("Note", export["note"]))
    facts.extend((name, version) for name, version in metrics["versions"].items())
    return facts


def _training_facts(metrics: dict[str, Any]) -> list[tuple[str, str]]:
    seconds = metrics["seconds"]
    # What trained may be another base model than the one asked for.
    asked = {"base_model": "base model asked for"}
    facts = [
        (asked.get(name, name.replace("_", " ")), str(value))
        for name, value in metrics["hyperparameters"].items()
        if value
    ]
    facts += [(f"seconds to {name}", f"{seconds[name]:.1f}") for name in ("load", "train", "export")]
    return [*facts, ("seconds in all", f"{seconds['total']:.1f}")]
