"""The soak of `make soak-serve`, for seconds, on a model of a few kilobytes."""

from pathlib import Path

import pytest

from benchmarks.load import Request, http_request
from benchmarks.served import check_prediction, ours
from benchmarks.server_process import ServerProcess, free_port
from benchmarks.soak_requests import mixed_requests
from benchmarks.soak_serve import CONTAINER, soak
from tests.unit.serve.tiny_model import write_model

QUESTIONS = ["curie", "nodejs ?", "va va", "curie curie nodejs va", "inconnu"]
# After a third, every kind of request has come.
SECONDS, STRETCHES = 15.0, 3
CONNECTIONS = 64


@pytest.fixture
def server(tmp_path: Path) -> ServerProcess:
    write_model(tmp_path / "ml" / "model")
    return ours(tmp_path, CONTAINER).start(free_port(), tmp_path / "log")


def test_mixed_and_bad_requests_leave_good_ones_and_memory_alone(server: ServerProcess) -> None:
    try:
        soaked = soak(
            server.port,
            lambda: server.memory().resident,
            mixed_requests(QUESTIONS),
            connections=CONNECTIONS,
            seconds=SECONDS,
            count=STRETCHES,
        )
    finally:
        code = server.stop()
    assert not soaked.failures
    assert soaked.shed == 0
    # The soak's 5 % are for memory that a minute has filled; here the first stretch was seconds of a smaller process.
    assert soaked.growth < 0.15
    assert code == 0
    assert sum(len(load.milliseconds) for load in soaked.loads) > 20 * CONNECTIONS
    assert sum(load.refused for load in soaked.loads) > CONNECTIONS


def test_a_soak_finds_what_is_wrong(server: ServerProcess) -> None:
    """Its checks are worth something: a wrong answer and a server that grows are told."""
    memory = iter([100.0, *[106.0] * 99])
    text = Request(http_request(b"curie", "text/plain"), check_prediction)
    unknown = Request(http_request(b"curie", "text/plain", path="/nowhere"), check_prediction)
    try:
        soaked = soak(server.port, lambda: next(memory), [text, unknown], connections=2, seconds=0.5)
    finally:
        server.stop()
    wrong, grown = soaked.broken()
    assert wrong.endswith("times: status 404.")
    assert grown.startswith("Memory grew by 6.0%")
