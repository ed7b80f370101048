"""When to stop a training that no longer improves."""

import math

LEARNT_SHARE = 0.9


class EarlyStopping:
    """Stops after `patience` epochs without the validation loss improving by at least `min_delta`.

    A network that starts from random weights may lie for several epochs on a plateau where it merely guesses by the
    labels' shares, at a loss of `guessing_loss`, before its loss falls. Neither split's loss moves there, and stopping
    would leave a model that has learnt nothing. So patience begins to count with the first epoch whose *training*
    loss is below 90 % of `guessing_loss`. Training loss, because on examples that cannot be learnt it falls all the
    same (they are memorised) while the validation loss rises: such a training must still stop.
    """

    def __init__(self, *, patience: int, min_delta: float, guessing_loss: float) -> None:
        self.patience = patience
        self.min_delta = min_delta
        self.guessing_loss = guessing_loss
        self.best_epoch = 0
        """The epoch with the lowest validation loss so far, however small the improvement."""
        self._lowest = math.inf
        self._reference = math.inf
        self._learning = False
        self._without_improvement = 0

    def record(self, epoch: int, *, train_loss: float, validation_loss: float) -> None:
        """Take in the losses of `epoch`, the one just ended."""
        if validation_loss < self._lowest:
            self._lowest = validation_loss
            self.best_epoch = epoch
        if validation_loss <= self._reference - self.min_delta:
            self._reference = validation_loss
            self._without_improvement = 0
            return
        self._learning = self._learning or train_loss < LEARNT_SHARE * self.guessing_loss
        if self._learning:
            self._without_improvement += 1

    @property
    def should_stop(self) -> bool:
        return self._without_improvement >= self.patience
