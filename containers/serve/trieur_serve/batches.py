"""Which rows run together, one or several a text: of like length, so that little is spent on padding."""

from collections.abc import Iterator, Sequence

MOST_ROWS = 32
# Bounds the memory of one batch (activations grow with rows times the longest of them), and the time that
# another request waits for its turn. Larger batches are hardly faster on two cores.
MOST_TOKENS = 1024


def batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Every index of `lengths` once, in lists; one row longer than MOST_TOKENS goes alone."""
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) == MOST_ROWS or (len(batch) + 1) * lengths[index] > MOST_TOKENS):
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch
