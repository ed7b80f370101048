"""Both backends on the same test examples: how good, how fast, how dear; and a decision matrix."""

from trieur.comparison.comparison import Comparison, Side, compare
from trieur.comparison.markdown import markdown
from trieur.comparison.matrix import BACKEND_NAMES, COLUMNS, Criterion, Matrix, published
from trieur.comparison.notes_file import NotesRefused, read_notes
from trieur.comparison.page import html
from trieur.comparison.pairs import NothingToCompare, Pair, find_pair
from trieur.comparison.statistics import Paired, mcnemar

__all__ = [
    "BACKEND_NAMES",
    "COLUMNS",
    "Comparison",
    "Criterion",
    "Matrix",
    "NotesRefused",
    "NothingToCompare",
    "Pair",
    "Paired",
    "Side",
    "compare",
    "find_pair",
    "html",
    "markdown",
    "mcnemar",
    "published",
    "read_notes",
]
