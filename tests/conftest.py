"""How the tests are spread over pytest's workers, and what no test leaves to the next."""

import signal
from collections.abc import Iterator
from typing import Any

import pytest

# They ask one classifier, whose training takes most of their time: one worker has all of them.
TOGETHER = "tests/e2e/test_person_"


def pytest_configure() -> None:
    # A shell that begins pytest as a job in the background has it, and all that it starts, ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)


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
    """A test leaves them as it found them: what a later one starts would inherit an ignored one."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
