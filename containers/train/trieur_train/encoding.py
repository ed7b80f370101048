"""Texts to token numbers."""

from collections.abc import Sequence

from tokenizers import Tokenizer

Tokens = list[list[int]]
ENCODED_AT_ONCE = 10_000


def encode(tokenizer: Tokenizer, texts: Sequence[str], max_length: int) -> tuple[Tokens, int]:
    """The token numbers of each text, cut to `max_length`, and how many texts had to be cut."""
    tokenizer.enable_truncation(max_length)
    tokenizer.no_padding()
    tokens: Tokens = []
    cut = 0
    for start in range(0, len(texts), ENCODED_AT_ONCE):
        for encoding in tokenizer.encode_batch(list(texts[start : start + ENCODED_AT_ONCE])):
            tokens.append(encoding.ids)
            cut += bool(encoding.overflowing)
    tokenizer.no_truncation()
    return tokens, cut
