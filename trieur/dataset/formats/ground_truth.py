"""SageMaker Ground Truth's output manifest, which is Comprehend's augmented manifest too."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from trieur.dataset.formats.base import LeftOut, RawExample, refusal
from trieur.dataset.records import Record
from trieur.dataset.wording import Rows, first_listed, quoted

_METADATA: Final = "-metadata"


class GroundTruth:
    """`{"source": ..., "<job>": 0, "<job>-metadata": {"class-name": "A"}}`; `class-map` for several labels."""

    name = "ground-truth"

    def __init__(self, rows: Rows, records: Iterable[Record]) -> None:
        self.rows = rows
        self.several = False
        # The labelling job, whose name is the key of the labels; known with the first example.
        self.job = ""
        self._records = records
        self._left_out = LeftOut(rows)

    @staticmethod
    def recognises(record: dict[str, Any]) -> bool:
        if "source-ref" in record:
            return True
        return "source" in record and any(
            key.endswith(_METADATA) and isinstance(value, dict) for key, value in record.items()
        )

    def warnings(self) -> list[str]:
        return self._left_out.warnings()

    def examples(self) -> Iterator[RawExample]:
        for number, record, label in self.labelled():
            yield number, record["source"], label

    def labelled(self) -> Iterator[tuple[int, dict[str, Any], object]]:
        """Every record that holds an example, as it was dropped, with its number and label."""
        for number, record in self._records:
            if "source-ref" in record:
                raise refusal(
                    self.rows,
                    number,
                    f'refers to its text by "source-ref" ({quoted(record["source-ref"])}), and nothing but the manifest'
                    ' is read: put the text itself under "source"',
                )
            if "source" not in record:
                raise refusal(self.rows, number, 'has no "source" as the rows before have')
            metadata = self._metadata(number, record)
            if "failure-reason" in metadata:
                self._left_out.add("labelling failed", number)
                continue
            label = self._label(number, record, metadata)
            if label == []:
                self._left_out.add("no label", number)
                continue
            yield number, record, label

    def _metadata(self, number: int, record: dict[str, Any]) -> dict[str, Any]:
        jobs = [
            key.removesuffix(_METADATA)
            for key, value in record.items()
            if key.endswith(_METADATA)
            and isinstance(value, dict)
            and not value.keys().isdisjoint({"class-name", "class-map", "failure-reason"})
        ]
        if not jobs:
            raise refusal(
                self.rows,
                number,
                'has no label: the metadata of a classification holds "class-name" or "class-map"',
            )
        if len(jobs) > 1:
            raise refusal(
                self.rows,
                number,
                f"holds the labels of {first_listed(map(quoted, jobs), len(jobs))}: keep one labelling job's",
            )
        if self.job and jobs[0] != self.job:
            raise refusal(
                self.rows,
                number,
                f"holds the label of {quoted(jobs[0])}, the rows before of {quoted(self.job)}",
            )
        self.job = jobs[0]
        metadata: dict[str, Any] = record[self.job + _METADATA]
        return metadata

    def _label(self, number: int, record: dict[str, Any], metadata: dict[str, Any]) -> object:
        if "class-name" in metadata:
            return metadata["class-name"]
        self.several = True
        names, indices = metadata.get("class-map"), record.get(self.job)
        if not isinstance(names, dict) or not isinstance(indices, list):
            raise refusal(self.rows, number, f'has no list under {quoted(self.job)} that its "class-map" names')
        for index in indices:
            if str(index) not in names:
                raise refusal(self.rows, number, f'has class {quoted(index)}, which its "class-map" does not name')
        return [names[str(index)] for index in indices]
