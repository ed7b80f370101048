"""Where the console is served, and how it ends."""

import http.client
import signal
import socket
import subprocess
import sys
import threading
import webbrowser
from pathlib import Path
from queue import Queue
from urllib.parse import urlsplit

import pytest

from tests.unit.console.double import PlaceDouble
from trieur.console import serving
from trieur.console.serving import PortTaken, serve

SCRIPT = """
import sys
from tests.unit.console.double import PlaceDouble
from trieur.console.serving import serve
serve(PlaceDouble(), port=None, open_browser=False, tell=lambda url: print(url, flush=True))
print("ended", flush=True)
"""


def test_a_taken_port_that_was_asked_for_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Port {port} cannot be had .* choose another with --port"):
            serve(PlaceDouble(), port=port, open_browser=False, tell=print)


def test_the_browser_is_given_an_address_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    told, opened = list[str](), Queue[str]()
    monkeypatch.setattr(webbrowser, "open", opened.put)

    def tell(url: str) -> None:
        told.append(url)
        # Ctrl-C, once the browser is told as well.
        threading.Thread(
            target=lambda: (opened_urls.append(opened.get(timeout=10)), signal.raise_signal(signal.SIGINT))
        ).start()

    opened_urls: list[str] = []
    serve(PlaceDouble(), port=0, open_browser=True, tell=tell)

    [mine], [browsers] = told, opened_urls
    assert mine.partition("token=")[0] == browsers.partition("token=")[0]
    assert mine != browsers


def test_it_answers_on_this_machine_only_finds_a_port_and_ends_with_ctrl_c() -> None:
    # Whether or not this takes it, the usual port is taken then.
    with socket.socket() as usual:
        usual.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            usual.bind(("127.0.0.1", serving.USUAL_PORT))
            usual.listen()
        except OSError:
            pass
        repository = Path(__file__).parents[3]
        process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT], cwd=repository, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert process.stdout
        url = urlsplit(process.stdout.readline().strip())
        assert url.port
        assert (url.hostname, url.port != serving.USUAL_PORT) == ("127.0.0.1", True)
        connection = http.client.HTTPConnection("127.0.0.1", url.port, timeout=10)
        connection.request("GET", f"/?{url.query}")
        assert connection.getresponse().status == 303
        # An open connection does not hold it.
        process.send_signal(signal.SIGINT)
        said, complained = process.communicate(timeout=20)
    assert (process.returncode, said, complained) == (0, "ended\n", "")
