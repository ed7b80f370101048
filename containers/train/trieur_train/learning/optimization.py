"""AdamW with a warm-up, a linear decay and gradients of bounded length."""

import math
from collections.abc import Sequence

import torch
from torch import nn

LARGEST_GRADIENT = 1.0
WARM_UP_EPOCHS = 2


class Optimization:
    """The steps of one training: which learning rate each has, and the step itself."""

    def __init__(
        self,
        network: nn.Module,
        *,
        learning_rate: float,
        weight_decay: float,
        warmup_ratio: float,
        steps_an_epoch: int,
        epochs: int,
    ) -> None:
        self.parameters = [weight for weight in network.parameters() if weight.requires_grad]
        self.optimizer = _adamw(self.parameters, learning_rate, weight_decay)
        self._learning_rate = learning_rate
        self._total = steps_an_epoch * epochs
        self._warm_up = max(1, min(round(warmup_ratio * self._total), WARM_UP_EPOCHS * steps_an_epoch))

    def step(self, number: int) -> None:
        """Take step `number`, counted from 0 over all epochs, along the gradients; they are then gone."""
        for group in self.optimizer.param_groups:
            group["lr"] = self._learning_rate * self._factor(number)
        gradients = [weight.grad for weight in self.parameters if weight.grad is not None]
        length = nn.utils.get_total_norm(gradients, foreach=True)
        # The fused step divides the gradients by this on its way: clipping them first would read and write them all.
        self.optimizer.grad_scale = torch.clamp(length / LARGEST_GRADIENT, min=1.0)  # type: ignore[attr-defined]
        self.optimizer.found_inf = torch.zeros_like(length)  # type: ignore[attr-defined]
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)

    def _factor(self, step: int) -> float:
        """Of the learning rate: up linearly, then down linearly to what would be zero after the last step."""
        if step < self._warm_up:
            return (step + 1) / self._warm_up
        return (self._total - step) / max(1, self._total - self._warm_up)


def steps_an_epoch(rows: int, batch_size: int) -> int:
    return math.ceil(rows / batch_size)


def _adamw(weights: Sequence[nn.Parameter], learning_rate: float, weight_decay: float) -> torch.optim.AdamW:
    """Biases and the gains of layer norms (all that is not a matrix) do not decay."""
    groups = [
        {"params": [weight for weight in weights if weight.ndim > 1], "weight_decay": weight_decay},
        {"params": [weight for weight in weights if weight.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW([group for group in groups if group["params"]], lr=learning_rate, fused=True)
