"""The edge of HTTP, where only time or an application of the test's own brings it about; real sockets."""

import asyncio
import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn
from trieur_serve import connections
from trieur_serve.connections import Connection

SOON = 0.2
PATIENCE = 20


async def early(_scope: Any, _receive: Any, send: Any) -> None:
    """Answers without reading what it is sent."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


async def endless(_scope: Any, _receive: Any, send: Any) -> None:
    """Answers with more than any buffer between server and client holds."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"x" * 64 * 1024 * 1024})


@contextmanager
def serving(app: Callable[..., Any]) -> Iterator[tuple[int, uvicorn.Server]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        config = uvicorn.Config(app, http=Connection, ws="none", lifespan="off", log_config=None)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
        thread.start()
        try:
            yield port, server
        finally:
            server.should_exit = True
            thread.join(PATIENCE)
            assert not thread.is_alive()


@pytest.fixture
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", SOON)
    monkeypatch.setattr(connections, "ANSWER_SECONDS", SOON)


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)


def answered(connection: socket.socket) -> bytes:
    response = http.client.HTTPResponse(connection)
    response.begin()
    return response.read()


def refusal(connection: socket.socket) -> tuple[int, str]:
    response = http.client.HTTPResponse(connection)
    response.begin()
    return response.status, json.loads(response.read())["error"]


@pytest.mark.usefixtures("short_patience")
@pytest.mark.parametrize("before", [b"", b"GET /ping HTTP/1.1\r\nHost: a\r\n\r\n"])
def test_a_head_that_never_ends_is_refused(before: bytes) -> None:
    with serving(early) as (port, _), connect(port) as connection:
        connection.sendall(before)
        if before:
            assert answered(connection) == b"ok"
        connection.sendall(b"POST /invo")
        assert refusal(connection) == (408, "The request's headers did not arrive within 0.2 seconds.")
        assert connection.recv(1) == b""


@pytest.mark.usefixtures("short_patience")
def test_a_connection_that_says_nothing_is_closed() -> None:
    with serving(early) as (port, _), connect(port) as connection:
        assert connection.recv(1) == b""


@pytest.mark.usefixtures("short_patience")
def test_a_request_under_way_is_given_its_time() -> None:
    async def slow(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(3 * SOON)
        await early(scope, receive, send)

    with serving(slow) as (port, _), connect(port) as connection:
        connection.sendall(b"GET /ping HTTP/1.1\r\nHost: a\r\n\r\n")
        assert answered(connection) == b"ok"


@pytest.mark.usefixtures("short_patience")
def test_an_answer_that_nobody_takes_is_given_up() -> None:
    with serving(endless) as (port, server), connect(port) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert connection.recv(1) == b"H"
        # Without it the answer would lie in memory for as long as the client liked.
        for _ in range(PATIENCE * 20):
            if not server.server_state.connections:
                break
            threading.Event().wait(0.05)
        assert not server.server_state.connections


@pytest.mark.usefixtures("short_patience")
def test_an_answer_that_is_taken_slowly_is_not_given_up() -> None:
    with serving(endless) as (port, _), connect(port) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        received = 0
        while part := connection.recv(4 * 1024 * 1024):
            received += len(part)
            if received < 16 * 1024 * 1024:
                threading.Event().wait(SOON / 10)
        assert received > 64 * 1024 * 1024


def test_what_is_broken_behind_an_early_answer_ends_the_connection() -> None:
    head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    with serving(early) as (port, _), connect(port) as connection:
        connection.sendall(head)
        assert answered(connection) == b"ok"
        connection.sendall(b"zz\r\n")
        assert connection.recv(65536) == b""
    # Nothing was raised where nobody would have seen it: the server still answers.
    with serving(early) as (port, _), connect(port) as connection:
        connection.sendall(b"GET /ping HTTP/1.1\r\nHost: a\r\n\r\n")
        assert answered(connection) == b"ok"
