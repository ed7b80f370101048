"""From a file that is dropped in the browser to the bars of an answer, over the local AWS."""

import json
import shutil
import signal
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.conftest import CHATBOT, RUN_SECONDS, Command, Live

CHROMIUM = shutil.which("chromium")
if CHROMIUM is None:
    pytest.skip("there is no Chromium on this machine (Debian: apt install chromium)", allow_module_level=True)
playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")


@pytest.fixture
def console(command: Command) -> Iterator[subprocess.Popen[str]]:
    process = command.start("console", "--local", "--no-open", "--port", "0", "--json")
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def page() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=CHROMIUM)
        page = chromium.new_page(viewport={"width": 1280, "height": 800}, locale="en")
        page.set_default_timeout(20_000)
        yield page
        chromium.close()


def test_from_the_drop_to_an_answer(command: Command, console: subprocess.Popen[str], page: Any) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    command.run("settings", "dropped", "hyperparameters.epochs=20", "--local")
    assert console.stdout
    page.goto(json.loads(console.stdout.readline())["url"])

    page.click("nav >> text=Drop")
    page.fill("#classifier", "dropped")
    page.set_input_files("#file", CHATBOT)
    page.wait_for_selector("text=This dataset can be used")
    page.click("#confirm")

    page.wait_for_url("**/classifiers/dropped")
    page.evaluate("window.stays = true")
    page.wait_for_selector(".steps .current >> text=Training")
    page.wait_for_selector(".how-far >> text=Epoch")
    page.wait_for_selector("#try-text", timeout=RUN_SECONDS * 1000)
    page.locator("#try-text").press_sequentially("Comment ça va ?", delay=20)
    page.wait_for_selector("#asked td:text-is('Comment ça va ?'), #bars .trouble")
    assert page.locator("#bars .trouble").all_text_contents() == []
    assert page.text_content(".bars .first .class") == "HOW_ARE_YOU", page.text_content(".bars")
    # The endpoint answers a moment before the run is said to be live.
    page.wait_for_selector(".steps li.done >> text=Live")
    assert page.evaluate("window.stays"), "nothing was loaded anew"

    page.click(".history a")
    assert page.frame_locator("iframe.report").locator("h1").first.text_content() == "dropped"
    page.click(".crumbs >> text=Classifiers")
    page.wait_for_selector(".card >> text=dropped")
    # The report's frame is told to run no script, and has none.
    assert complaints == []

    console.send_signal(signal.SIGINT)
    assert (console.wait(timeout=20), console.stderr and console.stderr.read()) == (0, "")


def test_both_backends_are_compared_on_a_page(live: Live, console: subprocess.Popen[str], page: Any) -> None:
    assert console.stdout
    page.goto(json.loads(console.stdout.readline())["url"])
    page.click("nav >> text=Compare")
    assert "71 against 68" in page.text_content("#live-compared")

    page.select_option("#classifier", live.name)
    page.click("form.choose button")
    page.wait_for_selector("#measured-title", timeout=RUN_SECONDS * 1000)

    measured = page.locator("table.measured")
    assert measured.locator("thead th").all_text_contents()[1:] == ["Comprehend (stand-in)", "CamemBERT"]
    rows = {
        row.locator("th").text_content(): row.locator("td").all_text_contents()
        for row in measured.locator("tbody tr").all()
    }
    assert all(0.5 < float(accuracy.split()[0]) <= 1 for accuracy in rows["Accuracy (95 %)"]), rows
    assert all("asked now" in judged for judged in rows["Judged by"]), rows
    assert page.locator("table.matrix tbody tr").count() == 5
    assert page.locator("#live-compared .trouble").count() == 0
