"""Comparing both backends while the page waits."""

import re
import time

import pytest
from starlette.testclient import TestClient

from tests.unit.console.double import PlaceDouble
from trieur.console.place import PlaceError

HTMX = {"HX-Request": "true"}


def start(client: TestClient) -> str:
    answer = client.post("/compare", data={"classifier": "questions"}, headers=HTMX)
    assert answer.status_code == 200
    return answer.text


def ended(client: TestClient) -> str:
    """The region once nothing is under way."""
    deadline = time.monotonic() + 10
    while 'hx-trigger="every 2s"' in (page := client.get("/compare/live?classifier=questions", headers=HTMX).text):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return page


@pytest.mark.parametrize(("language", "said"), [("en", "71 against 68"), ("fr", "71 contre 68")])
def test_the_published_matrix_is_there_before_anything_is_measured(
    client: TestClient, language: str, said: str
) -> None:
    page = client.get("/compare", headers={"Accept-Language": language}).text

    assert said in page
    assert page.count("<tr>") == 1 + 5 + 1


def test_only_classifiers_with_both_can_be_chosen(client: TestClient, place: PlaceDouble) -> None:
    page = client.get("/compare").text
    assert re.findall(r"<option[^>]*>([\w-]+)<", page) == ["questions"]

    del place.everything["questions"]
    assert "No classifier has a trained model of both backends." in client.get("/compare").text


def test_what_is_measured_is_followed_and_kept(client: TestClient, place: PlaceDouble) -> None:
    start(client)
    while "(3 / 10)" not in (page := client.get("/compare/live?classifier=questions", headers=HTMX).text):
        assert 'hx-trigger="every 2s"' in page
    assert "Asking CamemBERT" in page
    place.may_end.set()

    page = ended(client)

    assert "Comprehend (stand-in)" in page
    assert "27 of 30 right, asked now" in page
    assert "Measured on the local AWS" in page
    assert page == client.get("/compare/live?classifier=questions", headers=HTMX).text
    assert "27 sur 30 justes" in client.get("/compare", headers={"Accept-Language": "fr"}).text


def test_one_is_measured_at_a_time(client: TestClient, place: PlaceDouble) -> None:
    for _ in range(3):
        start(client)
    place.may_end.set()
    ended(client)

    assert place.asked == [("questions", "", "both")]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PlaceError("No dataset version of questions was trained by both backends."), "No dataset version"),
        (ZeroDivisionError("a secret of the inside"), "The console failed at this"),
    ],
    ids=["foreseen", "unforeseen"],
)
def test_what_fails_is_said(client: TestClient, place: PlaceDouble, error: Exception, said: str) -> None:
    place.trouble = error
    start(client)

    page = ended(client)

    assert said in page
    assert "secret" not in page


def test_what_cannot_be_a_classifier_is_not_compared(client: TestClient, place: PlaceDouble) -> None:
    assert client.post("/compare", data={"classifier": "<b>"}).status_code == 422
    assert client.get("/compare/live?classifier=%3Cb%3E").status_code == 404
    assert place.asked == []
