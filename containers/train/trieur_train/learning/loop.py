"""The training loop: epochs over the training split until the validation loss no longer improves."""

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from trieur_train.encoding import Tokens
from trieur_train.evaluation.metrics import Targets, accuracy, guessing_loss, macro_f1, mean_loss
from trieur_train.failure import TrainingFailed
from trieur_train.hyperparameters import Hyperparameters
from trieur_train.learning.batches import batches_by_length, pad, random_batches
from trieur_train.learning.early_stopping import EarlyStopping

WEIGHT_DECAY = 0.01
LARGEST_GRADIENT = 1.0
WARM_UP_SHARE = 0.1
WARM_UP_EPOCHS = 2
EVALUATED_AT_ONCE = 32


@dataclass(frozen=True)
class EncodedSplit:
    """Token numbers of a split's texts and the targets to predict."""

    tokens: Tokens
    targets: Targets


@dataclass(frozen=True)
class Epoch:
    """One line of the history. Losses are means per example; accuracies and F1 are shares of 1."""

    epoch: int
    train_loss: float
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float
    validation_macro_f1: float
    seconds: float

    def log_line(self, epochs: int) -> str:
        """The line that the job's MetricDefinitions and whoever watches the log pick up."""
        values = asdict(self)
        values.pop("epoch")
        seconds = values.pop("seconds")
        metrics = " ".join(f"{name}={value:.4f}" for name, value in values.items())
        return f"epoch={self.epoch} epochs={epochs} {metrics} seconds={seconds:.1f}"


@dataclass(frozen=True)
class Training:
    """How a training went. The network is left with the weights of `best_epoch`."""

    history: list[Epoch]
    best_epoch: int
    stopped_early: bool


def train(
    network: nn.Module,
    train_split: EncodedSplit,
    validation_split: EncodedSplit,
    *,
    settings: Hyperparameters,
    learning_rate: float,
    pad_token_id: int,
    tokens_of_epoch: Callable[[], Tokens] | None = None,
) -> Training:
    """Fine-tune `network` in place, log one line an epoch, and leave the best epoch's weights in it.

    `network` maps input_ids and attention_mask, int64 [batch, tokens], to logits [batch, labels]. Where
    `tokens_of_epoch` is given, each epoch learns from what it returns instead of from `train_split.tokens`.
    Raises TrainingFailed when the network's answers stop being numbers.
    """
    random = np.random.default_rng(settings.seed)
    optimizer = _optimizer(network, learning_rate)
    steps = math.ceil(len(train_split.tokens) / settings.batch_size)
    schedule = _schedule(optimizer, steps, settings.epochs)
    stopping = EarlyStopping(
        patience=settings.patience,
        min_delta=settings.min_delta,
        guessing_loss=guessing_loss(train_split.targets),
    )
    best = {name: weight.detach().clone() for name, weight in network.state_dict().items()}
    history: list[Epoch] = []
    for number in range(1, settings.epochs + 1):
        started = time.perf_counter()
        network.train()
        rows_seen, logits_seen = [], []
        tokens = tokens_of_epoch() if tokens_of_epoch else train_split.tokens
        for rows in random_batches(tokens, settings.batch_size, random):
            input_ids, attention_mask = pad(tokens, rows, pad_token_id)
            logits_seen.append(_step(network, optimizer, input_ids, attention_mask, train_split.targets[rows]))
            rows_seen.append(rows)
            schedule.step()
        train_logits, train_targets = np.concatenate(logits_seen), train_split.targets[np.concatenate(rows_seen)]
        validation_logits = predict(network, validation_split.tokens, pad_token_id)
        if not (np.isfinite(train_logits).all() and np.isfinite(validation_logits).all()):
            raise TrainingFailed(
                f"The training diverged in epoch {number}, its loss is no number any more: give a learning_rate below "
                f"{learning_rate:g}."
            )
        epoch = Epoch(
            epoch=number,
            train_loss=mean_loss(train_logits, train_targets),
            train_accuracy=accuracy(train_logits, train_targets),
            validation_loss=mean_loss(validation_logits, validation_split.targets),
            validation_accuracy=accuracy(validation_logits, validation_split.targets),
            validation_macro_f1=macro_f1(validation_logits, validation_split.targets),
            seconds=time.perf_counter() - started,
        )
        history.append(epoch)
        print(epoch.log_line(settings.epochs), flush=True)
        stopping.record(number, train_loss=epoch.train_loss, validation_loss=epoch.validation_loss)
        if stopping.best_epoch == number:
            for name, weight in network.state_dict().items():
                best[name].copy_(weight)
        if stopping.should_stop:
            break
    network.load_state_dict(best)
    return Training(history, stopping.best_epoch, stopping.should_stop)


def predict(network: nn.Module, tokens: Tokens, pad_token_id: int) -> npt.NDArray[np.float32]:
    """The logits of each text, float32 [texts, labels]."""
    network.eval()
    rows_seen, logits_seen = [], []
    with torch.inference_mode():
        for rows in batches_by_length(tokens, EVALUATED_AT_ONCE):
            input_ids, attention_mask = pad(tokens, rows, pad_token_id)
            logits_seen.append(network(torch.from_numpy(input_ids), torch.from_numpy(attention_mask)).numpy())
            rows_seen.append(rows)
    return np.concatenate(logits_seen)[np.argsort(np.concatenate(rows_seen))]


def _step(
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    input_ids: npt.NDArray[np.int64],
    attention_mask: npt.NDArray[np.int64],
    targets: Targets,
) -> npt.NDArray[np.float32]:
    """Learn from one batch; the logits it got before that, float32 [batch, labels]."""
    logits: torch.Tensor = network(torch.from_numpy(input_ids), torch.from_numpy(attention_mask))
    if targets.ndim == 1:
        loss = nn.functional.cross_entropy(logits, torch.from_numpy(targets))
    else:
        loss = nn.functional.binary_cross_entropy_with_logits(logits, torch.from_numpy(targets))
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(network.parameters(), LARGEST_GRADIENT)
    optimizer.step()
    return logits.detach().numpy()


def _optimizer(network: nn.Module, learning_rate: float) -> torch.optim.Optimizer:
    """AdamW; biases and the gains of layer norms (all that is not a matrix) do not decay."""
    decaying = [weight for weight in network.parameters() if weight.ndim > 1]
    others = [weight for weight in network.parameters() if weight.ndim <= 1]
    groups = [{"params": decaying, "weight_decay": WEIGHT_DECAY}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=learning_rate, fused=True)


def _schedule(optimizer: torch.optim.Optimizer, steps: int, epochs: int) -> torch.optim.lr_scheduler.LambdaLR:
    """A linear warm-up, then a linear decay that would reach zero after all `epochs` of `steps` steps."""
    total = steps * epochs
    warm_up = max(1, min(round(WARM_UP_SHARE * total), WARM_UP_EPOCHS * steps))

    def factor(step: int) -> float:
        if step < warm_up:
            return (step + 1) / warm_up
        return (total - step) / max(1, total - warm_up)

    return torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
