import os
import signal
from collections.abc import Iterator

import pytest
from trieur_train.failure import TrainingStopped
from trieur_train.interruption import Interruption


@pytest.fixture
def interruption() -> Iterator[Interruption]:
    before = signal.getsignal(signal.SIGTERM)
    heard = Interruption()
    heard.listen()
    yield heard
    signal.signal(signal.SIGTERM, before)


@pytest.mark.usefixtures("interruption")
def test_the_signal_ends_what_it_finds() -> None:
    with pytest.raises(TrainingStopped, match="no model was kept"):
        os.kill(os.getpid(), signal.SIGTERM)


def test_while_it_is_deferred_it_is_only_noted(interruption: Interruption) -> None:
    with interruption.deferred():
        os.kill(os.getpid(), signal.SIGTERM)
        assert interruption.requested


def test_once_it_is_no_longer_deferred_it_ends_what_it_finds(interruption: Interruption) -> None:
    with interruption.deferred():
        pass
    with pytest.raises(TrainingStopped):
        os.kill(os.getpid(), signal.SIGTERM)
