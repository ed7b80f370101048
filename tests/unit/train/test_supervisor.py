import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from trieur_train.__main__ import _Stop, _sudden_end


@pytest.fixture
def stop() -> Iterator[_Stop]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield _Stop()
    for number, handler in before.items():
        signal.signal(number, handler)


def sleeper() -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["stop", "keyboard"])
def test_a_signal_before_there_are_workers_is_passed_on_once_there_are(stop: _Stop, number: int) -> None:
    os.kill(os.getpid(), number)
    with sleeper() as workers:
        stop.pass_on_to(workers)
        assert workers.wait(30) == -signal.SIGTERM


def test_a_signal_while_they_work_reaches_them(stop: _Stop) -> None:
    with sleeper() as workers:
        stop.pass_on_to(workers)
        os.kill(os.getpid(), signal.SIGTERM)
        assert workers.wait(30) == -signal.SIGTERM


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (-signal.SIGTERM, "stopped (SIGTERM)"),
        (-signal.SIGKILL, "memory runs out: give a smaller batch_size"),
        (-signal.SIGSEGV, "ended suddenly (signal 11)"),
        (3, "ended suddenly (exit status 3)"),
    ],
)
def test_workers_that_end_without_a_word_are_spoken_for(status: int, words: str) -> None:
    assert words in _sudden_end(status)
