"""A comparison, or a matrix alone, as Markdown."""

from collections.abc import Iterable, Iterator, Sequence

from trieur.comparison.comparison import Comparison
from trieur.comparison.matrix import BACKEND_NAMES, COLUMNS, Matrix
from trieur.comparison.rows import COLON, column_heads, load_sentence, measured_rows, note_of, paired_sentence, rules_of
from trieur.comparison.titles import CAVEATS, COEFFICIENT, CRITERION, MATRIX, MEASURED, RULES, SUM, title
from trieur.costs.wording import Language, number


def markdown(matrix: Matrix, comparison: Comparison | None = None, language: Language = "en") -> str:
    """The document; `comparison` is what the matrix was made of, if anything was measured."""
    return "\n".join(_lines(matrix, comparison, language)) + "\n"


def _lines(matrix: Matrix, comparison: Comparison | None, language: Language) -> Iterator[str]:
    yield f"# {_escaped(title(comparison).of(language))}"
    if comparison is not None:
        yield from _measured(comparison, language)
    heads = (
        [BACKEND_NAMES[backend] for backend in COLUMNS]
        if comparison is None
        else [column_heads(comparison)[backend].of(language) for backend in COLUMNS]
    )
    yield from ["", f"## {MATRIX.of(language)}", "", _escaped(matrix.source.of(language)), ""]
    yield from _table([CRITERION.of(language), COEFFICIENT.of(language), *heads], _matrix_rows(matrix, language))
    yield from ["", f"**{_escaped(matrix.verdict().of(language))}**"]
    rules = list(rules_of(matrix))
    if rules:
        yield from ["", f"## {RULES.of(language)}", ""]
        yield from (
            f"- {_escaped(name.of(language))}{COLON.of(language)} {_escaped(rule.of(language))}" for name, rule in rules
        )


def _measured(comparison: Comparison, language: Language) -> Iterator[str]:
    yield from ["", _escaped(comparison.dataset)]
    if comparison.caveats:
        yield from ["", f"> **{CAVEATS.of(language)}**"]
        for caveat in comparison.caveats:
            yield from [">", f"> {_escaped(caveat.of(language))}"]
    heads = [column_heads(comparison)[backend].of(language) for backend in COLUMNS]
    yield from ["", f"## {MEASURED.of(language)}", ""]
    yield from _table(
        ["", *heads],
        (
            [row.name.of(language), *(row.values[backend].of(language) for backend in COLUMNS)]
            for row in measured_rows(comparison)
        ),
    )
    yield from ["", _escaped(paired_sentence(comparison).of(language))]
    yield from ["", _escaped(load_sentence(comparison).of(language))]


def _matrix_rows(matrix: Matrix, language: Language) -> Iterator[list[str]]:
    for one in matrix.criteria:
        notes = (note_of(one, backend, language) for backend in COLUMNS)
        yield [one.name.of(language), number(one.coefficient, language), *notes]
    totals = (f"{number(matrix.total(backend), language)} / {number(matrix.most, language)}" for backend in COLUMNS)
    yield [SUM.of(language), "", *totals]


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield _row(heads)
    yield _row(["---"] * len(heads), escape=False)
    yield from map(_row, rows)


def _row(cells: Sequence[str], escape: bool = True) -> str:
    return "| " + " | ".join(_escaped(cell) if escape else cell for cell in cells) + " |"


def _escaped(text: str) -> str:
    """The text with nothing in it that Markdown would read as its own; on one line."""
    line = " ".join(text.split())
    for mark in "\\`*_<>[]|":
        line = line.replace(mark, f"\\{mark}")
    return line
