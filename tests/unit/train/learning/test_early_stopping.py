import pytest
from trieur_train.learning.early_stopping import EarlyStopping

GUESSING = 1.0
LEARNT = 0.5


def epochs_until_stop(stopping: EarlyStopping, losses: list[tuple[float, float]]) -> int | None:
    for epoch, (train_loss, validation_loss) in enumerate(losses, start=1):
        stopping.record(epoch, train_loss=train_loss, validation_loss=validation_loss)
        if stopping.should_stop:
            return epoch
    return None


def stopping(patience: int = 3, min_delta: float = 0.01) -> EarlyStopping:
    return EarlyStopping(patience=patience, min_delta=min_delta, guessing_loss=GUESSING)


def test_it_stops_after_patience_epochs_without_improvement() -> None:
    losses = [(LEARNT, 0.5), (LEARNT, 0.4), *[(LEARNT, 0.6)] * 5]
    assert epochs_until_stop(stopping(), losses) == 5


def test_an_improvement_starts_the_count_again() -> None:
    losses = [(LEARNT, 0.5), (LEARNT, 0.6), (LEARNT, 0.6), (LEARNT, 0.4), *[(LEARNT, 0.6)] * 5]
    assert epochs_until_stop(stopping(), losses) == 7


def test_an_improvement_below_min_delta_is_none() -> None:
    losses = [(LEARNT, 0.5 - 0.001 * epoch) for epoch in range(9)]
    assert epochs_until_stop(stopping(), losses) == 4


def test_slow_improvements_count_once_they_add_up_to_min_delta() -> None:
    losses = [(LEARNT, 0.5 - 0.005 * epoch) for epoch in range(30)]
    assert epochs_until_stop(stopping(), losses) is None


def test_the_best_epoch_is_the_lowest_loss_however_small_the_improvement() -> None:
    judge = stopping()
    epochs_until_stop(judge, [(LEARNT, 0.5), (LEARNT, 0.499), (LEARNT, 0.4995)])
    assert judge.best_epoch == 2


def test_a_plateau_before_anything_was_learnt_does_not_count() -> None:
    losses = [(1.0, 1.0)] * 20 + [(LEARNT, 0.4), *[(LEARNT, 0.5)] * 5]
    assert epochs_until_stop(stopping(), losses) == 24


@pytest.mark.parametrize("patience", [1, 10])
def test_examples_learnt_by_heart_while_validation_rises_stop_it(patience: int) -> None:
    losses = [(LEARNT, 1.0 + 0.1 * epoch) for epoch in range(patience + 5)]
    assert epochs_until_stop(stopping(patience), losses) == patience + 1
