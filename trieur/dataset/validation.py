"""A whole file of examples becomes a dataset, or is refused for what no single row shows."""

from collections import Counter
from collections.abc import Iterable
from itertools import compress
from typing import Final

from trieur.dataset.collect import Collected
from trieur.dataset.formats.base import Format
from trieur.dataset.limits import MAX_CONFLICT_SHARE, MAX_MULTI_LABEL_LABELS, MINIMUM_TEXTS
from trieur.dataset.model import AskedMode, Dataset, DatasetRefused, Mode
from trieur.dataset.wording import counted, first_listed, quoted

_CONFLICTS_NAMED: Final = 10


def validated(collected: Collected, source: Format, sha256: str, mode: AskedMode, minimum_examples: int) -> Dataset:
    """The dataset of `collected`, without exact duplicates and contradictory rows; raises DatasetRefused."""
    if not collected.texts:
        left_out = " ".join(source.warnings())
        raise DatasetRefused(f"The file holds no example. {left_out}".strip())
    decided = _decide(collected, source, mode)
    given = _count(collected.labels)
    _require_several_labels(given, decided)
    _require_minimum(given, minimum_examples)

    repetitions = _Repetitions(collected)
    repetitions.require_few_conflicts()
    kept = repetitions.kept
    _require_texts(collected, repetitions, given)
    labels = list(compress(collected.labels, kept))
    return Dataset(
        texts=list(compress(collected.texts, kept)),
        labels=labels,
        mode=decided,
        format=source.name,
        warnings=[
            *source.warnings(),
            *_mode_warnings(collected, decided, mode),
            *collected.warnings(),
            *repetitions.warnings(),
        ],
        label_counts=dict(sorted(_count(labels).items())),
        sha256=sha256,
    )


def _decide(collected: Collected, source: Format, mode: AskedMode) -> Mode:
    if mode != "auto":
        return mode
    return "multi-label" if collected.has_plurals or source.several else "multi-class"


def _mode_warnings(collected: Collected, decided: Mode, asked: AskedMode) -> list[str]:
    if asked == "auto" and decided == "multi-class" and collected.has_lists:
        return [
            "Every list of labels holds exactly one, so the dataset is read as multi-class: set the mode multi-label if"
            " a text can have several."
        ]
    return []


def _count(labels: Iterable[tuple[str, ...]]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for names, count in Counter(labels).items():
        for name in names:
            counts[name] += count
    return counts


def _require_several_labels(given: Counter[str], mode: Mode) -> None:
    if len(given) == 1:
        (label, count), *_ = given.items()
        raise DatasetRefused(
            f"The only label is {quoted(label)} ({counted(count, 'example')}): a classifier tells two or more apart."
        )
    if mode == "multi-label" and len(given) > MAX_MULTI_LABEL_LABELS:
        raise DatasetRefused(
            f"The dataset has {len(given):,} labels, and {MAX_MULTI_LABEL_LABELS} is the most in mode multi-label."
        )


def _require_minimum(given: Counter[str], minimum: int) -> None:
    few = {label: count for label, count in sorted(given.items()) if count < minimum}
    if few:
        names = first_listed((f"{quoted(label)} ({count})" for label, count in few.items()), len(few))
        raise DatasetRefused(
            f"Too few examples of {names}: every label needs at least {minimum}; add examples or leave the label out."
        )


def _require_texts(collected: Collected, repetitions: "_Repetitions", given: Counter[str]) -> None:
    texts = _count(compress(collected.labels, repetitions.first_of_text))
    few = {label: texts[label] for label in sorted(given) if texts[label] < MINIMUM_TEXTS}
    if few:
        names = first_listed((f"{quoted(label)} ({count})" for label, count in few.items()), len(few))
        aside = ", repetitions and contradictions aside" if collected.repeated else ""
        raise DatasetRefused(
            f"Too few different texts of {names}{aside}: every label needs at least {MINIMUM_TEXTS}, one for each"
            " split."
        )


class _Repetitions:
    """Which rows to keep of those whose text stands more than once.

    `kept[i]` is 1 for an example that stays, `first_of_text[i]` for the first one of its (normalised) text that does.
    """

    def __init__(self, collected: Collected) -> None:
        self._collected = collected
        self.kept = bytearray(b"\1") * len(collected.texts)
        self.first_of_text = bytearray(self.kept)
        self._conflicts: list[list[int]] = []
        self._conflict_rows = 0
        self._duplicates: list[int] = []
        for first in sorted(collected.repeated):
            members = collected.repeated[first]
            for index in members[1:]:
                self.first_of_text[index] = 0
            if len({collected.labels[index] for index in members}) > 1:
                self._leave_out_conflict(members)
            else:
                self._leave_out_duplicates(members)

    def require_few_conflicts(self) -> None:
        rows = len(self._collected.texts)
        if self._conflict_rows > MAX_CONFLICT_SHARE * rows:
            raise DatasetRefused(
                f"{self._conflict_rows:,} of {counted(rows, 'row')} contradict each other by giving one text different"
                f" labels, and {MAX_CONFLICT_SHARE:.0%} is the most: {self._conflict(self._conflicts[0])}."
            )

    def warnings(self) -> list[str]:
        warnings = []
        if self._duplicates:
            numbers = sorted(self._collected.numbers[index] for index in self._duplicates)
            warnings.append(
                f"{counted(len(numbers), 'row')} left out (an exact repetition): {self._collected.rows.some(numbers)}."
            )
        if self._conflicts:
            warnings.append(
                f"{counted(self._conflict_rows, 'row')} left out because they give one text different labels"
                f" ({counted(len(self._conflicts), 'text')})."
            )
            warnings += [f"{self._conflict(members)}." for members in self._conflicts[:_CONFLICTS_NAMED]]
        return warnings

    def _leave_out_conflict(self, members: list[int]) -> None:
        self._conflicts.append(members)
        self._conflict_rows += len(members)
        for index in members:
            self.kept[index] = self.first_of_text[index] = 0

    def _leave_out_duplicates(self, members: list[int]) -> None:
        seen: set[str] = set()
        for index in members:
            text = self._collected.texts[index]
            if text in seen:
                self.kept[index] = 0
                self._duplicates.append(index)
            seen.add(text)

    def _conflict(self, members: list[int]) -> str:
        """The text, and every label it has with the rows that say so."""
        by_labels: dict[tuple[str, ...], list[int]] = {}
        for index in members:
            by_labels.setdefault(self._collected.labels[index], []).append(self._collected.numbers[index])
        sides = (
            f"{' + '.join(map(quoted, labels))} ({self._collected.rows.some(numbers)})"
            for labels, numbers in by_labels.items()
        )
        return f"The text {quoted(self._collected.texts[members[0]])} is {first_listed(sides, len(by_labels))}"
