"""Which rows run together: a turn takes a row of every request that waits, and another, until it is full."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

# Bounds the memory of one turn and the time that another request waits for the next. Fewer would read the weights more
# often than it takes, more are no faster: what they read and write no longer fits into a core's cache.
MOST_TOKENS = 128

Request = TypeVar("Request")


def turn(
    requests: Sequence[Request], take: Callable[[Request], tuple[int, int] | None], most_tokens: int = MOST_TOKENS
) -> list[tuple[Request, int]]:
    """Rows for one turn, as (request, row): a row of each request in turn, then the next of each.

    take: takes the next row that a request waits for, and says how many tokens it has; None when there is none left.
    The turn ends with the row that reaches `most_tokens`.
    """
    taken: list[tuple[Request, int]] = []
    tokens = 0
    left = list(requests)
    while left:
        for request in list(left):
            row = take(request)
            if row is None:
                left.remove(request)
                continue
            taken.append((request, row[0]))
            tokens += row[1]
            if tokens >= most_tokens:
                return taken
    return taken


def of_like_length(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Every index of `lengths` once, in lists: for an engine that pads rows that run together to the longest."""
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) + 1) * lengths[index] > MOST_TOKENS:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch
