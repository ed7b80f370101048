"""The threads that the model belongs to: they serve the requests that are under way in turns."""

import logging
import threading
import time
from collections.abc import Iterator
from queue import Empty, SimpleQueue

import numpy as np
from numpy.typing import NDArray

from trieur_serve.batches import MOST_TOKENS, of_like_length, turn
from trieur_serve.jobs import Job
from trieur_serve.model import Model
from trieur_serve.predictions import PredictionWriter

# Of a turn on one core of several: enough to read the weights seldom, and half as long to wait for.
MOST_TOKENS_ALONE = MOST_TOKENS // 2

NAP = 1e-5

Taken = list[tuple[Job, int]]

logger = logging.getLogger("trieur_serve")


class Turns:
    """Runs jobs on as many threads as the engine takes.

    A question that comes alone runs at once, on all cores together. Where more wait, each core has turns of its own:
    together they would wait for the slower one many times in each. No job waits for all of another: a turn takes rows
    of all of them, and what they need besides is done in steps.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self._threads = model.engine.at_once
        self._writer = PredictionWriter(model.manifest.labels)
        self._arrived: SimpleQueue[Job] = SimpleQueue()
        self._news = 0
        self._heard = threading.Condition()
        # Guards all below. Never held during a turn.
        self._planning = threading.Lock()
        self._jobs: list[tuple[Job, Iterator[None]]] = []
        self._running = 0
        self._together = False
        for number in range(self._threads):
            threading.Thread(target=self._work, args=(number,), name=f"model-{number}", daemon=True).start()

    def add(self, job: Job) -> None:
        self._arrived.put(job)
        self._tell()

    def _tell(self) -> None:
        with self._heard:
            self._news += 1
            self._heard.notify()

    def _work(self, number: int) -> None:
        while True:
            heard = self._news
            with self._planning:
                taken = self._next_turn()
                together = self._together
                idle = not taken and all(job.in_turns for job, _ in self._jobs)
            if idle:
                with self._heard:
                    while self._news == heard:
                        self._heard.wait()
                continue
            if not taken:
                # Whoever waits with a finished turn gets the lock now: Python's locks are not fair.
                time.sleep(NAP)
                continue
            found = self._logits(taken, number, together)
            with self._planning:
                self._running -= 1
                self._together = False
                for job, row, logits in found:
                    job.settle(row, logits)

    def _next_turn(self) -> Taken:
        try:
            while True:
                job = self._arrived.get(block=False)
                self._jobs.append((job, job.steps(self._model, self._writer)))
        except Empty:
            pass
        self._jobs = [(job, steps) for job, steps in self._jobs if _step(job, steps)]
        waiting = [job for job, _ in self._jobs if job.waiting and not job.abandoned]
        if not waiting or self._together or (self._running and self._threads == 1):
            return []
        alone = not self._running and sum(len(job.waiting) for job in waiting) == 1
        self._together = alone or self._threads == 1
        if self._together:
            taken = turn(waiting, Job.take)
        else:
            # Not more than its share, for the others would have nothing to do.
            share = sum(job.waiting_tokens for job in waiting) // (self._threads - self._running)
            taken = turn(waiting, Job.take, min(MOST_TOKENS_ALONE, max(1, share)))
            if any(job.waiting for job in waiting):
                self._tell()
        # Who had a turn stands behind who had none: a row or two may fill it.
        served = {id(job) for job, _ in taken}
        self._jobs.sort(key=lambda entry: id(entry[0]) in served)
        self._running += 1
        return taken

    def _logits(self, taken: Taken, number: int, together: bool) -> list[tuple[Job, int, NDArray[np.float32]]]:
        try:
            return self._run(taken, number, together)
        except Exception:
            logger.exception("a turn failed, so its requests run one by one")
        found = []
        for job in {id(job): job for job, _ in taken}.values():
            try:
                found += self._run([one for one in taken if one[0] is job], number, together)
            except Exception as error:  # noqa: BLE001 (whoever asked is told)
                job.abandoned = True
                job.done(error)
        return found

    def _run(self, taken: Taken, number: int, together: bool) -> list[tuple[Job, int, NDArray[np.float32]]]:
        rows = [job.rows[row] for job, row in taken]
        padded = self._model.engine.padded
        found = []
        for group in of_like_length([len(row) for row in rows]) if padded else [range(len(rows))]:
            logits = self._model.logits([rows[index] for index in group], number, together)
            found += [(*taken[index], one) for index, one in zip(group, logits, strict=True)]
        return found


def _step(job: Job, steps: Iterator[None]) -> bool:
    """Whether there is more to do for the job."""
    if job.abandoned:
        return False
    try:
        next(steps)
    except StopIteration:
        return False
    except Exception as error:  # noqa: BLE001 (whoever asked is told)
        job.done(error)
        return False
    return True
