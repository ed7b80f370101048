"""A linear classifier over features that the frozen encoder gives once: training it takes seconds."""

import math

import numpy as np
import torch
from torch import nn
from transformers import PreTrainedModel

from trieur_train.learning.batches import EVALUATED_AT_ONCE, batches_by_length
from trieur_train.learning.device import Device
from trieur_train.learning.feeds import TokenFeed
from trieur_train.learning.objective import Objective

# Of the squared weights per example, on features of unit variance: the one with the lowest validation loss is taken.
PENALTIES = (1e-1, 1e-2, 1e-3, 1e-4)
MOST_STEPS = 200
LEAST_DEVIATION = 1e-6


class PooledClassifier(nn.Module):
    """input_ids, attention_mask int64 [rows, tokens] -> logits [rows, labels]: a linear layer over the mean of the
    last hidden states."""

    def __init__(self, model: PreTrainedModel, labels: int) -> None:
        super().__init__()
        self.model = model.base_model
        self.linear = nn.Linear(model.config.hidden_size, labels)
        # Of the features on the training split. Scaled in the graph, not in the weights: int8 needs inputs of one size.
        self.mean: torch.Tensor
        self.deviation: torch.Tensor
        self.register_buffer("mean", torch.zeros(model.config.hidden_size))
        self.register_buffer("deviation", torch.ones(model.config.hidden_size))

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        return self.answer(self.features(input_ids, attention_mask))

    def answer(self, features: torch.Tensor) -> torch.Tensor:
        """The logits [rows, labels] for features [rows, width]."""
        logits: torch.Tensor = self.linear((features - self.mean) / self.deviation)
        return logits

    def features(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """float [rows, width]."""
        hidden = self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        return (hidden * mask).sum(dim=1) / mask.sum(dim=1)  # type: ignore[no-any-return]


def pooled_features(classifier: PooledClassifier, feed: TokenFeed, device: Device) -> torch.Tensor:
    """The features of each row, float32 [rows, width]."""
    classifier.eval()
    found = torch.empty((len(feed.lengths), classifier.linear.in_features))
    for rows in batches_by_length(feed.lengths, EVALUATED_AT_ONCE):
        with torch.inference_mode(), device.computing():
            found[torch.from_numpy(rows)] = classifier.features(*feed.batch(rows)).to("cpu", torch.float32)
    return found


def fit(
    classifier: PooledClassifier,
    features: torch.Tensor,
    objective: Objective,
    validation: torch.Tensor,
    judged: Objective,
) -> float:
    """Make of `classifier` the logistic regression over `features` whose penalty does best on `validation`.

    `judged` gives the loss on the rows of `validation`. Returns the penalty taken.
    """
    mean, deviation = features.mean(dim=0), features.std(dim=0, correction=0).clamp(min=LEAST_DEVIATION)
    scaled, scaled_validation = ((each - mean) / deviation for each in (features, validation))
    linear = classifier.linear
    best_loss, best_penalty, best_weight, best_bias = math.inf, PENALTIES[0], linear.weight, linear.bias
    weight = torch.zeros_like(linear.weight, requires_grad=True)
    bias = torch.zeros_like(linear.bias, requires_grad=True)
    for penalty in PENALTIES:
        # Each goes on from where the stronger penalty before it ended.
        _minimise(weight, bias, scaled, objective, penalty)
        with torch.no_grad():
            loss = float(_loss(nn.functional.linear(scaled_validation, weight, bias), judged))
        if loss < best_loss:
            best_loss, best_penalty = loss, penalty
            best_weight, best_bias = weight.detach().clone(), bias.detach().clone()
    with torch.no_grad():
        linear.weight.copy_(best_weight)
        linear.bias.copy_(best_bias)
        classifier.mean.copy_(mean)
        classifier.deviation.copy_(deviation)
    return best_penalty


def _minimise(
    weight: torch.Tensor, bias: torch.Tensor, features: torch.Tensor, objective: Objective, penalty: float
) -> None:
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=MOST_STEPS, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = _loss(nn.functional.linear(features, weight, bias), objective) + penalty * weight.square().sum() / 2
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimizer.step(closure)  # type: ignore[arg-type]


def _loss(logits: torch.Tensor, objective: Objective) -> torch.Tensor:
    rows = np.arange(len(logits))
    return objective.loss(logits, rows) / objective.weight(rows)
