from collections.abc import Iterator

import pytest

from tests.unit.cli.live import Command, LiveAccount, endpoint
from tests.unit.runtime_double import RuntimeDouble


@pytest.fixture
def double(monkeypatch: pytest.MonkeyPatch) -> Iterator[RuntimeDouble]:
    """A network with the endpoint of `questions` on the backend camembert, found through the environment."""
    with RuntimeDouble(camembert=("trieur-questions",)) as double:
        double.lead_there(monkeypatch)
        yield double


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, double: RuntimeDouble) -> Command:
    return Command(monkeypatch, double, LiveAccount([endpoint()]))
