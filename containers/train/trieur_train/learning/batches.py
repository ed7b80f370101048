"""Token numbers to batches with as little padding as can be."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from trieur_train.encoding import Tokens

Lengths = Sequence[int] | npt.NDArray[np.int64]
# Without gradients; more at once are hardly faster.
EVALUATED_AT_ONCE = 32
# Rows are grouped by length within this many batches: enough to save the padding, few enough to keep epochs random.
GROUPED_BATCHES = 64


def random_batches(lengths: Lengths, batch_size: int, random: np.random.Generator) -> list[npt.NDArray[np.int64]]:
    """Every row once, as arrays of row numbers: random batches of rows of about the same length in tokens."""
    order = random.permutation(len(lengths))
    batches: list[npt.NDArray[np.int64]] = []
    group = batch_size * GROUPED_BATCHES
    for start in range(0, len(order), group):
        chosen = order[start : start + group]
        grouped = chosen[np.argsort(np.asarray(lengths)[chosen], kind="stable")]
        batches.extend(grouped[at : at + batch_size] for at in range(0, len(grouped), batch_size))
    return [batches[position] for position in random.permutation(len(batches))]


def batches_by_length(lengths: Lengths, batch_size: int) -> Iterator[npt.NDArray[np.int64]]:
    """Every row once, as arrays of row numbers, shortest first."""
    order = np.argsort(lengths, kind="stable")
    for start in range(0, len(order), batch_size):
        yield order[start : start + batch_size]


def pad(
    tokens: Tokens, rows: Sequence[int] | npt.NDArray[np.int64], pad_token_id: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """`input_ids` and `attention_mask` of those rows, int64 [rows, tokens of the longest of them]."""
    chosen = [tokens[row] for row in rows]
    longest = max(len(numbers) for numbers in chosen)
    input_ids = np.full((len(chosen), longest), pad_token_id, dtype=np.int64)
    attention_mask = np.zeros_like(input_ids)
    for row, numbers in enumerate(chosen):
        input_ids[row, : len(numbers)] = numbers
        attention_mask[row, : len(numbers)] = 1
    return input_ids, attention_mask
