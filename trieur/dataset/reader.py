"""From the bytes that were dropped to a dataset."""

import hashlib

from trieur.dataset.collect import Collected
from trieur.dataset.content import text_pieces
from trieur.dataset.formats.recognise import recognise
from trieur.dataset.limits import DEFAULT_MINIMUM_EXAMPLES
from trieur.dataset.model import AskedMode, Dataset
from trieur.dataset.validation import validated
from trieur.dataset.window import Window


def read_dataset(
    data: bytes, name: str, *, mode: AskedMode = "auto", minimum_examples: int = DEFAULT_MINIMUM_EXAMPLES
) -> Dataset:
    """The dataset in `data`, a file of any of the formats that are read, gzipped or not.

    The format is recognised by the content; `name`, the file's, only helps to say why it was not. Every label must
    have `minimum_examples` rows and three different texts. Raises DatasetRefused, and nothing else, when the content
    cannot be used.
    """
    window = Window(text_pieces(data))
    source = recognise(window, name, split_labels=mode == "multi-label")
    collected = Collected(source.rows, mode)
    collected.add(source.examples())
    return validated(collected, source, hashlib.sha256(data).hexdigest(), mode, minimum_examples)
