"""What `trieur compare` shows people."""

from rich import box
from rich.table import Table
from rich.text import Text

from trieur.cli.output import Paper
from trieur.comparison import BACKEND_NAMES, COLUMNS, Comparison, Matrix
from trieur.comparison.rows import column_heads, load_sentence, measured_rows, note_of, paired_sentence, rules_of
from trieur.comparison.titles import CAVEATS, MATRIX, RULES, SUM, title
from trieur.costs import number


def print_all(paper: Paper, matrix: Matrix, comparison: Comparison | None) -> None:
    """What was measured, if anything was, and the matrix with how its notes came about."""
    if comparison is not None:
        _print_measured(paper, comparison)
        paper.print()
    paper.print(_matrix(matrix, comparison))
    paper.print(Text(matrix.verdict().en, "bold"))
    paper.print(Text(matrix.source.en, "dim"))
    rules = list(rules_of(matrix))
    if rules:
        paper.print()
        paper.print(Text(RULES.en, "bold"))
        for name, rule in rules:
            paper.print(Text(f"- {name.en}: {rule.en}"))


def _print_measured(paper: Paper, comparison: Comparison) -> None:
    paper.print(Text(title(comparison).en, "bold"))
    paper.print(Text(comparison.dataset, "dim"))
    if comparison.caveats:
        paper.print()
        paper.print(Text(f"{CAVEATS.en}:", "bold yellow"))
        for caveat in comparison.caveats:
            paper.print(Text(f"- {caveat.en}", "yellow"))
    heads = column_heads(comparison)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    for backend in COLUMNS:
        table.add_column(heads[backend].en, overflow="fold", ratio=1)
    for row in measured_rows(comparison):
        table.add_row(Text(row.name.en), *(Text(row.values[backend].en) for backend in COLUMNS))
    paper.print(table)
    paper.print(Text(paired_sentence(comparison).en))
    paper.print(Text(load_sentence(comparison).en))


def _matrix(matrix: Matrix, comparison: Comparison | None) -> Table:
    most = number(matrix.most)
    heads = None if comparison is None else column_heads(comparison)
    table = Table(
        title=Text(MATRIX.en, "bold"), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, show_footer=True
    )
    table.add_column("Criterion", SUM.en, overflow="fold")
    table.add_column("Coefficient", "", justify="right")
    for backend in COLUMNS:
        total = Text(f"{number(matrix.total(backend))} / {most}", "bold green" if matrix.winner == backend else "")
        table.add_column(heads[backend].en if heads else BACKEND_NAMES[backend], total, justify="right")
    for one in matrix.criteria:
        table.add_row(Text(one.name.en), number(one.coefficient), *(note_of(one, backend) for backend in COLUMNS))
    return table
