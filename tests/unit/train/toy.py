"""Networks and splits so small that a test can train them in a blink."""

from pathlib import Path

import numpy as np
import torch
from torch import nn
from trieur_train.hyperparameters import Hyperparameters
from trieur_train.interruption import Interruption
from trieur_train.learning.checkpoints import Checkpoints
from trieur_train.learning.device import CPU
from trieur_train.learning.feeds import TokenFeed
from trieur_train.learning.loop import Examples, Surroundings, Training, train
from trieur_train.learning.processes import Processes

PADDING = 3


class CountsTokens(nn.Module):
    """Learns in a few steps which of two token numbers a text holds; a tenth of what it sees is dropped out."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.table = nn.Embedding(4, 2)
        self.dropout = nn.Dropout(0.1)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        return self.dropout(self.table(input_ids) * attention_mask[..., None]).sum(dim=1)


def feed(tokens: list[list[int]]) -> TokenFeed:
    return TokenFeed(tokens, PADDING, CPU.device)


def examples(count: int) -> Examples:
    """Texts of one to three tokens, each a 0 or a 1, whose label is that number."""
    targets = np.arange(count) % 2
    tokens = [[int(target)] * (1 + number % 3) for number, target in enumerate(targets)]
    return Examples(feed(tokens), np.arange(count), targets)


def wrong(right: Examples) -> Examples:
    return Examples(right.feed, right.text_of, 1 - right.targets)


def surroundings(folder: Path | None = None, interruption: Interruption | None = None) -> Surroundings:
    """One process on the processor, which saves a checkpoint after each batch where there is a `folder`."""
    checkpoints = Checkpoints(folder, "toy", 0) if folder else None
    return Surroundings(CPU, Processes(), interruption or Interruption(), checkpoints)


def learn(
    network: nn.Module,
    validation: Examples,
    *,
    of: Examples | None = None,
    learning_rate: float = 0.1,
    within: Surroundings | None = None,
    **settings: float,
) -> Training:
    return train(
        network,
        of or examples(32),
        validation,
        settings=Hyperparameters(**settings),  # type: ignore[arg-type]
        learning_rate=learning_rate,
        surroundings=within or surroundings(),
    )
