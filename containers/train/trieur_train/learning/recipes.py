"""Which recipe a training follows: how much of the base model it changes."""

from dataclasses import dataclass
from typing import Any

import torch

from trieur_train.learning.device import Device

FULL, FAST, HEAD, AUTO = "full", "fast", "head", "auto"
# What a core does in a training step on short texts, in floating-point operations a second: measured on AMD Zen 5.
CORE_SPEED = {"float32": 50e9, "bfloat16": 120e9}
# Early stopping ends most trainings on a few hundred examples after about so many epochs.
USUAL_EPOCHS = 20
# Six operations for each weight and token: two forward, four backward (Kaplan et al. 2020, section 2.1).
OPERATIONS = 6
# The frozen share of the layers costs nothing once their states are cached.
FAST_SHARE = 0.3
MOST_MINUTES = 60


@dataclass(frozen=True)
class Work:
    """What a training would have to do: weights of the encoder's layers, tokens an epoch, epochs at most."""

    layer_weights: int
    tokens: int
    epochs: int

    def minutes(self, device: Device, cores: int) -> float:
        """About how long full fine-tuning takes on `cores` of a processor, in minutes."""
        epochs = min(self.epochs, USUAL_EPOCHS)
        return OPERATIONS * self.layer_weights * self.tokens * epochs / (CORE_SPEED[device.precision] * cores) / 60


@dataclass(frozen=True)
class Recipe:
    """The recipe asked for and the one chosen; `why` is a code with its numbers, `sentence` says it in English."""

    asked: str
    chosen: str
    why: dict[str, Any]
    sentence: str


def choose_recipe(asked: str, *, pretrained: bool, work: Work, device: Device, cores: int) -> Recipe:
    """The recipe for `asked`, the hyperparameter; a network from scratch has nothing that could stay as it is."""
    minutes = work.minutes(device, cores)
    if not pretrained:
        return Recipe(asked, FULL, {"code": "scratch"}, "Recipe full: a network from scratch has to learn all of it.")
    if asked != AUTO:
        return Recipe(asked, asked, {"code": "asked"}, f"Recipe {asked}, as asked for.")
    if device.device.type != "cpu":
        name = torch.cuda.get_device_name(device.device)
        return Recipe(asked, FULL, {"code": "gpu", "gpu": name}, f"Recipe full: there is a GPU ({name}).")
    estimate = f"fine-tuning all of it would take about {minutes:,.0f} minutes on {cores} cores"
    why = {"minutes": minutes, "cores": cores, "limit": MOST_MINUTES}
    if minutes <= MOST_MINUTES:
        return Recipe(asked, FULL, {"code": "affordable", **why}, f"Recipe full: {estimate}.")
    chosen = FAST if minutes * FAST_SHARE <= MOST_MINUTES else HEAD
    return Recipe(asked, chosen, {"code": "too_slow", **why}, f"Recipe {chosen}: {estimate}, more than {MOST_MINUTES}.")
