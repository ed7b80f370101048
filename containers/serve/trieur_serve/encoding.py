"""Texts to token numbers, as in training, without reading more of a text than its rows need."""

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from trieur_serve.long_texts import TRUNCATE, cut, frame, parts

# Bounds what the tokenizer holds at a time; each is at most one part of a text.
TEXTS_A_STEP = 32

Result = TypeVar("Result")
# Work that pauses where other work may have its turn, and returns its result at the end.
Steps = Generator[None, None, Result]


@dataclass(frozen=True)
class EncodedTexts:
    """rows: token numbers, special tokens included. text_of: [rows], ascending, the text that each row is of."""

    rows: list[list[int]]
    text_of: NDArray[np.int64]


class Encoder:
    """Encodes for a model that takes `max_length` tokens, special ones included; more than the tokenizer adds."""

    def __init__(self, tokenizer: Tokenizer, max_length: int, policy: str) -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._tokenizer = tokenizer
        self._policy = policy
        self._before, self._behind = frame(tokenizer)
        self._room = max_length - len(self._before) - len(self._behind)

    @property
    def highest(self) -> int:
        """The highest token number there is."""
        return max(self._tokenizer.get_vocab().values())

    def encode(self, texts: Sequence[str]) -> Steps[EncodedTexts]:
        """The rows of each text, cut by the policy; pauses between steps of bounded time and memory."""
        rows: list[list[int]] = []
        text_of: list[int] = []
        for start in range(0, len(texts), TEXTS_A_STEP):
            if start:
                yield
            read = [parts(text, self._policy) for text in texts[start : start + TEXTS_A_STEP]]
            short = iter(self._tokens([text_parts[0] for text_parts in read if len(text_parts) == 1]))
            for number, text_parts in enumerate(read, start):
                content = next(short) if len(text_parts) == 1 else (yield from self._content(text_parts))
                found = cut(content, self._room, self._policy)
                rows += ([*self._before, *row, *self._behind] for row in found)
                text_of += [number] * len(found)
        return EncodedTexts(rows, np.array(text_of, dtype=np.int64))

    def _content(self, text_parts: list[str]) -> Steps[list[int]]:
        """The tokens of a text in several parts; where only its ends are kept, those of enough parts at either end."""
        enough = self._room if self._policy == TRUNCATE else math.inf
        head: list[int] = []
        tail: list[int] = []
        first, last = 0, len(text_parts)
        while first < last and len(head) < enough:
            head += self._tokens([text_parts[first]])[0]
            first += 1
            yield
        while first < last and len(tail) < enough:
            last -= 1
            tail = self._tokens([text_parts[last]])[0] + tail
            yield
        return head + tail

    def _tokens(self, texts: list[str]) -> list[list[int]]:
        """Without special tokens."""
        return [encoding.ids for encoding in self._tokenizer.encode_batch_fast(texts, add_special_tokens=False)]


def at_once(steps: Steps[Result]) -> Result:
    """What `steps` returns, without a pause."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: Result = end.value
            return result
