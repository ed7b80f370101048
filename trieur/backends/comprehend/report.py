"""report.html: what a person wants to know about a training, on one page that opens without a network."""

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from pathlib import Path
from string import Template
from typing import Any, Final

from trieur.runs import Run

# Above this, the table is megabytes that nobody reads; confusion_matrix.json has it all.
MOST_LABELS_IN_MATRIX: Final = 80
# A longer label is cut off at the head of a column: all of them have numbers there instead.
LONGEST_COLUMN_HEAD: Final = 20
# Above this, warnings are folded, lest they push the figures off the page.
MOST_WARNINGS_UNFOLDED: Final = 4
_FAINTEST, _STRONGEST = 0.15, 0.75
_REPORTED: Final = (
    ("Accuracy", "Accuracy", "accuracy"),
    ("Macro precision", "Precision", "macro_precision"),
    ("Macro recall", "Recall", "macro_recall"),
    ("Macro F1", "F1Score", "macro_f1"),
)


def render_report(run: Run, metrics: Mapping[str, Any], confusion: Mapping[str, Any]) -> str:
    """The page, as HTML text; `confusion` belongs to the metrics under `test`."""
    page = Template(Path(__file__).with_name("report.html").read_text(encoding="utf-8"))
    test = metrics["test"]
    return page.substitute(
        classifier=escape(run.classifier),
        run_id=escape(run.run_id),
        label_count=f"{len(metrics['labels']):,}",
        mode=escape(metrics["mode"]),
        language=escape(run.settings.language),
        notes="\n".join(_notes(run, metrics)),
        tiles="\n".join(_tiles(metrics)),
        evaluation=_evaluation(metrics),
        confusion=_confusion(confusion),
        source=escape(metrics["test_source"]),
        by_label="\n".join(
            _row(label, [*(f"{scores[name]:.1%}" for name in ("precision", "recall", "f1")), f"{scores['support']:,}"])
            for label, scores in test["per_label"].items()
        ),
        facts="\n".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in _facts(run, metrics)),
    )


def _notes(run: Run, metrics: Mapping[str, Any]) -> Iterator[str]:
    note = metrics["base_model"]["note"]
    if note:
        yield _section("note", f"<p>{escape(note)}</p>")
    evaluation = metrics["evaluation"]
    if evaluation and not evaluation["agrees"]:
        yield _section("alarm", f"<p>{escape(evaluation['sentence'])}</p>")
    if metrics["comprehend"]["disagreements"]:
        yield _section("note", _paragraphs(metrics["comprehend"]["disagreements"]))
    warnings = [*run.dataset.warnings, *run.split_notes]
    if len(warnings) > MOST_WARNINGS_UNFOLDED:
        title = f"{len(warnings):,} remarks on the dataset and its splits"
        yield _section("note", f"<details><summary>{title}</summary>{_paragraphs(warnings)}</details>")
    elif warnings:
        yield _section("note", _paragraphs(warnings))


def _tiles(metrics: Mapping[str, Any]) -> Iterator[str]:
    test, several = metrics["test"], metrics["mode"] == "multi-label"
    evaluation = metrics["evaluation"]
    right = f"{round(test['accuracy'] * test['examples']):,} of {test['examples']:,} test examples"
    if several and not (evaluation and evaluation["examples"] == evaluation["of"]):
        # AWS's pages count right labels, of a multi-label model too, not texts.
        words = f"as Comprehend reports it, of {test['examples']:,} test examples"
    else:
        words = f"{right}{' with every label' if several else ''} right"
    share = "of the test examples carry it" if several else "is what always answering it would get right"
    yield _tile("Test accuracy", test["accuracy"], words)
    yield _tile("Test macro-F1", test["macro_f1"], "every label counts the same")
    yield _tile("Commonest label", test["majority_share"], share)


def _tile(name: str, share: float, words: str) -> str:
    return _section(
        "",
        f'<p class="soft small">{escape(name)}</p><p class="value">{share:.1%}</p>'
        f'<p class="soft small">{escape(words)}</p>',
    )


def _evaluation(metrics: Mapping[str, Any]) -> str:
    """Comprehend's figures beside our own, where the endpoint was asked."""
    theirs, ours = metrics["comprehend"]["test"], metrics["evaluation"]
    reported = metrics["comprehend"]["reported"].get("EvaluationMetrics", {})
    several = metrics["mode"] == "multi-label"
    rows = [
        _row(
            title,
            [
                _share(reported.get(name)),
                # A multi-label model's matrices, one a label, do not tell how many texts were right.
                _share(None if several and key == "accuracy" else theirs[key]),
                _share(ours[key] if ours else None),
            ],
        )
        for title, name, key in _REPORTED
    ]
    words = (
        ours["sentence"] if ours else "The model was not asked through an endpoint: the figures are Comprehend's own."
    )
    return _section(
        "",
        f"<h2>Comprehend's figures and ours</h2><p>{escape(words)}</p>"
        + _table(["", "Reported by Comprehend", "From its confusion matrix", "Through the endpoint"], rows),
    )


def _confusion(confusion: Mapping[str, Any]) -> str:
    labels = confusion["labels"]
    if confusion["type"] == "multi_label":
        rows = [
            _row(label, [f"{count:,}" for count in (yes[1], yes[0], no[1], no[0])])
            for label, (no, yes) in zip(labels, confusion["confusion_matrix"], strict=True)
        ]
        titles = ["Label", "found", "missed", "wrongly given", "rightly not given"]
        return _section(
            "",
            '<h2>Right and wrong, by label</h2><p class="soft small">Test examples; each label is predicted or not by'
            f" itself.</p>{_table(titles, rows)}",
        )
    if len(labels) > MOST_LABELS_IN_MATRIX:
        words = f"{len(labels):,} labels are too many for a table here; the whole matrix is in confusion_matrix.json."
        return _section("", f'<h2>Confusion matrix</h2><p class="soft small">{words}</p>')
    numbered = any(len(label) > LONGEST_COLUMN_HEAD for label in labels)
    names = [f"{number:,}. {label}" if numbered else label for number, label in enumerate(labels, 1)]
    numbers = ", by the rows' numbers" if numbered else ""
    heads = [str(number) if numbered else f"<div>{escape(label)}</div>" for number, label in enumerate(labels, 1)]
    head = "".join(
        f'<th scope="col" title="{escape(label)}">{words}</th>' for label, words in zip(labels, heads, strict=True)
    )
    body = "\n".join(
        _matrix_row(number, names[number], labels, counts)
        for number, counts in enumerate(confusion["confusion_matrix"])
    )
    return _section(
        "",
        '<h2>Confusion matrix</h2><p class="soft small">Test examples; rows are what they are, columns what was'
        f' predicted{numbers}. Blue is right, red is wrong.</p><div class="scroll"><table class="matrix"><thead><tr>'
        f'<th scope="col">is ↓ predicted →</th>{head}</tr></thead><tbody>\n{body}\n</tbody></table></div>',
    )


def _matrix_row(number: int, name: str, labels: list[str], counts: list[int]) -> str:
    total, cells = max(1, sum(counts)), []
    for column, count in enumerate(counts):
        share = _FAINTEST + (_STRONGEST - _FAINTEST) * count / total
        colour = "--right" if column == number else "--wrong"
        title = escape(f"{labels[number]} predicted as {labels[column]}: {count}")
        cells.append(
            f'<td style="background:rgba(var({colour}),{share:.2f})" title="{title}">{count}</td>'
            if count
            else "<td></td>"
        )
    label = escape(labels[number])
    return f'<tr><th scope="row" title="{label}"><div>{_breakable(name)}</div></th>{"".join(cells)}</tr>'


def _facts(run: Run, metrics: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    reported, training = metrics["comprehend"]["reported"], run.training
    train = sum(run.splits[name].examples for name in ("train", "validation"))
    yield "Dataset", f"s3://{run.dataset.bucket}/{run.dataset.key}, version {run.dataset.version}"
    yield "Document classifier", metrics["comprehend"]["arn"]
    yield "Training examples", f"{train:,}, the splits train and validation together"
    yield "Test examples", f"{run.splits['test'].examples:,}"
    for name, words in (("NumberOfTrainedDocuments", "Trained on"), ("NumberOfTestDocuments", "Tested on")):
        if name in reported:
            yield words, f"{reported[name]:,} documents, as Comprehend reports"
    for name, words in (("data_format", "Format"), ("label_delimiter", "Between labels"), ("output", "Output")):
        if name in training:
            yield words, str(training[name])
    for name, words in (("train", "Seconds to train"), ("total", "Seconds in all")):
        if metrics["seconds"][name] is not None:
            yield words, f"{metrics['seconds'][name]:,.0f}"


def _paragraphs(sentences: Iterable[str]) -> str:
    return "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)


def _section(kind: str, content: str) -> str:
    return f'<section class="{kind}">{content}</section>' if kind else f"<section>{content}</section>"


def _table(titles: Iterable[str], rows: Iterable[str]) -> str:
    first, *others = titles
    numbers = "".join(f'<th scope="col" class="number">{escape(title)}</th>' for title in others)
    return (
        f'<div class="scroll"><table class="wide"><thead><tr><th scope="col">{escape(first)}</th>{numbers}</tr></thead>'
        f"<tbody>\n{chr(10).join(rows)}\n</tbody></table></div>"
    )


def _row(name: str, numbers: Iterable[str]) -> str:
    cells = "".join(f'<td class="number">{escape(number)}</td>' for number in numbers)
    return f'<tr><th scope="row">{_breakable(name)}</th>{cells}</tr>'


def _breakable(name: str) -> str:
    """A long name breaks after an underscore rather than anywhere."""
    return escape(name).replace("_", "_<wbr>")


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"
