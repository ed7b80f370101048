"""The training loop: epochs over the training split until the validation loss no longer improves."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from trieur_train.evaluation.metrics import Logits, Targets, accuracy, guessing_loss, macro_f1, mean_loss
from trieur_train.failure import TrainingFailed, TrainingStopped
from trieur_train.hyperparameters import Hyperparameters
from trieur_train.interruption import Interruption
from trieur_train.learning.batches import EVALUATED_AT_ONCE, batches_by_length, random_batches
from trieur_train.learning.checkpoints import Checkpoints
from trieur_train.learning.device import Device, compiled_where_it_pays
from trieur_train.learning.early_stopping import EarlyStopping
from trieur_train.learning.feeds import Feed, Rows
from trieur_train.learning.objective import Objective, objective
from trieur_train.learning.optimization import Optimization, steps_an_epoch
from trieur_train.learning.processes import Processes
from trieur_train.long_texts import mean_over_windows


@dataclass(frozen=True)
class Examples:
    """One split as a network learns it: the rows of `feed`, the text each belongs to, and the texts' targets."""

    feed: Feed
    text_of: npt.NDArray[np.int64]
    targets: Targets


@dataclass(frozen=True)
class Surroundings:
    """What a training runs in: its device, its processes, and how it may be cut short."""

    device: Device
    processes: Processes
    interruption: Interruption
    checkpoints: Checkpoints | None


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
    examples: Examples,
    validation: Examples,
    *,
    settings: Hyperparameters,
    learning_rate: float,
    surroundings: Surroundings,
    examples_of_epoch: Callable[[int], Examples] | None = None,
) -> Training:
    """Fine-tune `network` in place, log one line an epoch, and leave the best epoch's weights in it.

    `network` maps what the feeds give to logits [rows, labels]. Where `examples_of_epoch` is given, each epoch learns
    from what it returns for its number instead of from `examples`. Goes on from the last checkpoint, if there is one.
    Raises TrainingFailed when the network's answers stop being numbers, TrainingStopped after an interruption.
    """
    loop = _Loop(network, examples, validation, settings, learning_rate, surroundings, examples_of_epoch)
    with surroundings.interruption.deferred():
        return loop.run()


def predict(network: nn.Module, feed: Feed, device: Device, processes: Processes | None = None) -> Logits:
    """The logits of each row, float32 [rows, labels]; with several processes, each works out its share."""
    processes = processes or Processes()
    network.eval()
    mine = processes.share(np.arange(len(feed.lengths)))
    rows_seen, logits_seen = [mine[:0]], []
    with torch.inference_mode(), device.computing():
        for at in batches_by_length(feed.lengths[mine], EVALUATED_AT_ONCE):
            logits_seen.append(network(*feed.batch(mine[at])).float().cpu().numpy())
            rows_seen.append(mine[at])
    parts = processes.gathered((np.concatenate(rows_seen), logits_seen))
    rows = np.concatenate([rows for rows, _ in parts])
    logits: Logits = np.concatenate([logits for _, found in parts for logits in found])
    return logits[np.argsort(rows)]


class _Loop:
    def __init__(
        self,
        network: nn.Module,
        examples: Examples,
        validation: Examples,
        settings: Hyperparameters,
        learning_rate: float,
        surroundings: Surroundings,
        examples_of_epoch: Callable[[int], Examples] | None,
    ) -> None:
        self._network, self._validation, self._settings = network, validation, settings
        self._examples_of_epoch = examples_of_epoch or (lambda _: examples)
        self._learning_rate, self._surroundings = learning_rate, surroundings
        self._device, self._processes = surroundings.device, surroundings.processes
        rows = len(examples.feed.lengths)
        self._steps = steps_an_epoch(rows, settings.batch_size)
        self._optimization = Optimization(
            network,
            learning_rate=learning_rate,
            weight_decay=settings.weight_decay,
            warmup_ratio=settings.warmup_ratio,
            steps_an_epoch=self._steps,
            epochs=settings.epochs,
        )
        learner = compiled_where_it_pays(network, self._device, self._steps * settings.epochs)
        # Some base models carry weights that their answer does not use, such as a pooler.
        several = {"find_unused_parameters": True, "gradient_as_bucket_view": True}
        self._learner = DistributedDataParallel(learner, **several) if self._processes.count > 1 else learner
        self._stopping = EarlyStopping(
            patience=settings.patience,
            min_delta=settings.min_delta,
            guessing_loss=guessing_loss(examples.targets),
        )
        self._history: list[Epoch] = []
        self._best = _copied(network.state_dict())
        self._seen = _Seen()

    def run(self) -> Training:
        first, done = self._resumed()
        # A checkpoint after the last epoch leaves nothing to do here but to take its best weights.
        for number in range(first, self._settings.epochs + 1):
            if self._stopping.should_stop:
                break
            self._epoch(number, done)
            done = 0
        self._pause(self._settings.epochs + 1, 0)
        self._network.load_state_dict(self._best)
        return Training(self._history, self._stopping.best_epoch, self._stopping.should_stop)

    def _epoch(self, number: int, done: int) -> None:
        """Epoch `number`, of which the first `done` batches were learnt before an interruption."""
        started = time.perf_counter()
        examples = self._examples_of_epoch(number)
        # By the epoch's number, not by what was drawn before: whatever was interrupted goes on in the same order.
        random = np.random.default_rng([self._settings.seed, number])
        batches = random_batches(examples.feed.lengths, self._settings.batch_size, random)
        aim = objective(
            examples.targets,
            examples.text_of,
            class_weights=self._settings.class_weights,
            label_smoothing=self._settings.label_smoothing,
        )
        self._network.train()
        for position in range(done, len(batches)):
            self._step((number - 1) * self._steps + position, examples.feed, aim, batches[position])
            self._pause(number, position + 1)
        rows, logits = self._seen.of_all(self._processes)
        if not np.isfinite(logits).all():
            raise self._diverged(number)
        train_logits = mean_over_windows(logits[np.argsort(rows)], examples.text_of)
        self._record(number, train_logits, examples.targets, started)

    def _step(self, number: int, feed: Feed, aim: Objective, batch: Rows) -> None:
        """Learn from one batch, in parts where it is too large for the memory; each process takes its share."""
        torch.manual_seed(_drawn(self._settings.seed, number, self._processes.rank))
        weight = aim.weight(batch)
        parts = np.array_split(batch, min(self._settings.gradient_accumulation_steps, len(batch)))
        for part in parts:
            rows = self._processes.share(part)
            # Every process must take part in every exchange of gradients.
            some = rows if len(rows) else batch[:1]
            with self._device.computing():
                logits = self._learner(*feed.batch(some)).float()
            # The processes' gradients are averaged, where they are to be added.
            loss = aim.loss(logits, some) * (self._processes.count * bool(len(rows)) / weight)
            loss.backward()  # type: ignore[no-untyped-call]
            self._seen.add(rows, logits.detach()[: len(rows)])
        self._optimization.step(number)

    def _record(self, number: int, train_logits: Logits, train_targets: Targets, started: float) -> None:
        validation = self._validation
        rows = predict(self._network, validation.feed, self._device, self._processes)
        if not np.isfinite(rows).all():
            raise self._diverged(number)
        logits = mean_over_windows(rows, validation.text_of)
        epoch = Epoch(
            epoch=number,
            train_loss=mean_loss(train_logits, train_targets),
            train_accuracy=accuracy(train_logits, train_targets),
            validation_loss=mean_loss(logits, validation.targets),
            validation_accuracy=accuracy(logits, validation.targets),
            validation_macro_f1=macro_f1(logits, validation.targets),
            seconds=time.perf_counter() - started,
        )
        if self._processes.leads:
            print(epoch.log_line(self._settings.epochs), flush=True)
        self._take_in(epoch)
        if self._stopping.best_epoch == number:
            for name, weight in self._network.state_dict().items():
                self._best[name].copy_(weight)
        self._seen = _Seen()

    def _take_in(self, epoch: Epoch) -> None:
        self._history.append(epoch)
        self._stopping.record(epoch.epoch, train_loss=epoch.train_loss, validation_loss=epoch.validation_loss)

    def _pause(self, epoch: int, done: int) -> None:
        """Save where the training stands when it is time to, and leave when asked to."""
        checkpoints = self._surroundings.checkpoints
        leave = self._processes.any(self._surroundings.interruption.requested)
        if checkpoints and (leave or self._processes.any(checkpoints.due)):
            rows, logits = self._seen.of_all(self._processes)
            if self._processes.leads:
                checkpoints.save(self._state(epoch, done, rows, logits))
        if leave:
            # The others must not be gone, and bring down the one that saves.
            self._processes.any(True)
            raise TrainingStopped("a checkpoint was saved" if checkpoints else "no model was kept")

    def _state(self, epoch: int, done: int, rows: Rows, logits: Logits) -> dict[str, Any]:
        return {
            "epoch": epoch,
            "done": done,
            "network": self._network.state_dict(),
            "optimizer": self._optimization.optimizer.state_dict(),
            "best": self._best,
            "history": [asdict(each) for each in self._history],
            "rows": torch.from_numpy(rows),
            "logits": torch.from_numpy(logits),
        }

    def _resumed(self) -> tuple[int, int]:
        """The epoch to go on with, and how many of its batches are done."""
        checkpoints = self._surroundings.checkpoints
        state = checkpoints.last() if checkpoints else None
        if state is None:
            return 1, 0
        self._network.load_state_dict(state["network"])
        self._optimization.optimizer.load_state_dict(state["optimizer"])
        self._best = state["best"]
        for epoch in state["history"]:
            self._take_in(Epoch(**epoch))
        kept = len(state["rows"]) if self._processes.leads else 0
        self._seen.add(state["rows"].numpy()[:kept], state["logits"][:kept])
        if self._processes.leads:
            over = state["epoch"] > self._settings.epochs
            where = "its last epoch is over" if over else f"epoch {state['epoch']}, after {state['done']} batches"
            print(f"Going on from the checkpoint: {where}.", flush=True)
        return state["epoch"], state["done"]

    def _diverged(self, number: int) -> TrainingFailed:
        return TrainingFailed(
            f"The training diverged in epoch {number}, its loss is no number any more: give a learning_rate below "
            f"{self._learning_rate:g}."
        )


class _Seen:
    """The logits that the rows of an epoch got while they were learnt from."""

    def __init__(self) -> None:
        self._rows: list[Rows] = []
        self._logits: list[torch.Tensor] = []

    def add(self, rows: Rows, logits: torch.Tensor) -> None:
        self._rows.append(rows)
        self._logits.append(logits)

    def of_all(self, processes: Processes) -> tuple[Rows, Logits]:
        """Those of every process, each row once."""
        nothing: tuple[Rows, Logits] = np.zeros(0, dtype=np.int64), np.zeros((0, 0), dtype=np.float32)
        mine = (np.concatenate(self._rows), torch.cat(self._logits).cpu().numpy()) if self._rows else nothing
        parts = processes.gathered(mine)
        return np.concatenate([rows for rows, _ in parts]), np.concatenate([logits for _, logits in parts])


def _copied(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name: weight.detach().clone() for name, weight in weights.items()}


def _drawn(*numbers: int) -> int:
    """A seed of their own for each step and process: what is dropped out does not depend on what went before."""
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0] >> 1)
