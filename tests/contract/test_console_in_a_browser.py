"""The console's pages in a real browser, over an account's double: on phone and desktop, light and dark, in French and
English, with the keyboard, and to axe, which looks for barriers."""

import json
import shutil
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from tests.unit.console.double import PlaceDouble, furnished, run
from trieur.console.app import create_app

CHROMIUM = shutil.which("chromium")
if CHROMIUM is None:
    pytest.skip("there is no Chromium on this machine (Debian: apt install chromium)", allow_module_level=True)
playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")

from axe_playwright_python.base import AXE_FILE_PATH  # noqa: E402

TOKEN = "a-token-of-this-test"
CHATBOT = Path(__file__).parents[2] / "examples" / "chatbot-questions.json"
PAGES = {
    "overview": "/",
    "classifier": "/classifiers/questions",
    "under-way": "/classifiers/support-tickets",
    "unknown": "/classifiers/nothing",
    "run": "/classifiers/questions/runs/0000000000000004",
    "drop": "/drop?classifier=questions",
    "compare": "/compare",
    "costs": "/costs",
}
READERS = {
    "light-en": {"color_scheme": "light", "locale": "en"},
    "dark-fr": {"color_scheme": "dark", "locale": "fr"},
}
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


@dataclass
class Console:
    """A console that is served, and the account behind it."""

    place: PlaceDouble
    url: str
    server: uvicorn.Server


@pytest.fixture
def console() -> Iterator[Console]:
    place = furnished()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        app = create_app(place, token=TOKEN, port=port)
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield Console(place, f"http://127.0.0.1:{port}", server)
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=CHROMIUM)
        yield chromium
        chromium.close()


class Reader:
    """Somebody with the console open; `complaints` is what the browser says in its console, and asks of others."""

    def __init__(self, browser: Any, console: Console, **options: Any) -> None:
        self.console = console
        self.context = browser.new_context(viewport=DESKTOP, **options)
        self.context.set_default_timeout(10_000)
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("requestfinished", self._require_own)
        self.page.on("requestfailed", lambda request: request.failure == "csp" or self._require_own(request))
        self.page.goto(f"{console.url}/?token={TOKEN}")

    def open(self, path: str) -> Any:
        self.page.goto(f"{self.console.url}{path}")
        return self.page

    def barriers(self) -> list[str]:
        """What axe finds that keeps people out, or may."""
        self.page.evaluate(AXE_FILE_PATH.read_text(encoding="utf-8") + ";0")
        found = self.page.evaluate("axe.run(document, {iframes: false}).then(result => result.violations)")
        return [
            f"{one['impact']} {one['id']}: {one['nodes'][0]['html']}"
            for one in found
            if one["impact"] in ("serious", "critical")
        ]

    def _require_own(self, request: Any) -> None:
        if not request.url.startswith(f"{self.console.url}/"):
            self.complaints.append(f"asked {request.url}")


@pytest.fixture
def reader(browser: Any, console: Console) -> Iterator[Reader]:
    one = Reader(browser, console, **READERS["light-en"])
    yield one
    one.context.close()


@pytest.mark.parametrize("name", READERS)
def test_every_page_fits_and_keeps_nobody_out(browser: Any, console: Console, name: str) -> None:
    console.place.may_end.set()
    one = Reader(browser, console, **READERS[name], reduced_motion="reduce")
    found: dict[str, Any] = {}
    for page, path in PAGES.items():
        one.open(path)
        if page == "classifier":
            one.page.fill("#try-text", "Qui fait du nodejs ?")
            one.page.wait_for_selector(".bars")
        elif page == "drop":
            one.page.set_input_files("#file", CHATBOT)
            one.page.wait_for_selector("#confirm")
        elif page == "compare":
            one.page.click(".choose button")
            one.page.wait_for_selector(".measured")
        for size in (DESKTOP, PHONE):
            one.page.set_viewport_size(size)
            beyond = one.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            wide = [f"{beyond} pixels too wide"] if beyond > 0 else []
            found[f"{page} at {size['width']}"] = [*one.barriers(), *wide]
    one.context.close()

    assert {page: problems for page, problems in found.items() if problems} == {}
    assert one.complaints == []


def test_typing_shows_classes_as_bars_and_says_the_first(reader: Reader) -> None:
    page = reader.open("/classifiers/questions")
    # The last of both questions comes while the first is under way.
    page.focus("#try-text")
    page.keyboard.type("Qui est-ce qui fait")
    page.wait_for_selector(".bars")
    page.keyboard.type(" du nodejs ?", delay=20)
    page.wait_for_selector("#asked td >> text='Qui est-ce qui fait du nodejs ?'")

    assert page.locator(".bars li .class").all_text_contents() == ["WHO_KNOWS_ABOUT", "WHO_IS", "HOW_ARE_YOU"]
    widths = [box["width"] for box in (bar.bounding_box() for bar in page.locator(".bars .filled").all())]
    assert widths == sorted(widths, reverse=True)
    assert page.text_content("#said") == "WHO_KNOWS_ABOUT, 98.4%"
    assert page.evaluate("document.activeElement.id") == "try-text"
    assert len(reader.console.place.asked) < len("Qui est-ce qui fait du nodejs ?")
    page.check("#try-comprehend", force=True)
    page.wait_for_selector(".took >> text=Comprehend")
    assert reader.complaints == []


def test_a_file_is_dropped_looked_at_and_followed_until_it_is_live(reader: Reader) -> None:
    page, place = reader.open("/drop"), reader.console.place
    page.fill("#classifier", "fresh")
    content = json.dumps(CHATBOT.read_text(encoding="utf-8"))
    page.evaluate(
        f"""() => {{
            const transfer = new DataTransfer();
            transfer.items.add(new File([{content}], "chatbot questions.json", {{type: "application/json"}}));
            for (const name of ["dragover", "drop"]) {{
                document.getElementById("zone").dispatchEvent(
                    new DragEvent(name, {{dataTransfer: transfer, bubbles: true, cancelable: true}}));
            }}
        }}"""
    )
    page.wait_for_selector("#confirm")
    assert page.evaluate("document.activeElement.id") == "verdict-title"
    assert place.dropped == []

    page.click("#confirm")
    page.wait_for_url("**/classifiers/fresh")
    assert place.dropped == [("fresh", "chatbot questions.json", CHATBOT.read_bytes())]
    page.wait_for_selector(".steps .current >> text=Received")
    page.evaluate("window.stays = true")
    dropped = {"run_id": f"d{1:015x}", "classifier": "fresh"}
    place.everything["fresh"] = [run(1, **dropped, status="TRAINING", ended=False, accuracy=None)]
    page.wait_for_selector(".steps .current >> text=Training")
    place.everything["fresh"] = [run(1, **dropped)]
    place.endpoints["fresh"] = place.endpoints["questions"]
    page.wait_for_selector("#try-text")

    assert page.locator(".steps li.done").count() == 5
    assert page.text_content("#said") == "CamemBERT Live."
    page.locator("#try-text").press_sequentially("Qui ?")
    page.wait_for_selector(".bars .first >> text=WHO_KNOWS_ABOUT")
    assert page.evaluate("window.stays")
    assert reader.complaints == []


def test_an_endpoint_that_comes_while_one_types_leaves_the_text(reader: Reader) -> None:
    place = reader.console.place
    first, second = place.endpoints["questions"]
    place.endpoints["questions"] = (first,)
    place.everything["questions"].append(run(9, status="DEPLOYING", ended=False))
    page = reader.open("/classifiers/questions")
    page.locator("#try-text").press_sequentially("Qui ")

    place.endpoints["questions"] = (first, second)
    page.wait_for_selector("#try-comprehend", state="attached")

    page.keyboard.type("est-ce ?")
    assert page.input_value("#try-text") == "Qui est-ce ?"
    page.wait_for_selector("#asked td >> text='Qui est-ce ?'")
    assert reader.complaints == []


def test_a_bad_file_is_refused_before_it_is_sent(reader: Reader) -> None:
    page = reader.open("/drop?classifier=fresh")

    page.set_input_files("#file", {"name": "data.json", "mimeType": "", "buffer": b'[{"text": "a"}]'})
    page.wait_for_selector(".verdict.bad")

    assert "cannot be used" in page.text_content("#verdict-title")
    assert page.locator("#confirm").count() == 0


def test_the_keyboard_reaches_everything(reader: Reader) -> None:
    page = reader.open("/drop?classifier=fresh")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"

    reached = []
    for _ in range(2):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id"))
    assert reached == ["classifier", "file"]
    assert page.evaluate("getComputedStyle(document.querySelector('.zone label')).outlineStyle") == "solid"

    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    page.focus(".languages button[value=fr]")
    page.keyboard.press("Enter")
    page.wait_for_selector("html[lang=fr]")


def test_another_language_shows_the_same_load(reader: Reader) -> None:
    page = reader.open("/costs")
    page.fill("#questions", "1000")
    page.wait_for_selector("#back[value*='questions=1000&']", state="attached")

    page.click(".languages button[value=fr]")

    page.wait_for_selector("html[lang=fr]")
    assert page.input_value("#questions") == "1000"


def test_of_the_report_nothing_runs(reader: Reader) -> None:
    reader.console.place.page += b"<script>document.title = 'ran'</script><img src=http://attacker.example/>"
    page = reader.open("/classifiers/questions/runs/0000000000000004")

    frame = page.frame_locator("iframe.report")
    assert frame.locator("h1").text_content() == "A report"
    assert frame.locator("body").evaluate("document.title") == "Report"
    with page.context.expect_page() as opened:
        page.click("text=Open it alone")
    opened.value.wait_for_load_state()
    assert (opened.value.text_content("h1"), opened.value.title()) == ("A report", "Report")
    assert any("Blocked script execution" in complaint for complaint in reader.complaints)
    assert any("img-src" in complaint for complaint in reader.complaints)
    assert not [complaint for complaint in reader.complaints if complaint.startswith("asked ")]


def test_a_console_that_has_ended_says_so(reader: Reader) -> None:
    page = reader.open("/classifiers/support-tickets")
    assert not page.is_visible("#ended")

    reader.console.server.should_exit = True

    page.wait_for_selector("#ended", state="visible")
