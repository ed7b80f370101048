from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.contract.serve.container import Container, start_container
from tests.unit.serve.tiny_model import write_model


@pytest.fixture(scope="module")
def container(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    """One for all tests of a file; whatever they send, it has to outlive them."""
    opt_ml = tmp_path_factory.mktemp("opt_ml")
    write_model(opt_ml / "model")
    running = start_container(opt_ml)
    try:
        yield running.wait_until_ready()
        assert running.exit_code() is None
        assert running.errors() == ""
        assert [entry for entry in running.log() if entry["level"] != "INFO"] == []
    finally:
        running.kill()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Container]]:
    """Starts containers of the test's own over tmp_path, where the test puts its model."""
    started: list[Container] = []

    def start(*arguments: str, **environment: str) -> Container:
        started.append(start_container(tmp_path, *arguments, **environment))
        return started[-1]

    yield start
    for each in started:
        each.kill()
