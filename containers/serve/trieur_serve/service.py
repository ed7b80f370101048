"""The classifier as a service: loaded once, then shared fairly by the requests that are under way."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from trieur_serve.jobs import Job
from trieur_serve.manifest import Manifest
from trieur_serve.model import Model
from trieur_serve.predictions import WHOLE, Shape
from trieur_serve.turns import Turns

# How often a request that takes long looks whether anyone still waits for it.
SECONDS_A_LOOK = 0.2


class Abandoned(Exception):
    """The client went away before its answer was ready."""


class Service:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._model: Model | None = None
        self._turns: Turns | None = None

    @property
    def ready(self) -> bool:
        return self._turns is not None

    @property
    def manifest(self) -> Manifest:
        """Of the model, once it is loaded."""
        if self._model is None:
            raise RuntimeError("no model is loaded")
        return self._model.manifest

    async def load(self) -> Model:
        """Raises ModelRefused."""
        self._model = await asyncio.to_thread(Model.load, self._folder)
        self._turns = Turns(self._model)
        return self._model

    async def predict(
        self, texts: Sequence[str], left: Callable[[], Awaitable[bool]], shape: Shape = WHOLE
    ) -> list[str]:
        """The prediction of each text as JSON, in the order of `texts`; raises Abandoned once `left()`.

        Requests take turns, so that one question never waits for another client's thousands.
        """
        if self._turns is None:
            raise RuntimeError("predict before load")
        loop = asyncio.get_running_loop()
        answers: asyncio.Future[list[str]] = loop.create_future()

        def settle(outcome: list[str] | Exception) -> None:
            if answers.done():
                return
            if isinstance(outcome, Exception):
                answers.set_exception(outcome)
            else:
                answers.set_result(outcome)

        job = Job(texts, shape, lambda outcome: loop.call_soon_threadsafe(settle, outcome))
        self._turns.add(job)
        try:
            while not (await asyncio.wait({answers}, timeout=SECONDS_A_LOOK))[0]:
                # Before its first row was looked at it costs nothing, and a client that closed only its sending side
                # may well wait.
                if job.begun and await left():
                    raise Abandoned
            return answers.result()
        finally:
            job.abandoned = True
