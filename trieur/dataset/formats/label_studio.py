"""Label Studio's two JSON exports: whole tasks (JSON), and a flat object an annotation (JSON-MIN)."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from trieur.dataset.formats.base import LeftOut, RawExample, refusal
from trieur.dataset.formats.keys import LABEL_KEYS, TEXT_KEYS, candidates, choose, same_key
from trieur.dataset.records import Record
from trieur.dataset.wording import Rows, first_listed, quoted

# Until version 1.0 annotations were called completions.
_ANNOTATIONS: Final = ("annotations", "completions")
_CHOICE_KEYS: Final = (*LABEL_KEYS, "choice", "sentiment", "topic")

_AFTER_ANSWERS: Final = ("annotator", "annotation_id", "created_at", "updated_at", "lead_time", "agreement")


def _text_key(rows: Rows, number: int, data: dict[str, Any], besides: tuple[str, ...] = ()) -> str:
    found = candidates((key for key in data if key not in besides), TEXT_KEYS)
    if not found:
        found = [key for key, value in data.items() if isinstance(value, str) and key not in besides]
    if len(found) == 1:
        return found[0]
    if not found:
        raise refusal(rows, number, "holds no text in its data")
    return choose(found, TEXT_KEYS, rows.one(number).capitalize())


class LabelStudio:
    """A task with its annotations, each with a result of type `choices`. Annotators who agree count once."""

    name = "label-studio"
    several = False

    def __init__(self, rows: Rows, records: Iterable[Record], start: Record) -> None:
        self.rows = rows
        self._records = records
        self._left_out = LeftOut(rows)
        self._question = ""
        number, first = start
        self._annotations_key = next(key for key in _ANNOTATIONS if key in first)
        self._text_key = _text_key(rows, number, first["data"])

    @staticmethod
    def recognises(record: dict[str, Any]) -> bool:
        return isinstance(record.get("data"), dict) and any(key in record for key in _ANNOTATIONS)

    def warnings(self) -> list[str]:
        return self._left_out.warnings()

    def examples(self) -> Iterator[RawExample]:
        for number, record in self._records:
            data, annotations = record.get("data"), record.get(self._annotations_key)
            if not isinstance(data, dict) or self._text_key not in data:
                raise refusal(self.rows, number, f"has no {quoted(self._text_key)} in its data as the rows before have")
            if not isinstance(annotations, list):
                raise refusal(self.rows, number, f"has no list under {quoted(self._annotations_key)}")
            for labels in self._answers(number, annotations):
                yield number, data[self._text_key], labels

    def _answers(self, number: int, annotations: list[Any]) -> list[list[object]]:
        """The different answers given to one task: one where the annotators agree."""
        answers: list[list[object]] = []
        cancelled = 0
        for annotation in annotations:
            if not isinstance(annotation, dict):
                raise refusal(self.rows, number, f"has {quoted(annotation)} as an annotation")
            if annotation.get("was_cancelled") or annotation.get("skipped"):
                cancelled += 1
            elif (labels := self._choices(number, annotation)) and labels not in answers:
                answers.append(labels)
        if not annotations:
            self._left_out.add("no annotation yet", number)
        elif cancelled == len(annotations):
            self._left_out.add("annotation cancelled", number)
        elif not answers:
            self._left_out.add("no choice in the annotation", number)
        return answers

    def _choices(self, number: int, annotation: dict[str, Any]) -> list[object]:
        labels: list[object] = []
        results = annotation.get("result") or []
        if not isinstance(results, list):
            raise refusal(self.rows, number, f'has {quoted(results)} under "result", where Label Studio writes a list')
        for result in results:
            value = result.get("value") if isinstance(result, dict) else None
            chosen = value.get("choices") if isinstance(value, dict) else None
            if not isinstance(chosen, list):
                continue
            question = str(result.get("from_name", ""))
            if self._question and question != self._question:
                raise refusal(
                    self.rows,
                    number,
                    f"answers {quoted(question)} beside {quoted(self._question)}: export the answers to one question",
                )
            self._question = question
            labels.extend(choice for choice in chosen if choice not in labels)
        return sorted(labels, key=str)


class LabelStudioMin:
    """`{"text": ..., "id": 1, "<question>": "A", "annotator": 1, ...}`, or `{"choices": [...]}` for several choices."""

    name = "label-studio-min"
    several = False

    def __init__(self, rows: Rows, records: Iterable[Record]) -> None:
        self.rows = rows
        self._records = records
        self._left_out = LeftOut(rows)
        self._text_key = ""
        self._question = ""

    @staticmethod
    def recognises(record: dict[str, Any]) -> bool:
        return "annotation_id" in record and "annotator" in record

    def warnings(self) -> list[str]:
        return self._left_out.warnings()

    def examples(self) -> Iterator[RawExample]:
        for number, record in self._records:
            question = self._answered(number, record)
            if question is None:
                self._left_out.add("no choice in the annotation", number)
                continue
            if self._question and question != self._question:
                raise refusal(self.rows, number, f"answers {quoted(question)} rather than {quoted(self._question)}")
            self._question = question
            self._text_key = self._text_key or _text_key(self.rows, number, record, (question, *_AFTER_ANSWERS))
            if self._text_key not in record:
                raise refusal(self.rows, number, f"has no {quoted(self._text_key)} as the rows before have")
            yield number, record[self._text_key], self._choices(number, record[question])

    def _answered(self, number: int, record: dict[str, Any]) -> str | None:
        """The key of the question that the row answers; Label Studio writes it between "id" and "annotator"."""
        if not self.recognises(record):
            raise refusal(self.rows, number, 'has no "annotation_id" and "annotator" as the rows before have')
        keys = list(record)
        if "id" in record and keys.index("id") < keys.index("annotator"):
            between = keys[keys.index("id") + 1 : keys.index("annotator")]
            answers = [key for key in between if same_key(key) not in TEXT_KEYS]
        else:
            answers = candidates(keys, _CHOICE_KEYS)
        if len(answers) > 1:
            named = candidates(answers, _CHOICE_KEYS)
            if len(named) != 1:
                names = first_listed(map(quoted, answers), len(answers))
                raise refusal(self.rows, number, f"answers {names}: export the answers to one question")
            answers = named
        return answers[0] if answers else None

    def _choices(self, number: int, answer: Any) -> list[object]:
        """A list also of one choice, which Label Studio writes without one beside rows that have several."""
        labels: list[object] = []
        for part in answer if isinstance(answer, list) else [answer]:
            if not isinstance(part, dict):
                labels.append(part)
            elif isinstance(part.get("choices"), list):
                labels.extend(part["choices"])
            else:
                raise refusal(self.rows, number, f"answers {quoted(self._question)} with something else than choices")
        return labels
