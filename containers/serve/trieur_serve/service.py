"""The classifier as a service: loaded once, then shared fairly by the requests that are under way."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from trieur_serve.batches import batches
from trieur_serve.long_texts import mean_over_windows
from trieur_serve.model import Model
from trieur_serve.predictions import PredictionWriter

# Written in some 10 ms where there are a few labels.
ANSWERS_A_STEP = 1000
_DONE = object()


class Abandoned(Exception):
    """The client went away before its answer was ready."""


class Service:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._model: Model | None = None
        # One thread: a prediction uses every core by itself. It leaves the event loop to /ping.
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="model")

    @property
    def ready(self) -> bool:
        return self._model is not None

    async def load(self) -> Model:
        """Raises ModelRefused."""
        self._model = await asyncio.get_running_loop().run_in_executor(self._worker, Model.load, self._folder)
        return self._model

    async def predict(self, texts: Sequence[str], left: Callable[[], Awaitable[bool]]) -> list[str]:
        """The prediction of each text as JSON, in the order of `texts`; raises Abandoned once `left()`.

        Requests take turns batch by batch, so that one question never waits for another client's thousands.
        """
        if self._model is None:
            raise RuntimeError("predict before load")
        answers = [""] * len(texts)
        steps = _steps(self._model, texts, answers)
        loop = asyncio.get_running_loop()
        while await loop.run_in_executor(self._worker, next, steps, _DONE) is not _DONE:
            if await left():
                raise Abandoned
        return answers


def _steps(model: Model, texts: Sequence[str], answers: list[str]) -> Iterator[None]:
    """Fills `answers`, pausing between pieces of work of bounded time and memory."""
    encoded = yield from model.encode(texts)
    row_logits = np.empty((len(encoded.rows), len(model.manifest.labels)), dtype=np.float32)
    for number, batch in enumerate(batches([len(row) for row in encoded.rows])):
        if number:
            yield
        row_logits[batch] = model.logits([encoded.rows[index] for index in batch])
    logits = mean_over_windows(row_logits, encoded.text_of)
    writer = PredictionWriter(model.manifest.labels)
    for start in range(0, len(texts), ANSWERS_A_STEP):
        if start:
            yield
        for index, row in enumerate(model.probabilities(logits[start : start + ANSWERS_A_STEP]), start):
            answers[index] = writer.write(row)
