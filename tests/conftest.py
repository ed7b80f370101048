"""How the tests are spread over pytest's workers."""

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
