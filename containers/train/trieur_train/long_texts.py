"""What a classifier reads of a text that is too long for it. Training and serving hold this file word for word.

Two policies. `truncate` keeps the start and the end of a text in one row. `windows` lays overlapping windows over all
of it, each a row of its own, and the mean of their logits is the text's.
"""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

TRUNCATE = "truncate"
WINDOWS = "windows"
POLICIES = (TRUNCATE, WINDOWS)

# The start takes a quarter of the room: the split (128 and 382 of 510 tokens) that gave the fewest errors in Sun et al.
# 2019, "How to Fine-Tune BERT for Text Classification?", table 2.
START_SHARE = 1 / 4
# How much of a window the next one repeats, so that what is said at a border stands whole in one of them.
OVERLAP_SHARE = 1 / 4
MOST_WINDOWS = 32
# A tokenizer that gets megabytes at once takes a gigabyte of memory for them.
PART = 4096
# Up to half a million characters, which take a tokenizer less than a second.
MOST_PARTS = 128

Item = TypeVar("Item")


def parts(text: str, policy: str) -> list[str]:
    """What is read of `text`, in its order: strings of at most PART characters, each to be tokenized by itself.

    They part before a space, where tokenizers part words, or within a word that is longer than half a part. Of more
    than MOST_PARTS, `truncate` keeps as many from the start as from the end, `windows` some from all over the text.
    """
    found = []
    start = 0
    while len(text) - start > PART:
        space = text.rfind(" ", start + PART // 2, start + PART)
        end = start + PART if space < 0 else space
        found.append(text[start:end])
        start = end
    found.append(text[start:])
    if len(found) <= MOST_PARTS:
        return found
    if policy == TRUNCATE:
        return found[: MOST_PARTS // 2] + found[-(MOST_PARTS // 2) :]
    return [found[number * (len(found) - 1) // (MOST_PARTS - 1)] for number in range(MOST_PARTS)]


def cut(content: Sequence[Item], room: int, policy: str) -> list[list[Item]]:
    """The rows of a text: `content` itself where it fits into `room`, else of `room` items each.

    content: the text's tokens without special ones. room: at least 1. One row by `truncate`; by `windows` at most
    MOST_WINDOWS, the first at the start, the last at the end, the others evenly between, each repeating at least
    OVERLAP_SHARE of the one before unless that would take more of them.
    """
    beyond = len(content) - room
    if beyond <= 0:
        return [list(content)]
    if policy == TRUNCATE:
        head = round(START_SHARE * room)
        return [[*content[:head], *content[beyond + head :]]]
    step = room - int(OVERLAP_SHARE * room)
    further = min(-(-beyond // step), MOST_WINDOWS - 1)
    starts = [number * beyond // further for number in range(further + 1)]
    return [list(content[start : start + room]) for start in starts]


def frame(tokenizer: Tokenizer) -> tuple[list[int], list[int]]:
    """The special tokens that `tokenizer` sets before and behind a text.

    The tokenizer must neither truncate nor pad.
    """
    # Which of them stand before shows only around a text, and a text of its own vocabulary is one to any tokenizer.
    for word in tokenizer.get_vocab():
        encoding = tokenizer.encode(word)
        mask = encoding.special_tokens_mask
        if 0 in mask:
            before, behind = mask.index(0), mask[::-1].index(0)
            return encoding.ids[:before], encoding.ids[len(mask) - behind :]
    return [], []


def mean_over_windows(row_logits: NDArray[np.float32], text_of: NDArray[np.int64]) -> NDArray[np.float32]:
    """The logits of each text, [texts, labels]: the mean of its rows'.

    row_logits: [rows, labels]. text_of: [rows], the text that each row is of; every text from 0 on has a row.
    """
    rows_of = np.bincount(text_of)
    sums = np.zeros((len(rows_of), row_logits.shape[1]))
    np.add.at(sums, text_of, row_logits)
    return (sums / rows_of[:, np.newaxis]).astype(row_logits.dtype)
