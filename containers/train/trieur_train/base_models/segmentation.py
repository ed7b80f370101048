"""Words cut into other pieces in every epoch (BPE dropout), so that a network from scratch learns more than words.

With few texts and no pretraining a network learns most words by heart and knows nothing of those it has not met.
Leaving out some of the tokenizer's merges at random shows it each word in shorter pieces, which other words share.
"""

import json
import random
from collections.abc import Sequence
from itertools import pairwise

from tokenizers import Tokenizer

from trieur_train.base_models.scratch import END, START
from trieur_train.encoding import Tokens
from trieur_train.long_texts import TRUNCATE, cut, parts

LEFT_OUT = 0.2
# The merging below takes the square of a word's length; longer ones are rare and keep the tokenizer's pieces.
LONGEST_WORD = 48


class VariedSegmentation:
    """The token numbers of `texts`, for the tokenizer of `scratch.train_tokenizer`, one row a text in every epoch."""

    def __init__(self, tokenizer: Tokenizer, texts: Sequence[str], *, max_length: int, seed: int) -> None:
        model = json.loads(tokenizer.to_str())["model"]
        self._numbers: dict[str, int] = model["vocab"]
        self._ranks = {tuple(pair): rank for rank, pair in enumerate(model["merges"])}
        self._tokenizer = tokenizer
        self._max_length = max_length
        self._seed = seed
        self._random = random.Random()
        self._words = [self._split(text) for text in texts]

    def __call__(self, epoch: int) -> Tokens:
        """The tokens of every text, with words cut by chance, in `epoch`; long texts keep their start and end."""
        # By the epoch, not by what was drawn before: a training that was interrupted goes on with the same tokens.
        self._random.seed(f"{self._seed} {epoch}")
        return [self._encode(words) for words in self._words]

    def _split(self, text: str) -> list[str]:
        normalizer, splitter = self._tokenizer.normalizer, self._tokenizer.pre_tokenizer
        words = [
            word
            for part in parts(text, TRUNCATE)
            for word, _ in splitter.pre_tokenize_str(normalizer.normalize_str(part))
        ]
        # Every word is at least one token, so what lies between can never be needed.
        return words if len(words) <= 2 * self._max_length else words[: self._max_length] + words[-self._max_length :]

    def _encode(self, words: Sequence[str]) -> list[int]:
        content = [self._numbers[piece] for word in words for piece in self._pieces(word)]
        (row,) = cut(content, self._max_length - 2, TRUNCATE)
        return [START, *row, END]

    def _pieces(self, word: str) -> list[str]:
        if len(word) > LONGEST_WORD:
            return [token.value for token in self._tokenizer.model.tokenize(word)]
        pieces = list(word)
        while len(pieces) > 1:
            possible = [
                (self._ranks[pair], position)
                for position, pair in enumerate(pairwise(pieces))
                if pair in self._ranks and self._random.random() >= LEFT_OUT
            ]
            if not possible:
                break
            _, position = min(possible)
            pieces[position : position + 2] = [pieces[position] + pieces[position + 1]]
        return pieces
