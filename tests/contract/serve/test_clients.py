"""Clients that are slow, closed on one side, gone, old or in a hurry: a real socket each."""

import contextlib
import re
import socket

import pytest

from tests.contract.serve.container import LARGEST, Container, assert_refused, read_answer, request


def test_a_half_closed_connection_gets_its_answer(container: Container) -> None:
    with container.socket() as connection:
        connection.sendall(request(b"curie"))
        connection.shutdown(socket.SHUT_WR)
        answer = read_answer(connection)
        assert answer.classes[0] == "WHO_IS"
        assert connection.recv(1) == b""


def test_a_half_closed_connection_does_not_keep_the_server_at_long_work(container: Container) -> None:
    lines = b"\n".join([b'"curie"'] * 20_000)
    with container.socket() as connection:
        connection.sendall(request(lines).replace(b"text/plain", b"application/jsonlines", 1))
        connection.shutdown(socket.SHUT_WR)
        assert_refused(read_answer(connection), 499, "closed before the answer was ready")


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        (request(b"cur", length=5), "the middle of the request's body"),
        (b"POST /invo", "the middle of the request's headers"),
    ],
)
def test_a_request_that_breaks_off_is_refused(container: Container, sent: bytes, says: str) -> None:
    with container.socket() as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        assert_refused(read_answer(connection), 400, says)
        assert connection.recv(1) == b""


def test_clients_that_vanish_harm_nobody(container: Container) -> None:
    for sent in (b"", b"POST", request(b"cur", length=5), request(b"curie")):
        connection = container.socket()
        connection.sendall(sent)
        # A reset instead of an orderly end.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.close()
    assert container.ask("curie").status == 200


def test_a_slow_client_is_served_and_holds_up_nobody(container: Container) -> None:
    sent = request(b"curie")
    with container.socket() as slow, container.socket():
        for index in range(len(sent)):
            slow.sendall(sent[index : index + 1])
            if index % 20 == 0:
                assert container.ask("va").classes[0] == "HOW_ARE_YOU"
        assert read_answer(slow).classes[0] == "WHO_IS"


def test_clients_that_stall_keep_nobody_out(container: Container) -> None:
    with contextlib.ExitStack() as stack:
        for index in range(300):
            stalled = stack.enter_context(container.socket())
            stalled.sendall(request(b"cur", length=5) if index % 2 else b"POST /invo")
        assert container.ask("curie").classes[0] == "WHO_IS"
        assert container.send("GET", "/ping").status == 200


def test_requests_sent_at_once_on_one_connection_are_answered_in_turn(container: Container) -> None:
    with container.socket() as connection:
        connection.sendall(request(b"curie") + request(b"") + request(b"va"))
        received = b""
        while received.count(b"HTTP/1.1 ") < 3 or not received.rstrip().endswith((b"]", b"}")):
            received += connection.recv(65536)
    assert re.findall(rb"HTTP/1.1 (\d+)", received) == [b"200", b"400", b"200"]
    assert received.index(b"WHO_IS") < received.index(b"The body is empty") < received.rindex(b"HOW_ARE_YOU")


def test_what_was_sent_before_half_closing_is_all_answered(container: Container) -> None:
    with container.socket() as connection:
        connection.sendall(request(b"curie") + request(b"va") + request(b"nodejs", length=50))
        connection.shutdown(socket.SHUT_WR)
        received = _all(connection)
    assert re.findall(rb"HTTP/1.1 (\d+)", received) == [b"200", b"200", b"400"]
    assert b"the middle of the request's body" in received


def test_http_1_0_is_answered_and_closed(container: Container) -> None:
    with container.socket() as connection:
        connection.sendall(request(b"curie", head="POST /invocations HTTP/1.0"))
        answer = read_answer(connection)
        assert answer.classes[0] == "WHO_IS"
        assert connection.recv(1) == b""
    with container.socket() as connection:
        connection.sendall(b"GET /ping HTTP/1.0\r\n\r\n")
        assert _all(connection).startswith(b"HTTP/1.1 200 ")


def test_chunks_make_one_body(container: Container) -> None:
    answer = container.invoke(iter([b"no", b"dejs", b" va nodejs"]), "text/plain")
    assert answer.classes[0] == "WHO_KNOWS_ABOUT"


def test_who_asks_before_sending_is_told_to_go_on(container: Container) -> None:
    head, _, body = request(b"curie", "Expect: 100-continue").partition(b"\r\n\r\n")
    with container.socket() as connection:
        connection.sendall(head + b"\r\n\r\n")
        assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body)
        assert read_answer(connection).classes[0] == "WHO_IS"


@pytest.mark.parametrize(
    ("header", "length", "status"),
    [("Content-Type: text/plain", LARGEST + 1, 413), ("Content-Type: image/png", 5, 415)],
)
def test_who_asks_before_sending_is_refused_at_once(
    container: Container, header: str, length: int, status: int
) -> None:
    answer = container.exchange(request(b"", header, "Expect: 100-continue", length=length))
    assert_refused(answer, status, "")
    assert answer.headers["connection"] == "close"


def test_a_proposal_to_speak_something_else_is_passed_over(container: Container) -> None:
    for protocol in ("h2c", "websocket"):
        answer = container.exchange(request(b"curie", "Connection: Upgrade", f"Upgrade: {protocol}"))
        assert answer.classes[0] == "WHO_IS"


def _all(connection: socket.socket) -> bytes:
    """Until the server closes."""
    received = b""
    while part := connection.recv(65536):
        received += part
    return received
