"""Only the words that occur are trained: the rest of a base model's vocabulary would just be carried along.

Of camembert-base's 110 million weights 25 million are word vectors, of which a small dataset uses one in a hundred.
An optimiser that updates them all moves gigabytes a step to change nothing: without a gradient, AdamW only lets them
decay, which a word that is not in the data has no reason to do.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import nn
from transformers import PreTrainedModel

from trieur_train.encoding import Tokens


class CompactEmbedding(nn.Module):
    """An embedding of the token numbers in `used` alone, read by the same numbers as the whole one."""

    rows: torch.Tensor

    def __init__(self, whole: nn.Embedding, used: torch.Tensor) -> None:
        super().__init__()
        self.weight = nn.Parameter(whole.weight.detach()[used].clone())
        rows = torch.zeros(whole.num_embeddings, dtype=torch.int64, device=whole.weight.device)
        rows[used] = torch.arange(len(used), device=whole.weight.device)
        self.register_buffer("rows", rows, persistent=False)

    def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
        return nn.functional.embedding(self.rows[input_ids], self.weight)


@contextmanager
def compact_vocabulary(model: PreTrainedModel, texts: Iterable[Tokens], pad_token_id: int) -> Iterator[None]:
    """In here `model` has word vectors for the tokens of `texts` alone; they are written back at the end."""
    whole = model.get_input_embeddings()
    if not isinstance(whole, nn.Embedding):
        yield
        return
    numbers = sorted({pad_token_id, *(number for tokens in texts for row in tokens for number in row)})
    used = torch.tensor(numbers, device=whole.weight.device)
    compact = CompactEmbedding(whole, used)
    model.set_input_embeddings(compact)
    try:
        yield
    finally:
        model.set_input_embeddings(whole)
        with torch.no_grad():
            whole.weight[used] = compact.weight
