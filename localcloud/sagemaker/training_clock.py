"""When a training job's container has to end before its time."""

from __future__ import annotations

import math
import time
from enum import Enum, auto

from localcloud.protocol import Parameters


class Ending(Enum):
    """Why a container has ended."""

    BY_ITSELF = auto()
    STOPPED = auto()
    OUT_OF_TIME = auto()
    OUT_OF_WAIT = auto()
    INTERRUPTED = auto()


class Clock:
    """Counts what a job's container may run, over all its starts, and what its user will wait.

    interruption is after how many seconds of training a managed spot job is to lose its machine, once; None for never.
    """

    def __init__(self, request: Parameters, interruption: float | None) -> None:
        limits = request["StoppingCondition"]
        self._left: float = limits["MaxRuntimeInSeconds"]
        self._patience_ends = time.monotonic() + limits.get("MaxWaitTimeInSeconds", math.inf)
        self._interruption = interruption if request.get("EnableManagedSpotTraining") else None
        self._started = time.monotonic()

    def start(self) -> None:
        """The container runs from now on."""
        self._started = time.monotonic()

    def stop(self) -> None:
        """The container has ended."""
        self._left -= time.monotonic() - self._started

    def due(self) -> Ending | None:
        """Why the running container has to end now, None while it may go on."""
        ran = time.monotonic() - self._started
        if time.monotonic() > self._patience_ends:
            return Ending.OUT_OF_WAIT
        if ran > self._left:
            return Ending.OUT_OF_TIME
        if self._interruption is not None and ran > self._interruption:
            self._interruption = None
            return Ending.INTERRUPTED
        return None
