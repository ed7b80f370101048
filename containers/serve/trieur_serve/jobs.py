"""A request under way, from its texts to its answers."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from trieur_serve.long_texts import mean_over_windows
from trieur_serve.model import Model
from trieur_serve.predictions import PredictionWriter, Shape

# Written in some 10 ms where there are a few labels.
ANSWERS_A_STEP = 1000


class Job:
    """`done` is called once, on one of the model's threads, with the answers or with what went wrong."""

    def __init__(self, texts: Sequence[str], shape: Shape, done: Callable[[list[str] | Exception], None]) -> None:
        self.texts = texts
        self.shape = shape
        self.done = done
        self.abandoned = False
        """Set by whoever no longer wants the answers."""
        self.begun = False
        """Whether the model has seen a row of it."""
        self.rows: list[list[int]] = []
        self.waiting: list[int] = []
        """Rows that no turn has taken yet, the longest first."""
        self.waiting_tokens = 0
        self._unanswered = 0
        self._logits: NDArray[np.float32] = np.empty(0, dtype=np.float32)

    @property
    def in_turns(self) -> bool:
        """Whether its next step has to wait for turns."""
        return self._unanswered > 0

    def take(self) -> tuple[int, int] | None:
        """The next row that waits, and its tokens."""
        if not self.waiting:
            return None
        row = self.waiting.pop()
        tokens = len(self.rows[row])
        self.waiting_tokens -= tokens
        return row, tokens

    def settle(self, row: int, logits: NDArray[np.float32]) -> None:
        self._logits[row] = logits
        self._unanswered -= 1
        self.begun = True

    def steps(self, model: Model, writer: PredictionWriter) -> Iterator[None]:
        """Does it, pausing between pieces of work of bounded time, and while rows wait for their turns."""
        encoded = yield from model.encode(self.texts)
        self.rows = encoded.rows
        self._logits = np.empty((len(self.rows), len(model.manifest.labels)), dtype=np.float32)
        self._unanswered = len(self.rows)
        # Rows of like length run together where the engine pads them.
        self.waiting = sorted(range(len(self.rows)), key=lambda row: -len(self.rows[row]))
        self.waiting_tokens = sum(map(len, self.rows))
        while self._unanswered:
            yield
        logits = mean_over_windows(self._logits, encoded.text_of)
        answers: list[str] = []
        while len(answers) < len(self.texts):
            if answers:
                yield
            probabilities = model.probabilities(logits[len(answers) : len(answers) + ANSWERS_A_STEP])
            answers += (writer.write(row, self.shape) for row in probabilities)
        self.done(answers)
