"""doccano's JSONL and JSON: a list of labels a text, empty where nobody has labelled it yet."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from trieur.dataset.formats.base import LeftOut, RawExample, refusal
from trieur.dataset.records import Record
from trieur.dataset.wording import Rows, quoted

# "data" was the text's key in doccano 1.3 to 1.5; "labels" and "cats" are those of text labels and of intents.
_TEXT_KEYS: Final = ("text", "data")
_LABEL_KEYS: Final = ("label", "labels", "cats")


class Doccano:
    """`{"id": 1, "text": ..., "label": ["A"]}` and the keys of other versions and project types."""

    name = "doccano"
    several = False

    def __init__(self, rows: Rows, records: Iterable[Record], start: Record) -> None:
        self.rows = rows
        self._records = records
        self._left_out = LeftOut(rows)
        number, first = start
        if "annotations" in first:
            raise refusal(
                rows,
                number,
                "holds doccano's label numbers without their names: export as JSONL with text labels",
            )
        self._text_key = next(key for key in _TEXT_KEYS if key in first)
        self._label_key = next(key for key in _LABEL_KEYS if isinstance(first.get(key), list))

    @staticmethod
    def recognises(record: dict[str, Any]) -> bool:
        if not any(isinstance(record.get(key), str) for key in _TEXT_KEYS):
            return False
        if "annotation_approver" in record:
            return any(isinstance(record.get(key), list) for key in (*_LABEL_KEYS, "annotations"))
        return "id" in record and (isinstance(record.get("label"), list) or isinstance(record.get("cats"), list))

    def warnings(self) -> list[str]:
        return self._left_out.warnings()

    def examples(self) -> Iterator[RawExample]:
        for number, record in self._records:
            for key in (self._text_key, self._label_key):
                if key not in record:
                    raise refusal(self.rows, number, f"has no {quoted(key)} as the rows before have")
            if record[self._label_key] == []:
                self._left_out.add("no label yet", number)
                continue
            yield number, record[self._text_key], record[self._label_key]
