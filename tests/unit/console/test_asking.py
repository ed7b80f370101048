"""The box to try a classifier in."""

import re

import pytest
from starlette.testclient import TestClient

from tests.unit.console.double import PlaceDouble
from trieur.console.place import PlaceError

ASK = "/classifiers/questions/ask"


def ask(client: TestClient, text: str, backend: str = "camembert") -> str:
    answer = client.post(ASK, data={"text": text, "backend": backend}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.text


def asked(client: TestClient) -> list[str]:
    """The texts that the page has of the session, newest first."""
    return re.findall(r'<td dir="auto" class="text">(.*?)</td>', client.get("/classifiers/questions").text)


def test_classes_come_as_bars_highest_first(client: TestClient, place: PlaceDouble) -> None:
    page = ask(client, "Qui fait du nodejs ?")

    assert re.findall(r"<bdi>(\w+)</bdi></span>", page) == ["WHO_KNOWS_ABOUT", "WHO_IS", "HOW_ARE_YOU"]
    assert re.findall(r'class="filled" width="([0-9.]+)"', page) == ["98.42", "1.01", "0.57"]
    assert "98.4%" in page
    assert "12\u00a0ms" in page
    assert place.asked == [("questions", "Qui fait du nodejs ?", "camembert")]


def test_a_screen_reader_is_told_the_first_class(client: TestClient) -> None:
    assert '<div hx-swap-oob="innerHTML:#said">WHO_KNOWS_ABOUT, 98.4%</div>' in ask(client, "Qui fait du nodejs ?")


def test_nothing_typed_asks_nothing(client: TestClient, place: PlaceDouble) -> None:
    assert "appear here" in ask(client, "  \n ")
    assert place.asked == []


def test_a_long_text_is_not_sent(client: TestClient, place: PlaceDouble) -> None:
    assert "5,000" in ask(client, "a" * 5_001)
    assert place.asked == []


def test_more_than_a_form_holds_is_not_read(client: TestClient, place: PlaceDouble) -> None:
    answer = client.post(ASK, data={"text": "a" * 600_000, "backend": "camembert"})

    assert answer.status_code == 413
    assert place.asked == []


def test_no_other_backend_is_asked(client: TestClient, place: PlaceDouble) -> None:
    assert client.post(ASK, data={"text": "a", "backend": "<b>"}).status_code == 422
    assert place.asked == []


def test_what_was_asked_is_remembered_newest_first(client: TestClient) -> None:
    ask(client, "Qui est Marie Curie ?")
    page = ask(client, "Comment ça va ?")

    assert 'id="asked" hx-swap-oob="innerHTML"' in page
    assert asked(client) == ["Comment ça va ?", "Qui est Marie Curie ?"]


def test_what_was_typed_on_the_way_is_not(client: TestClient) -> None:
    for text in ("Qui", "Qui est", "Qui est Marie Curie ?", "Qui est Marie"):
        ask(client, text)
    ask(client, "Qui est Marie", backend="comprehend")

    assert asked(client) == ["Qui est Marie", "Qui est Marie"]


def test_texts_and_classes_are_shown_as_they_are(client: TestClient, place: PlaceDouble) -> None:
    place.classes = {"<b>bold</b>": 1.0}

    page = ask(client, "<script>alert(1)</script>")

    assert "<script" not in page
    assert "<b>" not in page
    assert asked(client) == ["&lt;script&gt;alert(1)&lt;/script&gt;"]


@pytest.mark.parametrize("classes", [9, 1000])
def test_many_classes_show_the_first_eight(client: TestClient, place: PlaceDouble, classes: int) -> None:
    place.classes = {f"CLASS_{number}": (classes - number) / classes**2 for number in range(classes)}

    page = ask(client, "Qui ?")

    assert page.count('class="bar"') == 8
    assert f"and {classes - 8:,}\u00a0class" in page


def test_an_endpoint_that_fails_says_so_in_a_sentence(client: TestClient, place: PlaceDouble) -> None:
    place.trouble = PlaceError("The endpoint of questions was asked faster than it answers: ask again in a moment.")

    assert "ask again in a moment." in ask(client, "Qui ?")
