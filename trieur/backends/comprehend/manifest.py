"""Augmented manifests: what Ground Truth labelled goes to Comprehend record by record, as it was dropped."""

import json
import re
from collections.abc import Collection, Iterable, Iterator
from typing import Final

from trieur.backends.base import TrainingRefused
from trieur.backends.comprehend.documents import Example
from trieur.dataset import Mode
from trieur.dataset.content import text_pieces
from trieur.dataset.formats.ground_truth import GroundTruth
from trieur.dataset.formats.recognise import recognise
from trieur.dataset.window import Window
from trieur.dataset.wording import quoted

# Of AttributeNames, in botocore's model of CreateDocumentClassifier.
ATTRIBUTE_MAX_LENGTH: Final = 63
_ATTRIBUTE: Final = re.compile("[a-zA-Z0-9](-*[a-zA-Z0-9])*")


class DroppedManifest:
    """The manifest in `data`, a run's dataset as it was dropped; `name` is its key."""

    def __init__(self, data: bytes, name: str) -> None:
        self._data, self._name = data, name

    def attribute(self, mode: Mode) -> str | None:
        """The key under which the labels stand, for AttributeNames.

        None where the labels have not the form that Comprehend reads in this mode, one name or a list of them,
        because the settings ask for another mode than that of the labelling job. Raises TrainingRefused.
        """
        source, several = self._source(), mode == "multi-label"
        if not all(isinstance(label, list) == several for _, _, label in source.labelled()):
            return None
        _require_attribute(source.job)
        return source.job

    def lines(self, examples: Iterable[Example], labels: Collection[str]) -> Iterator[bytes]:
        """The record of every example, a line of JSON each, in the manifest's order.

        Records that the dataset reader left out are in no split and stay out. `labels` are the dataset's. Raises
        TrainingRefused.
        """
        texts = {text for text, _ in examples}
        for _, record, label in self._source().labelled():
            text = record["source"]
            if text in texts:
                # Of an exact repetition the first one counts.
                texts.remove(text)
                _require_known(label if isinstance(label, list) else [label], labels)
                yield json.dumps(record).encode("ascii") + b"\n"
        if texts:
            raise LookupError(f"{self._name} lacks {len(texts):,} texts of the run's split: was it replaced?")

    def _source(self) -> GroundTruth:
        source = recognise(Window(text_pieces(self._data)), self._name, split_labels=False)
        assert isinstance(source, GroundTruth), "the run's dataset was recognised as one before"
        return source


def _require_known(found: list[object], labels: Collection[str]) -> None:
    """The reader strips names and writes numbers as text; Comprehend takes them as they are."""
    for label in found:
        if not isinstance(label, str) or label not in labels:
            raise TrainingRefused(
                f"The manifest has the class {quoted(label)}, with blanks around its name or none that is text: write"
                " it as one name, because Comprehend reads the manifest as it is."
            )


def _require_attribute(job: str) -> None:
    if len(job) > ATTRIBUTE_MAX_LENGTH or _ATTRIBUTE.fullmatch(job) is None:
        raise TrainingRefused(
            f"The manifest's labels stand under {quoted(job)}, and Comprehend takes a name of at most"
            f" {ATTRIBUTE_MAX_LENGTH} letters, digits and hyphens between them: rename it in every line."
        )
