"""Turns over a model whose engine the test holds in its hands: on one core, or on several."""

import threading
from collections.abc import Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from trieur_serve import turns
from trieur_serve.batches import turn
from trieur_serve.jobs import Job
from trieur_serve.model import Model
from trieur_serve.predictions import WHOLE
from trieur_serve.turns import Turns

from tests.unit.serve.tiny_model import write_model

PATIENCE = 20


class HeldEngine:
    """Answers as the tiny model's own engine, once it is let; keeps what it was asked, and how many asked at once."""

    name = "held"
    padded = False

    def __init__(self, model: Model, at_once: int) -> None:
        self._engine = model.engine
        self.at_once = at_once
        self.held = threading.Event()
        self.asked: list[tuple[int, int, bool]] = []
        """(rows, the asking thread's number, together) of each turn."""
        self.most_at_once = 0
        self.fails_on: list[int] | None = None
        self._asking: set[int] = set()
        self._lock = threading.Lock()

    def logits(self, rows: Sequence[Sequence[int]], number: int = 0, together: bool = True) -> NDArray[np.float32]:
        with self._lock:
            assert number not in self._asking, "two turns with one number"
            self._asking.add(number)
            self.asked.append((len(rows), number, together))
            self.most_at_once = max(self.most_at_once, len(self._asking))
            assert not together or len(self._asking) == 1, "together, and not alone"
            own = self._engine.logits(rows)
        assert self.held.wait(PATIENCE)
        with self._lock:
            self._asking.remove(number)
        if self.fails_on in [list(row) for row in rows]:
            raise RuntimeError("a row that cannot be computed")
        return own


class Asked:
    """Jobs, and what came of them."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns

    def ask(self, *texts: str) -> "SimpleQueue[list[str] | Exception]":
        outcome: SimpleQueue[list[str] | Exception] = SimpleQueue()
        self.turns.add(Job(texts, WHOLE, outcome.put))
        return outcome


@pytest.fixture(params=[1, 2, 5])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> HeldEngine:
    model = Model.load(write_model(tmp_path / "model"))
    held = HeldEngine(model, request.param)
    model.engine = held
    held.model = model  # type: ignore[attr-defined]
    return held


@pytest.fixture
def asked(engine: HeldEngine) -> Asked:
    return Asked(Turns(engine.model))  # type: ignore[attr-defined]


def top(answer: "SimpleQueue[list[str] | Exception]") -> list[str]:
    """The highest class of each text."""
    found = answer.get(timeout=PATIENCE)
    assert isinstance(found, list), found
    return [prediction.split('"')[3] for prediction in found]


def test_a_question_that_comes_alone_gets_all_cores(engine: HeldEngine, asked: Asked) -> None:
    engine.held.set()
    for text, label in [("curie", "WHO_IS"), ("va", "HOW_ARE_YOU")] * 3:
        assert top(asked.ask(text)) == [label]
    assert {(rows, together) for rows, _, together in engine.asked} == {(1, True)}


def test_what_comes_meanwhile_runs_together_on_as_many_cores_as_there_are(engine: HeldEngine, asked: Asked) -> None:
    first = asked.ask("curie")
    while not engine.asked:
        pass
    others = [asked.ask("va") for _ in range(40)]
    engine.held.set()

    assert top(first) == ["WHO_IS"]
    assert [top(other) for other in others] == [["HOW_ARE_YOU"]] * 40
    assert len(engine.asked) < 41
    assert engine.most_at_once <= engine.at_once


def test_thousands_of_one_client_keep_their_order_and_nobody_waiting(engine: HeldEngine, asked: Asked) -> None:
    words = ["curie", "nodejs " * 3, "va va"] * 500
    many = asked.ask(*words)
    one = asked.ask("nodejs")
    engine.held.set()
    assert top(one) == ["WHO_KNOWS_ABOUT"]
    turns_till_then = len(engine.asked)
    assert top(many) == ["WHO_IS", "WHO_KNOWS_ABOUT", "HOW_ARE_YOU"] * 500
    assert turns_till_then < len(engine.asked)


def test_bulks_that_fill_every_turn_keep_no_question_waiting(
    engine: HeldEngine, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    # By who was given a turn: when its thread came to run it, and when it was heard of again, is the machine's affair.
    planned: list[list[Job]] = []

    def kept(waiting: Sequence[Job], *arguments: Any) -> list[tuple[Job, int]]:
        taken = turn(waiting, *arguments)
        planned.append([job for job, _ in taken])
        return taken

    monkeypatch.setattr(turns, "turn", kept)
    first = asked.ask("curie")
    while not engine.asked:
        pass
    # Each text as long as may be, and more bulks than rows in a turn.
    bulks = [asked.ask(*["va " * 14] * 60) for _ in range(12)]
    outcome: SimpleQueue[list[str] | Exception] = SimpleQueue()
    question = Job(["nodejs"], WHOLE, outcome.put)
    asked.turns.add(question)
    engine.held.set()
    assert [top(one) for one in (first, outcome)] == [["WHO_IS"], ["WHO_KNOWS_ABOUT"]]
    assert [top(bulk) for bulk in bulks] == [["HOW_ARE_YOU"] * 60] * 12
    assert next(number for number, jobs in enumerate(planned) if question in jobs) < 20
    assert len(planned) > 80


def test_a_failure_is_only_that_of_who_caused_it(
    engine: HeldEngine, asked: Asked, caplog: pytest.LogCaptureFixture
) -> None:
    first = asked.ask("curie")
    while not engine.asked:
        pass
    engine.fails_on = [0, 5, 5, 2]
    good, bad = [asked.ask("va") for _ in range(20)], asked.ask("nodejs nodejs")
    with caplog.at_level("ERROR", "trieur_serve"):
        engine.held.set()
        assert top(first) == ["WHO_IS"]
        assert [top(one) for one in good] == [["HOW_ARE_YOU"]] * 20
        assert str(bad.get(timeout=PATIENCE)) == "a row that cannot be computed"
    assert top(asked.ask("curie")) == ["WHO_IS"]


def test_a_job_that_nobody_wants_is_not_run(engine: HeldEngine) -> None:
    turns = Turns(engine.model)  # type: ignore[attr-defined]
    outcome: SimpleQueue[list[str] | Exception] = SimpleQueue()
    running = Asked(turns).ask("curie")
    while not engine.asked:
        pass
    job = Job(["va"], WHOLE, outcome.put)
    job.abandoned = True
    turns.add(job)
    engine.held.set()
    assert top(running) == ["WHO_IS"]
    assert top(Asked(turns).ask("va")) == ["HOW_ARE_YOU"]
    assert outcome.empty()
    assert sum(rows for rows, _, _ in engine.asked) == 2
