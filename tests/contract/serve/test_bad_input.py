"""What a bad request gets: a 4xx with one sentence. Each through a real socket to the real process."""

import contextlib
import json
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.contract.serve.container import ATTRIBUTES, LARGEST, Answer, Container, assert_refused, request
from tests.unit.serve.tiny_model import LABELS, WORD_OF

SECRET = "zanzibar"


@pytest.mark.parametrize(
    ("content_type", "body", "status", "says"),
    [
        ("text/plain", b"", 400, "The body is empty"),
        ("application/json", b'{"text": " "}', 400, "'text' is empty"),
        ("application/json", b'{"text": 7}', 400, "'text' is a number; it must be a string"),
        ("application/json", b'{"text": "a', 400, "not valid JSON at column 10"),
        ("application/json", b"Qui est-ce ?", 400, "not valid JSON at column 1"),
        ("application/json", b'{"text": "a"}\n}', 400, "not valid JSON at line 2, column 1"),
        ("application/json", b"[" * 200_000, 400, "nested too deeply"),
        ("application/json", b'{"a":' * 200_000, 400, "nested too deeply"),
        ("application/json", b'{"text": "caf\xe9"}', 400, "Byte 13 of the body (0xe9) is not utf-8"),
        ("application/json", b'{"text": "\\ud800"}', 400, "half of a surrogate pair"),
        ("application/json", b'{"texts": ["a", "b\\u0000"]}', 400, "texts[1] holds a NUL character"),
        ("text/plain", b"caf\xe9", 400, "Byte 3 of the body"),
        ("application/jsonlines", b'"a"\n{"text": null}\n', 400, "'text' of line 2 is null"),
        ("application/jsonlines", b'"a"\n\n"b"', 400, "Line 2 is blank"),
        ("text/csv", b"a\nb,c\n", 400, "Line 2 has 2 columns; send one"),
        ("text/csv", b'a\n"b\nc\n', 400, "Line 2 opens quotes that are never closed"),
        ("text/csv", b'a\n""\n', 400, "Line 2 is empty"),
        ("text/csv", b"a\n\nb\n", 400, "Line 2 is blank"),
        ("text/csv; header=present", b"a\n", 400, "Line 1 is not the header 'text'"),
        ("text/csv; header=maybe", b"a\n", 415, "'maybe'; it must be present or absent"),
        (
            "application/x-www-form-urlencoded",
            b"text=a",
            415,
            "text/plain, application/json, application/jsonlines, text/csv",
        ),
        ("text/plain; charset=utf-16", b"a", 415, "The charset 'utf-16' is not read here"),
        ("image/png", b"\x89PNG", 415, "text/plain, application/json, application/jsonlines, text/csv"),
        ("text/plain", b"a" * (6 * 1024 * 1024 + 1), 413, "larger than 6291456 bytes"),
    ],
)
def test_a_bad_body_gets_a_sentence(
    container: Container, content_type: str, body: bytes, status: int, says: str
) -> None:
    assert_refused(container.invoke(body, content_type), status, says)


def test_every_error_has_an_id_of_its_own_that_the_log_knows(container: Container) -> None:
    ids = {container.invoke(b"", "text/plain").json["request_id"] for _ in range(3)}
    assert len(ids) == 3
    logged = [entry for entry in container.log() if entry.get("request_id") in ids]
    assert [(entry["status"], entry["error"]) for entry in logged] == [(400, "The body is empty; send a text.")] * 3


def test_no_text_reaches_the_log(container: Container) -> None:
    before = len(container.log())
    container.ask(SECRET)
    container.invoke(f'{{"{SECRET}": "{SECRET}'.encode(), "application/json")
    container.send("GET", "/ping")
    lines = container.log()[before:]
    assert [entry["status"] for entry in lines] == [200, 400]
    assert SECRET not in json.dumps(lines)
    assert container.errors() == ""


def test_the_largest_body_is_answered_and_a_byte_more_refused(container: Container) -> None:
    answer = container.invoke(b"nodejs ".ljust(LARGEST, b"n"), "text/plain")
    assert (answer.status, answer.classes[0]) == (200, "WHO_KNOWS_ABOUT")
    assert_refused(container.invoke(b"n" * (LARGEST + 1), "text/plain"), 413, "larger than 6291456 bytes (6 MB)")


def test_an_endless_body_is_refused(container: Container) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(80):
            yield b"a" * 100_000

    assert_refused(container.invoke(chunks(), "text/plain"), 413, "6 MB")


def test_a_refusal_reaches_a_client_that_still_sends_and_will_close(container: Container) -> None:
    """The local AWS's proxy and many others ask for a connection each: closed at once, their refusal would be lost."""
    answer = container.invoke(b"a" * LARGEST, "image/png", connection="close")
    assert_refused(answer, 415, "image/png")


@pytest.mark.parametrize(
    ("headers", "status", "says"),
    [
        (["Content-Type: text/plain", "Content-Type: text/plain"], 400, "The header Content-Type is there 2 times"),
        (["Content-Encoding: gzip"], 415, "The content encoding 'gzip' is not read here"),
        (["Content-Encoding: identity, br"], 415, "The content encoding 'identity, br'"),
        ([f"{ATTRIBUTES}: a", f"{ATTRIBUTES}: a"], 400, f"The header {ATTRIBUTES} is there 2 times"),
        ([f"{ATTRIBUTES}: {'x' * 1025}"], 400, "at most 1024 visible US-ASCII characters"),
        ([f"{ATTRIBUTES}: caf\u00e9"], 400, "at most 1024 visible US-ASCII characters"),
        ([f"{ATTRIBUTES}: top_k=0"], 400, "top_k is '0'; it must be a whole number, at least 1"),
        ([f"{ATTRIBUTES}: top_k=1.5"], 400, "top_k is '1.5'"),
        ([f"{ATTRIBUTES}: top_k"], 400, "top_k is ''"),
        ([f"{ATTRIBUTES}: top_k=1;top_k=1"], 400, "the key 'top_k' more than once"),
        ([f"{ATTRIBUTES}: threshold=70%"], 400, "threshold is '70%'; it must be a probability, 0 to 1, or 'model'"),
        ([f"{ATTRIBUTES}: threshold=1.01"], 400, "threshold is '1.01'"),
        ([f"{ATTRIBUTES}: threshold=nan"], 400, "threshold is 'nan'"),
        ([f"{ATTRIBUTES}: threshold=-0.1"], 400, "threshold is '-0.1'"),
        (["Accept: text/csv"], 406, "application/json, application/jsonlines"),
    ],
    ids=str,
)
def test_a_bad_header_gets_a_sentence(container: Container, headers: list[str], status: int, says: str) -> None:
    sent = request(b"curie", *headers)
    assert_refused(container.exchange(sent.decode().encode("latin-1")), status, says)


@pytest.mark.parametrize(
    "headers", [["Content-Encoding: identity"], ["Accept: text/html", "Accept: application/json"]], ids=str
)
def test_a_header_that_only_looks_bad_is_taken(container: Container, headers: list[str]) -> None:
    assert container.exchange(request(b"curie", *headers)).classes[0] == "WHO_IS"


@pytest.mark.parametrize(
    ("method", "path", "status", "says"),
    [
        ("GET", "/invocations", 405, "/invocations takes POST, not GET."),
        ("OPTIONS", "/invocations", 405, "/invocations takes POST, not OPTIONS."),
        ("BREW", "/invocations", 405, "/invocations takes POST, not BREW."),
        ("DELETE", "/ping", 405, "/ping takes GET, HEAD, not DELETE."),
        ("POST", "/execution-parameters", 405, "/execution-parameters takes GET, HEAD, not POST."),
        ("GET", "/", 404, "There is only GET /ping, POST /invocations, GET /execution-parameters here."),
        ("GET", "/metrics", 404, "There is only"),
        ("POST", "/ping/", 404, "There is only"),
        ("GET", "/%00/../invocations", 404, "There is only"),
        ("OPTIONS", "*", 404, "There is only"),
        ("PRI", "*", 404, "There is only"),
        ("CONNECT", "a:80", 404, "There is only"),
    ],
)
def test_other_paths_and_methods_are_refused(
    container: Container, method: str, path: str, status: int, says: str
) -> None:
    answer = container.exchange(f"{method} {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    assert_refused(answer, status, says)
    assert ("allow" in answer.headers) == (status == 405)


CHUNKED = b"POST /invocations HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET /ping HTTP/1.1\r\n\r\n",
        b"GET /ping HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET /ping HTTP/1.1\r\nHost: a\r\nX\x00: b\r\n\r\n",
        b"POST /invocations HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        b"POST /invocations HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"POST /invocations HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST /invocations HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
        CHUNKED + b"zz\r\ncurie\r\n",
        CHUNKED + b"5\r\ncurieee\r\n",
    ],
    ids=str,
)
def test_broken_http_is_refused_in_the_same_shape(container: Container, sent: bytes) -> None:
    answer = container.exchange(sent)
    assert_refused(answer, 400, "The request is not valid HTTP.")
    assert [entry["status"] for entry in _logged(container, answer)] == [400]


def test_headers_without_end_are_refused(container: Container) -> None:
    answer = container.exchange(b"GET /ping HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 100_000)
    assert_refused(answer, 431, "The request's headers are too large.")


def test_what_is_broken_behind_a_refusal_ends_the_connection(container: Container) -> None:
    with container.socket() as connection:
        connection.sendall(
            CHUNKED.replace(b"text/plain", b"image/png").replace(b"Host: a", b"Host: a\r\nExpect: 100-continue")
        )
        received = connection.recv(65536)
        assert received.startswith(b"HTTP/1.1 415 ")
        # A reset is an end as well.
        with contextlib.suppress(ConnectionError):
            connection.sendall(b"zz\r\n")
            assert b"HTTP/1.1 " not in connection.recv(65536)
    assert container.ask("curie").status == 200


def test_noise_gets_4xx_or_nothing_and_harms_nobody(container: Container) -> None:
    """Mutations of good requests, always the same ones."""
    dice = random.Random(20261125)
    good = request(b'{"texts": ["curie", "va"]}', "Content-Type: application/json", f"{ATTRIBUTES}: top_k=1")
    for _ in range(150):
        sent = bytearray(good)
        for _ in range(dice.randint(1, 4)):
            at = dice.randrange(len(sent))
            sent[at : at + dice.randint(0, 3)] = dice.randbytes(dice.randint(0, 3))
        with container.socket() as connection:
            connection.sendall(sent)
            connection.shutdown(1)
            received = b""
            while part := connection.recv(65536):
                received += part
        # Each status line that came back, and there is at least one.
        statuses = [int(line[9:12]) for line in received.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]
        assert statuses, bytes(sent)
        assert all(status == 200 or 400 <= status < 500 for status in statuses), bytes(sent)
    assert container.ask("curie").status == 200


def test_good_requests_are_unharmed_among_bad_ones(container: Container) -> None:
    bad: list[Callable[[], int]] = [
        lambda: container.invoke(b"[" * 100_000, "application/json").status,
        lambda: container.invoke(b"a" * (LARGEST + 1), "text/plain").status,
        lambda: container.invoke(b"\xff", "text/plain").status,
        lambda: container.send("PUT", "/invocations").status,
        lambda: container.exchange(request(b"cur", length=5), close_sending=True).status,
    ]

    def good(index: int) -> tuple[str, str]:
        label = LABELS[index % 3]
        return label, container.ask(f"{WORD_OF[label]} inconnu").classes[0]

    with ThreadPoolExecutor(max_workers=12) as pool:
        asked = [pool.submit(good, index) for index in range(120)]
        refused = [pool.submit(bad[index % len(bad)]) for index in range(30)]
        assert all(expected == found for expected, found in (each.result() for each in asked))
        assert {each.result() for each in refused} == {400, 405, 413}


def _logged(container: Container, answer: Answer) -> list[dict[str, object]]:
    return [entry for entry in container.log() if entry.get("request_id") == answer.json["request_id"]]
