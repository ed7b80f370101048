"""Fine-tuning of an encoder's upper layers on hidden states that its frozen lower layers gave once and for all."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from transformers import PreTrainedModel

from trieur_train.learning.batches import EVALUATED_AT_ONCE, batches_by_length
from trieur_train.learning.device import Device
from trieur_train.learning.feeds import HiddenFeed, TokenFeed

FROZEN_SHARE = 2 / 3
# Rounding moves logits by about 1e-5; more than this means that the layers cannot be taken apart like that.
LARGEST_DIFFERENCE = 1e-3


class CannotFreeze(Exception):
    """The base model is not a plain stack of layers; the text says what is in the way."""


class UpperLayers(nn.Module):
    """hidden states [rows, tokens, width], attention_mask int64 [rows, tokens] -> logits [rows, labels]."""

    def __init__(self, model: PreTrainedModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, hidden: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.model(inputs_embeds=hidden, attention_mask=attention_mask).logits
        return logits


def frozen_layers(model: PreTrainedModel) -> int:
    """How many of the model's layers the recipe freezes: the lower two thirds."""
    return round(FROZEN_SHARE * model.config.num_hidden_layers)


@contextmanager
def upper_layers(model: PreTrainedModel, frozen: int) -> Iterator[UpperLayers]:
    """In here `model` consists of its layers above the `frozen` lowest, and reads hidden states.

    What all layers share, such as DeBERTa's vectors of distances, is frozen too: the hidden states were made with it.
    Raises CannotFreeze.
    """
    owner, name = _layers(model)
    layers = getattr(owner, name)
    embeddings = _embeddings(model)
    whole = getattr(model.base_model, embeddings)
    own = set(layers.parameters())
    shared = [weight for weight in owner.parameters() if weight not in own]
    setattr(owner, name, layers[frozen:])
    setattr(model.base_model, embeddings, _AsGiven())
    for weight in shared:
        weight.requires_grad_(False)
    try:
        yield UpperLayers(model)
    finally:
        setattr(owner, name, layers)
        setattr(model.base_model, embeddings, whole)
        for weight in shared:
            weight.requires_grad_(True)


def hidden_feed(model: PreTrainedModel, frozen: int, feed: TokenFeed, device: Device) -> HiddenFeed:
    """What the `frozen` lowest layers of `model` give for each row, kept in the precision of `device`.

    Raises CannotFreeze when the upper layers do not make of it what the whole model makes of the tokens.
    """
    _check(model, frozen, feed)
    starts = np.concatenate([[0], np.cumsum(feed.lengths)])
    dtype = torch.bfloat16 if device.bf16 else torch.float32
    states = torch.empty((int(starts[-1]), model.config.hidden_size), dtype=dtype)
    for rows in batches_by_length(feed.lengths, EVALUATED_AT_ONCE):
        with device.computing():
            hidden = _states_below(model, frozen, feed, rows).to("cpu", dtype)
        for position, row in enumerate(rows):
            states[starts[row] : starts[row + 1]] = hidden[position, : feed.lengths[row]]
    return HiddenFeed(states, feed.lengths, device.device)


def _check(model: PreTrainedModel, frozen: int, feed: TokenFeed) -> None:
    rows = np.unique([int(np.argmin(feed.lengths)), int(np.argmax(feed.lengths))])
    model.eval()
    try:
        hidden = _states_below(model, frozen, feed, rows)
        with torch.inference_mode():
            input_ids, attention_mask = feed.batch(rows)
            expected = model(input_ids=input_ids, attention_mask=attention_mask).logits
            with upper_layers(model, frozen) as upper:
                difference = float((upper(hidden, attention_mask) - expected).abs().max())
    except CannotFreeze:
        raise
    except Exception as error:
        raise CannotFreeze(f"its layers cannot be run apart ({type(error).__name__})") from error
    if not difference <= LARGEST_DIFFERENCE:
        raise CannotFreeze(f"its upper layers alone answer otherwise (logits differ by {difference:.2g})")


class _Reached(Exception):
    def __init__(self, hidden: torch.Tensor) -> None:
        self.hidden = hidden


def _states_below(model: PreTrainedModel, layer: int, feed: TokenFeed, rows: npt.NDArray[np.int64]) -> torch.Tensor:
    """What comes to the layer of that number, [rows, tokens, width]."""
    owner, name = _layers(model)

    def reached(_: nn.Module, arguments: tuple[Any, ...], named: dict[str, Any]) -> NoReturn:
        raise _Reached(arguments[0] if arguments else named["hidden_states"])

    input_ids, attention_mask = feed.batch(rows)
    hook = getattr(owner, name)[layer].register_forward_pre_hook(reached, with_kwargs=True)
    model.eval()
    try:
        with torch.inference_mode():
            model(input_ids=input_ids, attention_mask=attention_mask)
    except _Reached as found:
        return found.hidden
    finally:
        hook.remove()
    raise CannotFreeze("its layers do not follow one another")


class _AsGiven(nn.Module):
    """In the place of the embeddings, for a model that is given hidden states."""

    def forward(self, *arguments: torch.Tensor | None, **named: torch.Tensor | None) -> torch.Tensor:
        given = named.get("inputs_embeds", arguments[1] if len(arguments) > 1 else None)
        assert given is not None
        return given


def _layers(model: PreTrainedModel) -> tuple[nn.Module, str]:
    """The module that holds the list of the encoder's layers, and the list's name in it."""
    for module in model.base_model.modules():
        for name, child in module.named_children():
            if isinstance(child, nn.ModuleList) and len(child) == model.config.num_hidden_layers:
                return module, name
    raise CannotFreeze("it has no list of layers")


def _embeddings(model: PreTrainedModel) -> str:
    words = model.get_input_embeddings()
    for name, child in model.base_model.named_children():
        if any(module is words for module in child.modules()):
            return name
    raise CannotFreeze("its embeddings are not apart from its layers")
