"""Labels as they were found become names, each written in one way only."""

import json
import unicodedata
from typing import Final

from trieur.dataset.limits import MAX_LABEL_CHARACTERS, MAX_MULTI_CLASS_LABELS
from trieur.dataset.model import DatasetRefused
from trieur.dataset.normal import label_key
from trieur.dataset.wording import Rows, code_point, first_listed, quoted, sentence

# Between the labels of one CSV cell, as Comprehend reads them.
LABEL_SEPARATOR: Final = "|"

# Control characters, invisible ones, halves of surrogate pairs, private use, line and paragraph separators.
_REFUSED_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
# Tab, ends of lines and the spaces of Unicode (category Zs); other control characters are no blanks here.
_OUTER_BLANKS: Final = (
    "\t\r\n \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
)

_Spelling = tuple[type, str | int | float | bool]


class LabelNames:
    """The names of the labels seen so far. `name` raises DatasetRefused for what cannot be one."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._names: dict[_Spelling, str] = {}
        # By what the spellings of one label have in common: the spelling met first and its row.
        self._owners: dict[str, tuple[object, int]] = {}
        self._stripped: list[str] = []
        self._joined: list[str] = []

    def name(self, number: int, found: object) -> str:
        """The name of the label `found` in the row `number`: a string as it is, another scalar as JSON writes it."""
        if not isinstance(found, str | int | float):
            raise self._refusal(number, f"has {quoted(found)} for a label: write its name")
        # The type counts: 1, 1.0 and true are equal in Python.
        spelling = (type(found), found)
        known = self._names.get(spelling)
        if known is None:
            known = self._names[spelling] = self._admit(number, found)
        return known

    def warnings(self) -> list[str]:
        warnings = []
        if self._stripped:
            warnings.append(
                f"Blanks were removed around the label {first_listed(self._stripped, len(self._stripped))}."
            )
        if self._joined:
            warnings.append(
                f"The label {first_listed(self._joined, len(self._joined))} is taken whole: if it stands for several,"
                " write a list of them, or name the column of a CSV labels."
            )
        return warnings

    def _admit(self, number: int, found: str | int | float) -> str:
        name = found.strip(_OUTER_BLANKS) if isinstance(found, str) else json.dumps(found)
        self._require_usable(number, name)
        owner, row = self._owners.setdefault(label_key(name), (found, number))
        if owner is not found:
            raise DatasetRefused(
                sentence(
                    f"{self._rows.one(row)} has the label {quoted(owner)} and {self._rows.one(number)} has"
                    f" {quoted(found)}, which differ only {_difference(owner, found)}: write the label in one way"
                )
            )
        if len(self._owners) > MAX_MULTI_CLASS_LABELS:
            raise self._refusal(
                number,
                f"brings label number {len(self._owners):,}, {quoted(name)}, and {MAX_MULTI_CLASS_LABELS:,} is the"
                " most: look whether that key or column holds the labels",
            )
        if isinstance(found, str) and name != found:
            self._stripped.append(f"{quoted(found)} ({self._rows.one(number)})")
        if LABEL_SEPARATOR in name or (name[0] == "[" and name[-1] == "]"):
            self._joined.append(f"{quoted(name)} ({self._rows.one(number)})")
        return name

    def _require_usable(self, number: int, name: str) -> None:
        if not name:
            raise self._refusal(number, "has an empty label: name it or remove the row")
        if len(name) > MAX_LABEL_CHARACTERS:
            raise self._refusal(
                number, f"has a label of {len(name):,} characters, and {MAX_LABEL_CHARACTERS:,} is the most"
            )
        for at, character in enumerate(name, 1):
            if unicodedata.category(character) in _REFUSED_CATEGORIES:
                raise self._refusal(
                    number,
                    f"has {code_point(character)}, a control or invisible character, at character {at:,} of the label"
                    f" {quoted(name)}: remove it",
                )

    def _refusal(self, number: int, words: str) -> DatasetRefused:
        return DatasetRefused(sentence(f"{self._rows.one(number)} {words}"))


def _difference(one: object, other: object) -> str:
    if type(one) is not type(other) or not isinstance(one, str):
        return "in how a value is written"
    return "by case, blanks, the form of an accent or decimal zeros"
