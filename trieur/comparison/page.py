"""A comparison, or a matrix alone, as one page that opens without a network."""

from html import escape

from trieur.comparison.comparison import Comparison
from trieur.comparison.matrix import BACKEND_NAMES, COLUMNS, Matrix
from trieur.comparison.rows import COLON, column_heads, load_sentence, measured_rows, note_of, paired_sentence, rules_of
from trieur.comparison.titles import CAVEATS, COEFFICIENT, CRITERION, MATRIX, MEASURED, RULES, SUM, title
from trieur.costs.frame import page, scrolled
from trieur.costs.wording import Language, number


def html(matrix: Matrix, comparison: Comparison | None = None, language: Language = "en") -> str:
    """One self-contained page; `comparison` is what the matrix was made of, if anything was measured."""
    return page(title(comparison).of(language), language, body(matrix, comparison, language))


def body(matrix: Matrix, comparison: Comparison | None, language: Language) -> str:
    """What is in the page's `main`, for a page of somebody else's."""
    dataset = f'<p class="soft">{escape(comparison.dataset)}</p>' if comparison else ""
    parts = [f"<header><h1>{escape(title(comparison).of(language))}</h1>{dataset}</header>"]
    if comparison is not None and comparison.caveats:
        said = "".join(f"<p>{escape(caveat.of(language))}</p>" for caveat in comparison.caveats)
        parts.append(f'<section class="note"><h2>{CAVEATS.of(language)}</h2>{said}</section>')
    if comparison is not None:
        parts.append(_measured(comparison, language))
    parts.append(_matrix(matrix, comparison, language))
    rules = [
        f"<li><strong>{escape(name.of(language))}</strong>{COLON.of(language)} {escape(rule.of(language))}</li>"
        for name, rule in rules_of(matrix)
    ]
    if rules:
        parts.append(f'<section class="small"><h2>{RULES.of(language)}</h2><ul>{"".join(rules)}</ul></section>')
    return "\n".join(parts)


def _measured(comparison: Comparison, language: Language) -> str:
    heads = column_heads(comparison)
    rows = "".join(
        f'<tr><th scope="row">{escape(row.name.of(language))}</th>'
        + "".join(f"<td>{escape(row.values[backend].of(language))}</td>" for backend in COLUMNS)
        + "</tr>"
        for row in measured_rows(comparison)
    )
    columns = "".join(f'<th scope="col">{escape(heads[backend].of(language))}</th>' for backend in COLUMNS)
    table = f"<table><thead><tr><td></td>{columns}</tr></thead><tbody>{rows}</tbody></table>"
    sentences = (paired_sentence(comparison), load_sentence(comparison))
    said = "".join(f'<p class="small">{escape(sentence.of(language))}</p>' for sentence in sentences)
    name = MEASURED.of(language)
    return f"<section><h2>{name}</h2>{scrolled(table, name)}{said}</section>"


def _matrix(matrix: Matrix, comparison: Comparison | None, language: Language) -> str:
    names = {
        backend: BACKEND_NAMES[backend] if comparison is None else column_heads(comparison)[backend].of(language)
        for backend in COLUMNS
    }
    head = (
        f'<th scope="col">{CRITERION.of(language)}</th>'
        f'<th scope="col" class="number coefficient">{COEFFICIENT.of(language)}</th>'
        + "".join(f'<th scope="col" class="number">{escape(names[backend])}</th>' for backend in COLUMNS)
    )
    rows = "".join(
        f'<tr><th scope="row">{escape(one.name.of(language))}</th>'
        f'<td class="number coefficient">{number(one.coefficient, language)}</td>'
        + "".join(f'<td class="number">{note_of(one, backend, language)}</td>' for backend in COLUMNS)
        + "</tr>"
        for one in matrix.criteria
    )
    most = number(matrix.most, language)
    sums = "".join(
        f'<td class="number{" mark" if matrix.winner == backend else ""}">'
        f"{'✓ ' if matrix.winner == backend else ''}{number(matrix.total(backend), language)} / {most}</td>"
        for backend in COLUMNS
    )
    table = (
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody>"
        f'<tfoot><tr><th scope="row">{SUM.of(language)}</th><td class="coefficient"></td>{sums}</tr></tfoot></table>'
    )
    name = MATRIX.of(language)
    return (
        f'<section><h2>{name}</h2><p class="small soft">{escape(matrix.source.of(language))}</p>'
        f"{scrolled(table, name)}<p><strong>{escape(matrix.verdict().of(language))}</strong></p></section>"
    )
