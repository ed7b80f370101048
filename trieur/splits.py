"""Train, validation and test: made once per dataset version, and the same for every backend.

A text's split follows from the text alone. Its normalised form is hashed (BLAKE2b, 8 bytes, read as a big-endian
fraction of 1): below `train` it is for training, below `train + validation` for validation, else for the test. So a
text is never in two splits, and adding examples moves no other.

Then the one repair. A label that is missing from a split is given one there: of its texts in the split that has most
of them, the one whose hash lies nearest to the split in want moves over, unless that would take a label's last text
away; then room is made first, by moving a text of the label that stands in the way. Labels are repaired from the
rarest to the most frequent, in the order of their names where they are equally frequent.
"""

import io
import json
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from heapq import nsmallest
from typing import Final, Literal

from trieur.dataset import Dataset, normalised
from trieur.dataset.wording import quoted

SplitName = Literal["train", "validation", "test"]
SPLITS: Final[tuple[SplitName, ...]] = ("train", "validation", "test")

_WHOLE: Final = 1 << 64
_LINES_AT_ONCE: Final = 10_000
# How many texts may have to make room, one for the other, and how many are tried for each.
_ROOM_DEPTH: Final = 3
_ROOM_BREADTH: Final = 12


@dataclass(frozen=True, slots=True)
class Splits:
    """Indices into the dataset's examples, in its order, and what the repair did, as sentences for people."""

    train: list[int]
    validation: list[int]
    test: list[int]
    notes: list[str]

    def parts(self) -> dict[str, list[int]]:
        return {"train": self.train, "validation": self.validation, "test": self.test}


def make_splits(dataset: Dataset, train: float = 0.70, validation: float = 0.15, test: float = 0.15) -> Splits:
    """The splits of the dataset, of about the given fractions; raises ValueError when these do not add up to 1."""
    if min(train, validation, test) <= 0 or abs(train + validation + test - 1) > 1e-9:
        raise ValueError(
            f"train, validation and test are {train:g}, {validation:g} and {test:g}; they are positive and add up to 1"
        )
    bounds = (0, round(train * _WHOLE), round((train + validation) * _WHOLE), _WHOLE)
    hashes = array("Q", map(_text_hash, dataset.texts))
    places = bytearray((value >= bounds[1]) + (value >= bounds[2]) for value in hashes)
    notes: list[str] = []
    if _some_label_missing(dataset.labels, places):
        repair = _Repair(dataset, hashes, places, bounds)
        notes = repair.notes
        places = bytearray(map(repair.places.__getitem__, hashes))
    members: tuple[list[int], list[int], list[int]] = ([], [], [])
    for index, place in enumerate(places):
        members[place].append(index)
    return Splits(*members, notes=notes)


def to_jsonl(dataset: Dataset, indices: Sequence[int]) -> bytes:
    """The examples at `indices`, one a line: `{"text": ..., "label": ...}`, or `"labels": [...]` in mode multi-label.

    The JSON is ASCII, so that no reader takes U+2028 in a text for the end of a line.
    """
    several = dataset.mode == "multi-label"
    ends = {
        labels: f', "labels": {json.dumps(labels)}}}\n' if several else f', "label": {json.dumps(labels[0])}}}\n'
        for labels in set(dataset.labels)
    }
    written = io.BytesIO()
    for start in range(0, len(indices), _LINES_AT_ONCE):
        lines = (
            f'{{"text": {json.dumps(dataset.texts[index])}{ends[dataset.labels[index]]}'
            for index in indices[start : start + _LINES_AT_ONCE]
        )
        written.write("".join(lines).encode("ascii"))
    return written.getvalue()


def _text_hash(text: str) -> int:
    return int.from_bytes(blake2b(normalised(text).encode(), digest_size=8).digest(), "big")


def _some_label_missing(labels: Sequence[tuple[str, ...]], places: bytearray) -> bool:
    wanted: set[str] = set()
    found: tuple[set[str], ...] = (set(), set(), set())
    for names, place in set(zip(labels, places, strict=True)):
        wanted.update(names)
        found[place].update(names)
    return any(split != wanted for split in found)


class _Repair:
    """Moves texts, named by their hashes, until no split lacks a label that it can have.

    `places` maps a text's hash to its split (0, 1 or 2); `notes` are about what was moved and what is still missing.
    """

    def __init__(self, dataset: Dataset, hashes: Sequence[int], places: bytearray, bounds: tuple[int, ...]) -> None:
        self.places = dict(zip(hashes, places, strict=True))
        self.notes: list[str] = []
        self._bounds = bounds
        self._labels = _labels_by_text(dataset.labels, hashes)
        self._texts: dict[str, set[int]] = defaultdict(set)
        self._counts: dict[str, list[int]] = defaultdict(lambda: [0] * len(SPLITS))
        for text, names in self._labels.items():
            for name in names:
                self._texts[name].add(text)
                self._counts[name][self.places[text]] += 1
        # What was moved, in order: the text, where it came from and the label it was moved for.
        self._moves: list[tuple[int, int, str]] = []
        for name in sorted(self._texts, key=lambda name: (len(self._texts[name]), name)):
            for place in range(len(SPLITS)):
                if not self._counts[name][place] and not self._provide(name, place, frozenset(), _ROOM_DEPTH):
                    self.notes.append(
                        f"No text of {quoted(name)} could be moved to {SPLITS[place]}, which has none: each is the last"
                        " of a label where it lies."
                    )
        self._note_moves(dict(zip(reversed(hashes), reversed(dataset.texts), strict=True)))

    def _provide(self, name: str, place: int, stay: frozenset[int], depth: int) -> bool:
        """Move a text of the label to the split that lacks it, none of those that `stay`; False when none can."""
        count = self._counts[name]
        donors = sorted((donor for donor in range(len(SPLITS)) if count[donor] > 1), key=lambda donor: -count[donor])
        for donor in donors:
            free = (text for text in self._movable(name, donor, stay) if not self._last_ones(text, donor))
            if (text := min(free, key=self._nearness(place), default=None)) is not None:
                self._move(text, place, name)
                return True
        if not depth:
            return False
        for donor in donors:
            for text in nsmallest(_ROOM_BREADTH, self._movable(name, donor, stay), key=self._nearness(place)):
                mark, bereft = len(self._moves), self._last_ones(text, donor)
                self._move(text, place, name)
                if all(
                    self._counts[other][donor] or self._provide(other, donor, stay | {text}, depth - 1)
                    for other in bereft
                ):
                    return True
                self._undo(mark)
        return False

    def _movable(self, name: str, donor: int, stay: frozenset[int]) -> Iterator[int]:
        return (text for text in self._texts[name] if self.places[text] == donor and text not in stay)

    def _last_ones(self, text: int, donor: int) -> list[str]:
        """The labels that the split would lack without the text."""
        return [name for name in self._labels[text] if self._counts[name][donor] == 1]

    def _nearness(self, place: int) -> Callable[[int], tuple[int, int]]:
        low, high = self._bounds[place], self._bounds[place + 1]
        return lambda text: (low - text if text < low else text - high, text)

    def _move(self, text: int, place: int, name: str) -> None:
        self._moves.append((text, self.places[text], name))
        self._put(text, place)

    def _undo(self, mark: int) -> None:
        while len(self._moves) > mark:
            text, place, _ = self._moves.pop()
            self._put(text, place)

    def _put(self, text: int, place: int) -> None:
        for name in self._labels[text]:
            self._counts[name][self.places[text]] -= 1
            self._counts[name][place] += 1
        self.places[text] = place

    def _note_moves(self, texts: dict[int, str]) -> None:
        origins: dict[int, int] = {}
        for text, origin, _ in self._moves:
            origins.setdefault(text, origin)
        # A text that made room and was then moved again has the reason of its last move.
        reasons = {text: name for text, _, name in self._moves}
        for text, origin in origins.items():
            if self.places[text] != origin:
                self.notes.append(
                    f"{quoted(texts[text])} was moved from {SPLITS[origin]} to {SPLITS[self.places[text]]}, which had"
                    f" no text of {quoted(reasons[text])}."
                )


def _labels_by_text(labels: Iterable[tuple[str, ...]], hashes: Iterable[int]) -> dict[int, tuple[str, ...]]:
    by_text: dict[int, tuple[str, ...]] = {}
    for text, names in zip(hashes, labels, strict=True):
        known = by_text.setdefault(text, names)
        if known != names:
            by_text[text] = tuple(sorted({*known, *names}))
    return by_text
