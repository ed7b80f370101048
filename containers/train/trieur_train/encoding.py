"""Texts to token numbers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby, islice
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from trieur_train.long_texts import cut, frame, parts

Tokens = list[list[int]]
# Parts of at most 4,096 characters: bounds what the tokenizer holds at a time.
ENCODED_AT_ONCE = 1_000


@dataclass(frozen=True)
class EncodedTexts:
    """tokens: rows for the model, special tokens included, at most `max_length` each. text_of: [rows], ascending, the
    text that each row is of. lengths: of each text in tokens, special ones included, before it was cut; of a text of
    more than half a million characters, of what `long_texts.parts` reads.
    """

    tokens: Tokens
    text_of: NDArray[np.int64]
    lengths: list[int]
    max_length: int

    @property
    def long(self) -> int:
        """How many texts are longer than `max_length`."""
        return sum(length > self.max_length for length in self.lengths)


def encode(tokenizer: Tokenizer, texts: Sequence[str], max_length: int, policy: str) -> EncodedTexts:
    """The rows of each text, cut by the `policy` of `long_texts`.

    Leaves the tokenizer without truncation and padding.
    """
    tokenizer.no_truncation()
    tokenizer.no_padding()
    before, behind = frame(tokenizer)
    special = len(before) + len(behind)
    tokens: Tokens = []
    text_of: list[int] = []
    lengths = []
    for number, content in enumerate(_contents(tokenizer, texts, policy)):
        rows = cut(content, max_length - special, policy)
        tokens += ([*before, *row, *behind] for row in rows)
        text_of += [number] * len(rows)
        lengths.append(len(content) + special)
    return EncodedTexts(tokens, np.array(text_of, dtype=np.int64), lengths, max_length)


def _contents(tokenizer: Tokenizer, texts: Sequence[str], policy: str) -> Iterator[list[int]]:
    """The token numbers of what is read of each text, without special tokens."""
    for _, pieces in groupby(_encoded_parts(tokenizer, texts, policy), key=itemgetter(0)):
        yield list(chain.from_iterable(numbers for _, numbers in pieces))


def _encoded_parts(tokenizer: Tokenizer, texts: Sequence[str], policy: str) -> Iterator[tuple[int, list[int]]]:
    """The token numbers of each part of each text, with the text it is of."""
    waiting = ((number, part) for number, text in enumerate(texts) for part in parts(text, policy))
    while taken := list(islice(waiting, ENCODED_AT_ONCE)):
        encodings = tokenizer.encode_batch_fast([part for _, part in taken], add_special_tokens=False)
        for (number, _), encoding in zip(taken, encodings, strict=True):
            yield number, encoding.ids
