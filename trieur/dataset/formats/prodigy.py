"""Prodigy's JSONL: a task a line with the annotator's answer; only accepted ones are examples."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from trieur.dataset.formats.base import LeftOut, RawExample, refusal
from trieur.dataset.records import Record
from trieur.dataset.wording import Rows, quoted

_ANSWERS: Final = ("accept", "reject", "ignore")


class Prodigy:
    """`textcat` tasks: one `label`, `options` with the identifiers of those in `accept`, or spaCy's `cats`."""

    name = "prodigy"
    several = False

    def __init__(self, rows: Rows, records: Iterable[Record], first: dict[str, Any]) -> None:
        self.rows = rows
        self._records = records
        self._answered = "answer" in first
        self._left_out = LeftOut(rows)

    @staticmethod
    def recognises(record: dict[str, Any]) -> bool:
        if "text" not in record:
            return False
        labelled = any(key in record for key in ("label", "accept", "cats", "_task_hash", "_input_hash"))
        return isinstance(record.get("cats"), dict) or (record.get("answer") in _ANSWERS and labelled)

    def warnings(self) -> list[str]:
        return self._left_out.warnings()

    def examples(self) -> Iterator[RawExample]:
        for number, record in self._records:
            if not self._accepted(number, record):
                continue
            if "text" not in record:
                raise refusal(self.rows, number, 'has no "text"')
            label = self._label(number, record)
            if label == []:
                self._left_out.add("no option accepted", number)
                continue
            yield number, record["text"], label

    def _accepted(self, number: int, record: dict[str, Any]) -> bool:
        if ("answer" in record) is not self._answered:
            had = "has no" if self._answered else "has an"
            raise refusal(self.rows, number, f'{had} "answer" unlike the rows before')
        answer = record.get("answer", "accept")
        if answer not in _ANSWERS:
            raise refusal(self.rows, number, f'has the "answer" {quoted(answer)}, which is none of Prodigy\'s')
        if answer != "accept":
            self._left_out.add("answer reject or ignore", number)
        return bool(answer == "accept")

    def _label(self, number: int, record: dict[str, Any]) -> object:
        if "accept" in record:
            return self._accepted_options(number, record)
        if isinstance(record.get("cats"), dict):
            return self._positive(number, record["cats"])
        if "label" in record:
            return record["label"]
        raise refusal(self.rows, number, 'has no label: one of "label", "accept" and "cats" is wanted')

    def _accepted_options(self, number: int, record: dict[str, Any]) -> list[object]:
        accepted = record["accept"]
        if not isinstance(accepted, list):
            raise refusal(self.rows, number, f'has {quoted(accepted)} under "accept", where Prodigy writes a list')
        options = record.get("options") or []
        if not isinstance(options, list):
            raise refusal(self.rows, number, f'has {quoted(options)} under "options", where Prodigy writes a list')
        names: dict[int | float, object] = {}
        for option in options:
            # Options counted by a recipe rather than named: what people read is the name.
            if isinstance(option, dict) and isinstance(option.get("id"), int) and option.get("text"):
                names[option["id"]] = option["text"]
        return [names.get(choice, choice) if isinstance(choice, int) else choice for choice in accepted]

    def _positive(self, number: int, cats: dict[str, Any]) -> list[object]:
        for label, value in cats.items():
            if value not in (0, 1):
                raise refusal(
                    self.rows,
                    number,
                    f'gives {quoted(label)} the value {quoted(value)} in "cats": 1 and 0 are read',
                )
        return [label for label, value in cats.items() if value]
