"""The console over an account's double, asked as the browser of its owner does."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from tests.unit.console.double import PlaceDouble, furnished
from trieur.console.app import create_app

PORT = 8765
TOKEN = "a-token-of-this-test"
ORIGIN = f"http://127.0.0.1:{PORT}"


@pytest.fixture
def place() -> PlaceDouble:
    return furnished()


@pytest.fixture
def stranger(place: PlaceDouble) -> Iterator[TestClient]:
    """Somebody who has found the port, and no more."""
    with TestClient(create_app(place, token=TOKEN, port=PORT), base_url=ORIGIN, follow_redirects=False) as client:
        yield client


@pytest.fixture
def client(stranger: TestClient) -> TestClient:
    """The owner's browser, which has opened the printed address."""
    stranger.get("/", params={"token": TOKEN})
    stranger.headers.update({"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"})
    return stranger
