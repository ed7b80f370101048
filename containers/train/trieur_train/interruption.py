"""SIGTERM, by which SageMaker stops a job or takes back a spot instance: leave at once, or after a checkpoint."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from trieur_train.failure import TrainingStopped


class Interruption:
    """Raises TrainingStopped where the signal finds the process, except while it is `deferred`."""

    def __init__(self) -> None:
        self.requested = False
        self._deferred = False

    def listen(self) -> None:
        """Take SIGTERM from now on."""
        signal.signal(signal.SIGTERM, lambda *_: self.request())

    def request(self) -> None:
        self.requested = True
        if not self._deferred:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            raise TrainingStopped

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Whoever is in here looks at `requested` often and raises TrainingStopped once all is saved."""
        self._deferred = True
        try:
            yield
        finally:
            self._deferred = False
