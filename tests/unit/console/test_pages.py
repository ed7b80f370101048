"""The pages, in both languages."""

import re

import pytest
from starlette.testclient import TestClient

from tests.unit.console.double import PlaceDouble, endpoint, run
from trieur.console.place import PlaceError

PAGES = {
    "overview": "/",
    "classifier": "/classifiers/questions",
    "under-way": "/classifiers/support-tickets",
    "without-endpoint": "/classifiers/moods",
    "unknown": "/classifiers/nothing",
    "run": "/classifiers/questions/runs/0000000000000004",
    "rejected-run": "/classifiers/questions/runs/0000000000000003",
    "drop": "/drop?classifier=questions",
    "costs": "/costs",
    "compare": "/compare",
}
NASTY = "<img src=x onerror=alert(1)>'\"&"


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(("language", "word"), [("en", "Classifiers"), ("fr", "Classifieurs")])
def test_every_page_speaks_the_readers_language(client: TestClient, name: str, language: str, word: str) -> None:
    answer = client.get(PAGES[name], headers={"Accept-Language": f"{language}-CA,{language};q=0.9,de;q=0.8"})

    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text
    assert answer.headers["content-language"] == language
    assert word in answer.text


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("", "en"), ("de", "en"), ("de;q=0.9, fr;q=0.2", "fr"), ("en;q=0.5, fr;q=0.6", "fr"), ("fr;q=x, en", "en")],
)
def test_the_language_is_the_best_liked_of_both(client: TestClient, accepted: str, language: str) -> None:
    assert f'<html lang="{language}">' in client.get("/", headers={"Accept-Language": accepted}).text


def test_the_readers_choice_is_kept(client: TestClient) -> None:
    answer = client.post("/language", data={"language": "fr", "back": "/costs"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/costs")
    assert '<html lang="fr">' in client.get("/costs", headers={"Accept-Language": "en"}).text


def test_another_language_is_of_what_is_shown(client: TestClient) -> None:
    page = client.get("/costs?questions=1000&hours=50").text

    assert '<input type="hidden" name="back" id="back" value="/costs?questions=1000&amp;hours=50">' in page
    part = client.get("/costs/month?questions=1000&hours_a_week=50").text
    [back] = re.findall(r'<input type="hidden" name="back" id="back" value="([^"]*)" hx-swap-oob="true">', part)
    assert "questions=1000" in back
    assert client.get(back.replace("&amp;", "&")).text.count('value="50"') == 1


def test_the_overview_says_how_each_classifier_is(client: TestClient, place: PlaceDouble) -> None:
    page = client.get("/").text

    for name in place.everything:
        assert f'href="/classifiers/{name}"' in page
    assert "98.2%" in page
    assert "Training" in page


def test_an_empty_account_says_what_to_do(client: TestClient, place: PlaceDouble) -> None:
    place.everything.clear()

    page = client.get("/").text

    assert "No classifier yet" in page
    assert 'href="/drop"' in page


@pytest.mark.parametrize("path", ["/", "/classifiers/questions", "/classifiers/questions/live", "/drop"])
def test_what_aws_complains_of_is_a_sentence_on_the_page(client: TestClient, place: PlaceDouble, path: str) -> None:
    place.trouble = PlaceError("The AWS sign-in has expired: run `aws sso login`.")

    page = client.get(path).text

    assert "The AWS sign-in has expired: run `aws sso login`." in page
    assert "Traceback" not in page


def test_a_region_that_trouble_has_hit_goes_on_asking(client: TestClient, place: PlaceDouble) -> None:
    place.trouble = PlaceError("AWS cannot be reached.")

    answer = client.get("/overview", headers={"HX-Request": "true"})

    assert answer.status_code == 200
    assert 'hx-get="/overview?seen=' in answer.text


def test_a_followed_drop_goes_on_being_asked_for_after_trouble_and_shows_it_again(
    client: TestClient, place: PlaceDouble
) -> None:
    place.trouble = PlaceError("AWS cannot be reached.")
    answer = client.get("/classifiers/questions/live?runs=a,b&seen=x", headers={"HX-Request": "true"})
    [again] = re.findall(r'hx-get="(/classifiers/questions/live[^"]*)" hx-trigger="every 2s"', answer.text)

    assert (answer.status_code, "AWS cannot be reached." in answer.text) == (200, True)
    assert "runs=a" in again
    place.trouble = None
    assert "98.2%" in client.get(again.replace("&amp;", "&"), headers={"HX-Request": "true"}).text


def test_what_fails_in_the_console_itself_is_a_sentence_too(place: PlaceDouble, client: TestClient) -> None:
    place.trouble = ZeroDivisionError("a secret of the inside")
    # Starlette answers, then has the server log it.
    client = TestClient(client.app, client.base_url, raise_server_exceptions=False, cookies=client.cookies)

    answer = client.get("/")

    assert answer.status_code == 500
    assert "The console failed at this" in answer.text
    assert "secret" not in answer.text
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path",
    ["/nope", "/classifiers/Not-a-Name", "/classifiers/questions/runs/gone", "/classifiers/a%2F..%2Fb", "/docs"],
)
def test_what_is_not_there_is_said(client: TestClient, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 404
    assert "That did not work" in answer.text


def test_names_and_messages_are_shown_as_they_are(client: TestClient, place: PlaceDouble) -> None:
    place.everything["questions"] = [run(1, file=NASTY, message=NASTY, label_counts={NASTY: 3}, warnings=(NASTY,))]

    for path in ("/", "/classifiers/questions", "/classifiers/questions/runs/0000000000000001"):
        assert "<img" not in client.get(path).text
    assert client.get("/classifiers/questions/runs/0000000000000001").text.count("&lt;img src=x") >= 4


def test_a_run_under_way_is_asked_for_again_soon_and_answered_only_once_it_changed(
    client: TestClient, place: PlaceDouble
) -> None:
    place.everything = {"questions": [run(1, status="TRAINING", ended=False, accuracy=None, has_report=False)]}
    page = client.get("/classifiers/questions").text
    [again] = re.findall(r'hx-get="(/classifiers/questions/live[^"]*)" hx-trigger="every 2s"', page)
    again = again.replace("&amp;", "&")

    same = client.get(again, headers={"HX-Request": "true"})
    place.everything = {"questions": [run(1)]}
    changed = client.get(again, headers={"HX-Request": "true"})

    assert (same.status_code, same.text) == (204, "")
    assert 'hx-trigger="every 20s"' in changed.text
    assert 'hx-swap-oob="innerHTML:#said">CamemBERT Live.' in changed.text


def test_the_box_to_try_comes_once_an_endpoint_answers(client: TestClient, place: PlaceDouble) -> None:
    place.endpoints = {}
    page = client.get("/classifiers/questions").text
    [again] = re.findall(r'hx-get="(/classifiers/questions/live[^"]*)"', page)

    place.endpoints = {"questions": (endpoint(),)}
    answer = client.get(again.replace("&amp;", "&"), headers={"HX-Request": "true"})

    assert "<textarea" not in page
    assert '<section id="try" aria-labelledby="try-title" hx-swap-oob="outerMorph">' in answer.text
    assert "<textarea" in answer.text


def test_both_runs_of_one_drop_are_followed(client: TestClient) -> None:
    page = client.get("/classifiers/support-tickets").text

    assert page.count('<ol class="steps">') == 2
    assert "Epoch 12 of at most 50: 93.4% right in validation." in page


def test_settings_that_cannot_be_read_are_said_in_place(client: TestClient, place: PlaceDouble) -> None:
    place.documents["questions"] = {"backend": "none of them"}

    page = client.get("/classifiers/questions").text

    assert "classifier.json: backend" in page


def test_a_load_can_be_chosen(client: TestClient) -> None:
    few, many = client.get("/costs/month?questions=1000").text, client.get("/costs/month?questions=50000000").text

    assert few != many
    assert "questions=1000&amp;" in few
    assert client.get("/costs/plot.svg?questions=1000").headers["content-type"] == "image/svg+xml"


def test_the_plot_is_of_the_load_that_is_shown(client: TestClient) -> None:
    page = client.get("/costs/month?questions=50000000").text
    [plot] = re.findall(r'src="(/costs/plot\.svg[^"]*)"', page)

    assert "questions=50000000" in plot
    assert client.get(plot.replace("&amp;", "&")).status_code == 200


def test_comprehend_costs_nothing_where_there_is_none(client: TestClient, place: PlaceDouble) -> None:
    assert "Comprehend real time" in client.get("/costs/month").text
    place.region = "eu-west-3"
    assert "Comprehend real time" not in client.get("/costs/month").text


@pytest.mark.parametrize("query", ["questions=many", "questions=0", "memory_gb=7", "hours_a_week=inf", "questions=nan"])
def test_a_load_that_makes_no_sense_is_said(client: TestClient, query: str) -> None:
    answer = client.get(f"/costs?{query}")

    assert answer.status_code == 200
    assert 'role="alert"' in answer.text
