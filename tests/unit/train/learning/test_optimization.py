import pytest
import torch
from torch import nn
from trieur_train.learning.optimization import Optimization, steps_an_epoch


def network() -> nn.Module:
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(3, 4), nn.LayerNorm(4), nn.Linear(4, 2))


def reference(model: nn.Module, rates: list[float], inputs: torch.Tensor, decay: float) -> None:
    """The same steps by torch's own clipping and AdamW."""
    matrices = [weight for weight in model.parameters() if weight.ndim > 1]
    vectors = [weight for weight in model.parameters() if weight.ndim <= 1]
    groups = [{"params": matrices, "weight_decay": decay}, {"params": vectors, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=0.0)
    for rate in rates:
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.zero_grad()
        (model(inputs) * 50).square().sum().backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()


def test_a_step_is_clipping_and_adamw_with_warm_up_and_decay() -> None:
    inputs = torch.randn(5, 3, generator=torch.Generator().manual_seed(2))
    ours, theirs = network(), network()
    optimization = Optimization(
        ours, learning_rate=0.01, weight_decay=0.1, warmup_ratio=0.5, steps_an_epoch=2, epochs=4
    )
    for number in range(8):
        (ours(inputs) * 50).square().sum().backward()
        optimization.step(number)
    # Half of eight steps to warm up, then down by a quarter of the rate a step.
    reference(theirs, [0.0025, 0.005, 0.0075, 0.01, 0.01, 0.0075, 0.005, 0.0025], inputs, 0.1)
    for found, expected in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.allclose(found, expected, atol=1e-6)


def test_small_gradients_are_left_as_they_are() -> None:
    weight = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(weight.weight)
    optimization = Optimization(
        weight, learning_rate=0.5, weight_decay=0.0, warmup_ratio=0.0, steps_an_epoch=1, epochs=10
    )
    weight.weight.grad = torch.full((1, 1), 1e-3)
    optimization.step(0)
    state = optimization.optimizer.state[weight.weight]
    assert float(state["exp_avg"]) == pytest.approx(1e-4)


def test_frozen_weights_are_left_alone() -> None:
    model = network()
    first = next(model.parameters())
    first.requires_grad_(False)
    optimization = Optimization(
        model, learning_rate=0.1, weight_decay=0.1, warmup_ratio=0.1, steps_an_epoch=1, epochs=1
    )
    assert all(weight is not first for weight in optimization.parameters)


def test_the_last_batch_of_an_epoch_may_be_smaller() -> None:
    assert [steps_an_epoch(rows, 8) for rows in (1, 8, 9, 270)] == [1, 1, 2, 34]
