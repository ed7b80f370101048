"""Examples one by one: each is fit or refused, and what repeats is remembered."""

import re
from array import array
from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

from trieur.dataset.formats.base import RawExample
from trieur.dataset.labels import LabelNames
from trieur.dataset.limits import LONG_TEXT_BYTES, MAX_EXAMPLES, MAX_TEXT_CHARACTERS
from trieur.dataset.model import AskedMode, DatasetRefused
from trieur.dataset.normal import normalised
from trieur.dataset.wording import ROWS_NAMED, Rows, code_point, counted, quoted, sentence

# Control characters but tab, line feed and carriage return, and halves of surrogate pairs.
_REFUSED: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
# A character that shows: no blank, and none of the marks without width.
_SHOWS: Final = re.compile("[^\\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]")
# What UTF-8 looks like once it was decoded as Windows-1252, and what stands for bytes that could not be decoded.
_MANGLED: Final = re.compile("\u00c3[\u00a0-\u00bf]|\u00e2\u20ac.?|\ufffd")
# UTF-8 takes up to four bytes a character: a shorter text is not long.
_PERHAPS_LONG: Final = LONG_TEXT_BYTES // 4


class Collected:
    """What the examples of a file were, in its order: repeated ones too."""

    def __init__(self, rows: Rows, mode: AskedMode) -> None:
        self.rows = rows
        self.texts: list[str] = []
        self.labels: list[tuple[str, ...]] = []
        self.numbers = array("Q")
        # Where one text (normalised) stands more than once: index of the first example to indices of all.
        self.repeated: dict[int, list[int]] = {}
        self.names = LabelNames(rows)
        self._mode = mode
        self._single: dict[str, tuple[str, ...]] = {}
        self._sets: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._first_single = 0
        self._first_list = 0
        self._first_plural = 0
        self._long = 0
        self._first_long: list[int] = []
        self._mangled = 0
        self._first_mangled: list[int] = []
        self._mangled_as = ""
        self._doubled = 0
        self._first_doubled = 0

    @property
    def has_lists(self) -> bool:
        return self._first_list > 0

    @property
    def has_plurals(self) -> bool:
        """Whether some example has more than one label."""
        return self._first_plural > 0

    def add(self, examples: Iterable[RawExample]) -> None:
        """Raises DatasetRefused at the first example that cannot be used."""
        texts, labels, numbers, single = self.texts, self.labels, self.numbers, self._single
        repeated, first_of = self.repeated, dict[bytes, int]()
        for index, (number, text, label) in enumerate(examples):
            # What `_require_fit` would say nothing about, told apart in C.
            if not (isinstance(text, str) and text.isprintable() and len(text) <= _PERHAPS_LONG and text.strip()):
                text = self._require_fit(number, text)
            if not text.isascii() and (mangled := _MANGLED.search(text)):
                self._note_mangled(number, mangled[0])
            known = single.get(label) if isinstance(label, str) else None
            labels.append(known or self._labels(number, label))
            texts.append(text)
            numbers.append(number)
            digest = blake2b(normalised(text).encode(), digest_size=16).digest()
            first = first_of.setdefault(digest, index)
            if first != index:
                repeated.setdefault(first, [first]).append(index)
            if index == MAX_EXAMPLES:
                raise DatasetRefused(f"The file has more than {MAX_EXAMPLES:,} examples, the most a dataset may hold.")

    def warnings(self) -> list[str]:
        warnings = self.names.warnings()
        if self._long:
            warnings.append(
                f"{counted(self._long, 'text')} longer than {LONG_TEXT_BYTES:,} bytes"
                f" ({self.rows.some(self._first_long, self._long)}): models read the beginning only, and Comprehend's"
                " real-time endpoint takes no longer ones."
            )
        if self._mangled:
            warnings.append(
                f"{counted(self._mangled, 'text')} perhaps decoded wrongly, with {quoted(self._mangled_as)} in the"
                f" first ({self.rows.some(self._first_mangled, self._mangled)}): look where the file comes from."
            )
        if self._doubled:
            where = f"{counted(self._doubled, 'row')}, the first {self.rows.one(self._first_doubled)}"
            warnings.append(f"A label stands twice in {where}: it counts once.")
        return warnings

    def _require_fit(self, number: int, text: object) -> str:
        if not isinstance(text, str):
            raise self._refusal(number, f"has {quoted(text)} for a text: write a string or remove the row")
        if len(text) > MAX_TEXT_CHARACTERS:
            raise self._refusal(
                number,
                f"has a text of {len(text):,} characters, and {MAX_TEXT_CHARACTERS:,} is the most: shorten it, models"
                " read the beginning only",
            )
        if bad := _REFUSED.search(text):
            kind = "half of a surrogate pair" if bad[0] >= "\ud800" else "a control character"
            raise self._refusal(
                number,
                f"has {code_point(bad[0])}, {kind}, at character {bad.start() + 1:,} of its text: remove it or"
                " export the file again",
            )
        if not _SHOWS.search(text):
            raise self._refusal(number, f"has an empty text, {quoted(text)}: write one or remove the row")
        if len(text) > _PERHAPS_LONG and len(text.encode()) > LONG_TEXT_BYTES:
            self._long += 1
            if len(self._first_long) < ROWS_NAMED:
                self._first_long.append(number)
        return text

    def _note_mangled(self, number: int, mangled: str) -> None:
        self._mangled_as = self._mangled_as or mangled
        self._mangled += 1
        if len(self._first_mangled) < ROWS_NAMED:
            self._first_mangled.append(number)

    def _labels(self, number: int, found: object) -> tuple[str, ...]:
        if isinstance(found, list):
            self._first_list = self._first_list or number
            labels = self._several(number, found)
        elif found is None:
            raise self._refusal(number, "has null for a label: name it or remove the row")
        else:
            self._first_single = self._first_single or number
            name = self.names.name(number, found)
            labels = self._sets.setdefault((name,), (name,))
            if isinstance(found, str):
                self._single[found] = labels
        if self._mode == "auto" and self._first_list and self._first_single:
            listed, alone = self.rows.one(self._first_list), self.rows.one(self._first_single)
            raise DatasetRefused(
                sentence(
                    f"{listed} has a list of labels and {alone} a single one: write a list in every row, or in none"
                )
            )
        return labels

    def _several(self, number: int, found: list[object]) -> tuple[str, ...]:
        if not found:
            raise self._refusal(number, "has an empty list of labels: name one or remove the row")
        names = [self.names.name(number, label) for label in found]
        distinct = tuple(sorted(set(names)))
        if len(distinct) < len(names):
            self._doubled += 1
            self._first_doubled = self._first_doubled or number
        if len(distinct) > 1:
            if self._mode == "multi-class":
                raise self._refusal(
                    number,
                    f"has {len(distinct)} labels, and a multi-class dataset has one a text: set the mode multi-label",
                )
            self._first_plural = self._first_plural or number
        return self._sets.setdefault(distinct, distinct)

    def _refusal(self, number: int, words: str) -> DatasetRefused:
        return DatasetRefused(sentence(f"{self.rows.one(number)} {words}"))
