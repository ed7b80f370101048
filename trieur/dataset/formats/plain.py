"""Records with a text and a label under keys of those names, or synonyms of them."""

from collections.abc import Iterable, Iterator
from typing import Final

from trieur.dataset.formats.base import RawExample, refusal
from trieur.dataset.formats.keys import (
    LABEL_KEYS,
    TEXT_KEYS,
    candidates,
    choose,
    ignored,
    is_plural,
    same_key,
)
from trieur.dataset.model import DatasetRefused
from trieur.dataset.records import Record
from trieur.dataset.wording import Rows, first_listed, quoted

# Beyond so many different sets of keys, each row's are looked at anew rather than remembered.
_KEY_SETS_REMEMBERED: Final = 1_000


class Plain:
    """`{"text": ..., "label": ...}`, `{"utterance": ..., "intent": ...}`, ...; every row under the same two keys."""

    def __init__(self, name: str, rows: Rows, records: Iterable[Record], start: list[Record]) -> None:
        """`start` holds the first records, two where there are as many, which `records` gives again."""
        self.name = name
        self.rows = rows
        self._records = records
        self._first = start[0]
        self._text_key, text_warnings = self._choose(TEXT_KEYS, start)
        self._label_key, label_warnings = self._choose(LABEL_KEYS, start)
        self._warnings = text_warnings + label_warnings
        # Keys of later rows that might have been chosen, had they been in the first.
        self._ignored: set[str] = set()

    @property
    def several(self) -> bool:
        return is_plural(self._label_key)

    def warnings(self) -> list[str]:
        return self._warnings

    def examples(self) -> Iterator[RawExample]:
        text_key, label_key, known = self._text_key, self._label_key, set[tuple[str, ...]]()
        for row in self._records:
            number, record = row
            keys = tuple(record)
            if keys not in known:
                self._require_same_keys(row)
                if len(known) < _KEY_SETS_REMEMBERED:
                    known.add(keys)
            yield number, record[text_key], record[label_key]

    def _choose(self, names: tuple[str, ...], start: list[Record]) -> tuple[str, list[str]]:
        number, record = start[0]
        found = candidates(record, names)
        if found:
            chosen = choose(found, names, self.rows.one(number).capitalize())
            return chosen, ignored(found, chosen)
        for other in start[1:]:
            for key in candidates(other[1], names):
                raise self._mixed(start[0], key, other)
        keys = first_listed(map(quoted, record), len(record)) or "no key at all"
        raise refusal(self.rows, number, f"has no {names[0]}: it has {keys}, and one of {', '.join(names)} is wanted")

    def _require_same_keys(self, row: Record) -> None:
        number, record = row
        for chosen, names in ((self._text_key, TEXT_KEYS), (self._label_key, LABEL_KEYS)):
            if chosen not in record:
                raise self._mixed(row, chosen, self._first)
            found = candidates(record, names)
            new = [key for key in found if key not in self._first[1]]
            if new and same_key(chosen) == names[0] and not any(map(is_plural, new)):
                self._warnings += ignored([chosen, *(key for key in new if key not in self._ignored)], chosen)
                self._ignored.update(new)
            elif new:
                raise refusal(
                    self.rows,
                    number,
                    f"has {first_listed(map(quoted, found), len(found))} where {self.rows.one(self._first[0])} has"
                    f" {quoted(chosen)} alone: name the key alike in every row",
                )

    def _mixed(self, row: Record, wanted: str, other: Record) -> DatasetRefused:
        number, record = row
        own = [key for key in record if key not in other[1]]
        if not own:
            return refusal(self.rows, number, f"has no {quoted(wanted)}, as {self.rows.one(other[0])} has: add it")
        return refusal(
            self.rows,
            number,
            f"has {first_listed(map(quoted, own), len(own))} where {self.rows.one(other[0])} has {quoted(wanted)}:"
            " name the key alike in every row",
        )
