"""Dropping a dataset: looked at here, sent once a person says so."""

import gzip
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from tests.unit.console.double import PlaceDouble, run
from trieur.console import uploads
from trieur.console.place import PlaceError

CHATBOT = Path(__file__).parents[3] / "examples" / "chatbot-questions.json"
ROWS = [{"text": f"{label} {number}", "label": label} for label in ("A", "B") for number in range(20)]
GOOD = json.dumps(ROWS).encode()


def check(client: TestClient, data: bytes, name: str = "data.json", classifier: str = "questions") -> str:
    answer = client.post(
        "/drop/check",
        params={"classifier": classifier},
        content=data,
        headers={"HX-Request": "true", "X-File-Name": quote(name)},
    )
    assert answer.status_code == 200
    return answer.text


def word_in(page: str) -> str:
    [word] = re.findall(r'name="word" value="([^"]+)"', page)
    return str(word)


def staged(client: TestClient) -> list[Path]:
    app: Any = client.app
    return list(app.state.session.folder.iterdir())


def test_a_good_dataset_is_described_and_goes_nowhere(client: TestClient, place: PlaceDouble) -> None:
    page = check(client, CHATBOT.read_bytes(), "chatbot-questions.json")

    assert "This dataset can be used" in page
    assert "390\u00a0examples" in page
    for label in ("HOW_ARE_YOU", "WHO_IS", "WHO_KNOWS_ABOUT"):
        assert f"<bdi>{label}</bdi>" in page
    assert "274\u00a0examples" in page
    assert "about 4 to" in page
    assert place.dropped == []


def test_the_word_drops_the_very_bytes_and_the_page_follows(client: TestClient, place: PlaceDouble) -> None:
    packed = gzip.compress(GOOD)
    word = word_in(check(client, packed, "été 1.json.gz", "new-one"))

    answer = client.post("/drop/confirm", data={"word": word}, headers={"HX-Request": "true"})

    assert answer.headers["hx-redirect"] == "/classifiers/new-one"
    assert place.dropped == [("new-one", "été 1.json.gz", packed)]
    page = client.get("/classifiers/new-one").text
    assert "été 1.json.gz" in page
    assert "The dataset lies in the inbox." in page
    assert staged(client) == []


def test_the_wait_ends_with_the_run_or_the_refusal_that_came_of_it(client: TestClient, place: PlaceDouble) -> None:
    client.post("/drop/confirm", data={"word": word_in(check(client, GOOD))})
    assert "The dataset lies in the inbox." in client.get("/classifiers/questions").text

    place.everything["questions"].append(run(9, run_id=f"d{1:015x}", status="TRAINING", ended=False))

    page = client.get("/classifiers/questions").text
    assert "The dataset lies in the inbox." not in page
    assert 'hx-trigger="every 2s"' in page


def test_a_word_counts_once(client: TestClient, place: PlaceDouble) -> None:
    word = word_in(check(client, GOOD))
    client.post("/drop/confirm", data={"word": word})

    answer = client.post("/drop/confirm", data={"word": word})

    assert "no longer kept here" in answer.text
    assert len(place.dropped) == 1


def test_a_drop_that_aws_refuses_can_be_tried_again(client: TestClient, place: PlaceDouble) -> None:
    word = word_in(check(client, GOOD))
    place.trouble = PlaceError("AWS denies these credentials s3:PutObject: ask for that permission.")

    answer = client.post("/drop/confirm", data={"word": word})

    assert "s3:PutObject" in answer.text
    assert "hx-redirect" not in answer.headers
    place.trouble = None
    assert "hx-redirect" in client.post("/drop/confirm", data={"word": word}).headers


@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        (b"", "data.json", "The file is empty."),
        (b"[{]", "data.json", "not valid JSON"),
        (json.dumps([*ROWS, {"text": "", "label": "A"}]).encode(), "data.json", "Example 41 has an empty text"),
        (json.dumps([*ROWS, {"text": "a", "label": "RARE"}]).encode(), "data.json", "RARE"),
        (GOOD, "data.txt", "is not named as a dataset"),
        (GOOD, "classifier.json", "settings"),
        (GOOD, ".hidden.json", "is not named as a dataset"),
        (GOOD, "", "is not named as a dataset"),
        (GOOD, f"{'a' * 200}.json", "shorter"),
    ],
    ids=lambda value: value[:24] if isinstance(value, str) else "",
)
def test_what_the_pipeline_would_refuse_is_refused_here(
    client: TestClient, place: PlaceDouble, data: bytes, name: str, sentence: str
) -> None:
    page = check(client, data, name)

    assert "This dataset cannot be used" in page
    assert sentence in page.replace("&#39;", "'")
    assert 'name="word"' not in page
    assert staged(client) == []
    assert place.dropped == []


def test_folders_of_the_file_are_left_out(client: TestClient, place: PlaceDouble) -> None:
    for name in ("../../classifier/data.json", "C:\\data\\data.json"):
        client.post("/drop/confirm", data={"word": word_in(check(client, GOOD, name))})

    assert {file for _, file, _ in place.dropped} == {"data.json"}


def test_what_cannot_name_a_classifier_is_refused(client: TestClient) -> None:
    assert "cannot name a classifier" in check(client, GOOD, classifier="../Evil")


def test_the_classifiers_own_settings_count(client: TestClient, place: PlaceDouble) -> None:
    place.documents["questions"] = {"minimum_examples": 21, "backend": "both"}
    assert "cannot be used" in check(client, GOOD)

    place.documents["questions"] = {"minimum_examples": 20, "backend": "both"}
    page = check(client, GOOD)
    assert "CamemBERT and Comprehend" in page
    assert page.count("about ") == 2


def test_more_than_is_read_stops_on_the_way(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MAX_FILE_BYTES", 1000)

    assert "The file is larger than 1,000 bytes" in check(client, GOOD)
    assert staged(client) == []


def test_a_file_that_is_too_large_need_not_be_sent(client: TestClient) -> None:
    headers = {"X-File-Name": "data.json", "X-File-Size": "268435457"}

    answer = client.post("/drop/check?classifier=questions", headers=headers)

    assert "The file is larger than 268,435,456 bytes" in answer.text
    assert 'data-most="268435456"' in client.get("/drop").text


def test_only_the_last_three_are_kept(client: TestClient) -> None:
    words = [word_in(check(client, GOOD)) for _ in range(4)]

    assert len(staged(client)) == 3
    assert "no longer kept" in client.post("/drop/confirm", data={"word": words[0]}).text


def test_labels_and_warnings_are_shown_as_they_are(client: TestClient) -> None:
    rows = [{"text": f"text {number}", "label": f" <b>{number % 2}</b>"} for number in range(40)]

    page = check(client, json.dumps(rows).encode(), "<i>.json")

    assert "Worth a look" in page
    assert not re.search(r"<b>|<i>", page)


def test_nothing_is_left_when_the_console_ends(place: PlaceDouble) -> None:
    from tests.unit.console.conftest import ORIGIN, PORT, TOKEN
    from trieur.console.app import create_app

    app = create_app(place, token=TOKEN, port=PORT)
    with TestClient(app, base_url=ORIGIN, headers={"Origin": ORIGIN}) as client:
        client.get("/", params={"token": TOKEN})
        check(client, GOOD)
        folder = app.state.session.folder
        assert list(folder.iterdir())

    assert not folder.exists()
