"""How the tests are spread over pytest's workers, and what no test leaves to the next."""

import signal
from collections.abc import Iterator
from typing import Any

import pytest

# They ask one classifier, whose training takes most of their time: one worker has all of them.
TOGETHER = "tests/e2e/test_person_"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """File by file, as `--dist loadfile` says, but for the files that belong together."""
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class _ByFile(LoadFileScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return TOGETHER if nodeid.startswith(TOGETHER) else super()._split_scope(nodeid)

    return _ByFile(config, log)


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """Children inherit an ignored Ctrl-C, so none may be: not by a test before, nor by a shell that began pytest as a
    job in the background."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
