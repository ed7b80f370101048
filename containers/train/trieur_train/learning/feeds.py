"""What a network reads, row by row: token numbers, or hidden states that frozen layers gave once and for all."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch

from trieur_train.encoding import Tokens
from trieur_train.learning.batches import pad

Rows = npt.NDArray[np.int64]


class Feed(Protocol):
    """The rows of one split."""

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """Tokens of each row."""

    def batch(self, rows: Sequence[int] | Rows) -> tuple[torch.Tensor, torch.Tensor]:
        """The network's input for those rows, padded, and its attention mask int64 [rows, tokens]."""


class TokenFeed:
    """Token numbers, int64 [rows, tokens]."""

    def __init__(self, tokens: Tokens, pad_token_id: int, device: torch.device) -> None:
        self._tokens = tokens
        self._pad_token_id = pad_token_id
        self._device = device
        self.lengths = np.array([len(numbers) for numbers in tokens], dtype=np.int64)

    def batch(self, rows: Sequence[int] | Rows) -> tuple[torch.Tensor, torch.Tensor]:
        input_ids, attention_mask = pad(self._tokens, rows, self._pad_token_id)
        return torch.from_numpy(input_ids).to(self._device), torch.from_numpy(attention_mask).to(self._device)


class HiddenFeed:
    """Hidden states, [rows, tokens, width], of rows whose states lie one after the other in `states`."""

    def __init__(self, states: torch.Tensor, lengths: npt.NDArray[np.int64], device: torch.device) -> None:
        self._states = states
        self._starts = np.concatenate([[0], np.cumsum(lengths)])
        self._device = device
        self.lengths = lengths

    def batch(self, rows: Sequence[int] | Rows) -> tuple[torch.Tensor, torch.Tensor]:
        longest = int(self.lengths[rows].max())
        hidden = self._states.new_zeros((len(rows), longest, self._states.shape[1]))
        mask = torch.zeros((len(rows), longest), dtype=torch.int64)
        for position, row in enumerate(rows):
            length = int(self.lengths[row])
            hidden[position, :length] = self._states[self._starts[row] : self._starts[row] + length]
            mask[position, :length] = 1
        return hidden.to(self._device), mask.to(self._device)
