"""Who may speak to the console."""

import pytest
from starlette.testclient import TestClient

from tests.unit.console.conftest import ORIGIN, PORT, TOKEN
from tests.unit.console.double import PlaceDouble
from trieur.console.app import create_app

ASK = {"text": "Qui est Marie Curie ?", "backend": "camembert"}
CHANGING = {
    "ask": ("/classifiers/questions/ask", ASK),
    "check": ("/drop/check?classifier=questions", {}),
    "confirm": ("/drop/confirm", {"word": "x"}),
    "compare": ("/compare", {"classifier": "questions"}),
    "language": ("/language", {"language": "fr"}),
}
PAGES = (
    "/",
    "/classifiers/questions",
    "/drop",
    "/costs",
    "/compare",
    "/classifiers/questions/runs/0000000000000004/report",
)


@pytest.mark.parametrize("path", PAGES)
def test_a_stranger_sees_nothing(stranger: TestClient, path: str) -> None:
    answer = stranger.get(path)

    assert answer.status_code == 403
    assert "questions" not in answer.text


@pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1], f"{TOKEN}é"])
def test_a_wrong_token_opens_nothing(stranger: TestClient, token: str) -> None:
    assert stranger.get("/", params={"token": token}).status_code == 403
    cookie = f"trieur-{PORT}={token}".encode()
    assert stranger.get("/", headers=[(b"cookie", cookie)]).status_code == 403


def test_the_printed_address_opens_it_and_leaves_no_token_in_the_address(stranger: TestClient) -> None:
    answer = stranger.get("/", params={"token": TOKEN})

    assert (answer.status_code, answer.headers["location"]) == (303, f"{ORIGIN}/")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert stranger.get("/").status_code == 200


def test_what_a_browser_is_started_with_opens_it_once(place: PlaceDouble) -> None:
    app = create_app(place, token=TOKEN, port=PORT, ticket="once")
    first, second = (TestClient(app, base_url=ORIGIN, follow_redirects=False) for _ in range(2))

    assert [one.get("/", params={"token": "once"}).status_code for one in (first, second)] == [303, 403]
    assert first.get("/").status_code == 200
    assert second.get("/").status_code == 403


@pytest.mark.parametrize("host", ["attacker.example", f"attacker.example:{PORT}", "127.0.0.1", f"127.0.0.1:{PORT + 1}"])
def test_another_hosts_name_is_refused(client: TestClient, host: str) -> None:
    answer = client.get("/", headers={"Host": host})

    assert answer.status_code == 421
    assert "trieur console" in answer.text


def test_localhost_is_this_machine_too(client: TestClient) -> None:
    # The cookie is that of the other name, so the address is opened anew.
    answer = client.get("/", params={"token": TOKEN}, headers={"Host": f"localhost:{PORT}"})

    assert answer.headers["location"] == f"http://localhost:{PORT}/"


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("path", PAGES)
def test_other_sites_pages_read_nothing(client: TestClient, path: str, site: str) -> None:
    # Another port of this machine is the same site, and is sent the same cookies.
    assert client.get(path, headers={"Sec-Fetch-Site": site}).status_code == 403


@pytest.mark.parametrize("name", CHANGING)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://attacker.example"},
        {"Origin": "null"},
        {"Origin": f"http://127.0.0.1:{PORT + 1}"},
        {"Origin": f"https://127.0.0.1:{PORT}"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=lambda headers: "-".join(headers.values()),
)
def test_other_sites_pages_change_and_ask_nothing(
    client: TestClient, place: PlaceDouble, name: str, headers: dict[str, str]
) -> None:
    path, form = CHANGING[name]

    answer = client.post(path, data=form, headers=headers)

    assert answer.status_code == 403
    assert (place.asked, place.dropped) == ([], [])


@pytest.mark.parametrize("name", CHANGING)
def test_who_does_not_say_where_from_changes_and_asks_nothing(
    client: TestClient, place: PlaceDouble, name: str
) -> None:
    del client.headers["Origin"], client.headers["Sec-Fetch-Site"]
    path, form = CHANGING[name]

    assert client.post(path, data=form).status_code == 403
    assert (place.asked, place.dropped) == ([], [])


@pytest.mark.parametrize("path", ["/", "/nope", "/static/console.css"])
def test_browsers_are_told_to_let_nothing_in_or_out(client: TestClient, path: str) -> None:
    headers = client.get(path).headers

    policy = headers["content-security-policy"].split("; ")
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "connect-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"


def test_of_the_report_nothing_runs(client: TestClient) -> None:
    answer = client.get("/classifiers/questions/runs/0000000000000004/report")

    policy = answer.headers["content-security-policy"].split("; ")
    assert "sandbox" in policy
    assert "default-src 'none'" in policy
    assert not [rule for rule in policy if rule.startswith("script-src")]
    page = client.get("/classifiers/questions").text
    assert '<iframe class="report" sandbox ' in page


@pytest.mark.parametrize("path", ["/", "/classifiers/questions", "/drop", "/costs"])
def test_no_page_names_another_host_or_brings_script_or_style_of_its_own(client: TestClient, path: str) -> None:
    page = client.get(path).text

    assert "//" not in page.replace("http://www.w3.org/2000/svg", "")
    assert " style=" not in page
    assert "<style" not in page
    assert "onclick" not in page
    assert page.count("<script") == page.count('<script src="/static/') == 2


@pytest.mark.parametrize("back", ["//attacker.example", "https://attacker.example", "/\\attacker.example", ""])
def test_the_language_leads_nowhere_else(client: TestClient, back: str) -> None:
    answer = client.post("/language", data={"language": "fr", "back": back})

    assert answer.headers["location"] == "/"
