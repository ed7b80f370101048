"""Small training jobs: /opt/ml folders with splits that a network from scratch learns in seconds."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

GREETINGS = ("Bonjour", "Salut", "Hello", "Coucou", "Bonsoir", "Dis donc", "Alors", "Hé")
SUBJECTS = {
    "météo": (
        "quel temps fait-il demain ?",
        "va-t-il pleuvoir ?",
        "il fait beau ?",
        "la météo du jour",
        "neige-t-il ?",
    ),
    "heure": ("quelle heure est-il ?", "tu as l'heure ?", "donne-moi l'heure", "il est quelle heure ?", "l'heure svp"),
    "blague": ("raconte une blague", "fais-moi rire", "une blague stp", "dis un truc drôle", "fais rire les collègues"),
}
SPLITS = {"train": range(0, 24), "validation": range(24, 32), "test": range(32, 40)}


def multi_class_rows(split: str) -> list[dict[str, object]]:
    """Rows of three labels; no text is in two splits."""
    return [
        {"text": f"{GREETINGS[number // 5]}, {texts[number % 5]}", "label": label}
        for label, texts in SUBJECTS.items()
        for number in SPLITS[split]
    ]


def multi_label_rows(split: str) -> list[dict[str, object]]:
    """Rows that carry one label or two, and a few that carry none."""
    labels = list(SUBJECTS)
    rows: list[dict[str, object]] = []
    for number in SPLITS[split]:
        for position, label in enumerate(labels):
            other = labels[(position + 1) % len(labels)]
            greeting, text = GREETINGS[number // 5], SUBJECTS[label][number % 5]
            rows.append({"text": f"{greeting}, {text}", "labels": [label]})
            rows.append({"text": f"{greeting}, {text} et {SUBJECTS[other][number % 5]}", "labels": [label, other]})
        rows.append({"text": f"{GREETINGS[number // 5]} à tous {number}", "labels": []})
    return rows


def write_split(root: Path, channel: str, rows: Sequence[Mapping[str, object]]) -> Path:
    folder = root / "input" / "data" / channel
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{channel}.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def write_job(root: Path, mode: str = "multi-class", **hyperparameters: str) -> Path:
    """An /opt/ml folder at `root` that is ready to train; returns `root`."""
    rows = multi_class_rows if mode == "multi-class" else multi_label_rows
    for split in SPLITS:
        write_split(root, split, rows(split))
    config = root / "input" / "config"
    config.mkdir(parents=True, exist_ok=True)
    (config / "hyperparameters.json").write_text(json.dumps({"mode": mode, **hyperparameters}))
    return root
