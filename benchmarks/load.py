"""Requests over kept-alive connections, each sent as soon as the one before is answered, and how long each took.

One thread and epoll over plain sockets: beside a server on two cores, a heavier client would measure itself.
"""

import contextlib
import selectors
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle

HOST = "127.0.0.1"
# A server that has not answered by then never will.
PATIENCE = 60.0
# None where an answer is right, else what is wrong with it.
Check = Callable[[int, bytes], str | None]


@dataclass(frozen=True)
class Request:
    """The bytes of a request with its headers, and what its answer must be."""

    content: bytes
    check: Check
    good: bool = True
    """A bad one is to be refused; how long that takes is not counted."""
    hangs_up: bool = False
    """The client leaves at once, without waiting for an answer."""


@dataclass
class Load:
    """What a stretch of load came to. Failures are counted by what was wrong."""

    seconds: float
    milliseconds: list[float] = field(default_factory=list)
    refused: int = 0
    """Bad requests that were refused as they should be."""
    failures: Counter[str] = field(default_factory=Counter)
    client_seconds: float = 0.0
    """Processor time that the client itself took."""

    @property
    def rate(self) -> float:
        """Good answers a second."""
        return len(self.milliseconds) / self.seconds

    def percentile(self, share: float) -> float:
        """Milliseconds that `share` (0 to 1) of the good answers took at most; 0 where there was none."""
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def http_request(body: bytes, content_type: str, *more: str, method: str = "POST", path: str = "/invocations") -> bytes:
    lines = (
        f"{method} {path} HTTP/1.1",
        f"Host: {HOST}",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(body)}",
        *more,
    )
    return "\r\n".join((*lines, "", "")).encode() + body


def drive(port: int, requests: Sequence[Request], *, connections: int, seconds: float, warm_up: float = 1.0) -> Load:
    """Keep `connections` busy with `requests`, in their order; what is answered after `warm_up` seconds counts.

    The last answers are waited for, so that what comes next finds the server idle.
    """
    (load,) = stretches(port, requests, connections=connections, seconds=seconds, count=1, warm_up=warm_up)
    return load


def stretches(
    port: int, requests: Sequence[Request], *, connections: int, seconds: float, count: int, warm_up: float = 0.0
) -> Iterator[Load]:
    """As `drive`, but without a pause in between: one Load for each of `count` stretches, as soon as it is over."""
    with selectors.DefaultSelector() as selector:
        todo = cycle(requests)
        for _ in range(connections):
            _Connection(port, selector).send(todo)
        # What is answered while the server warms up is dropped.
        for number, length in enumerate((warm_up, *[seconds] * count)):
            load = Load(length)
            client = time.process_time()
            end = time.perf_counter() + length
            while time.perf_counter() < end:
                for connection in _answered(selector, load):
                    connection.send(todo)
            load.client_seconds = time.process_time() - client
            if number == count:
                # The others' last answers: they are of no stretch, and nothing is asked any more.
                rest = Load(0.0)
                while selector.get_map():
                    for connection in _answered(selector, rest):
                        connection.close()
                load.failures["no answer"] += rest.failures["no answer"]
                load.failures += Counter()
            if number:
                yield load


def _answered(selector: selectors.BaseSelector, load: Load) -> "Iterator[_Connection]":
    """The connections whose answer is whole, or never will be; counts it."""
    ready = selector.select(timeout=PATIENCE)
    if not ready:
        for key in list(selector.get_map().values()):
            load.failures["no answer"] += 1
            key.data.close()
            yield key.data
    for key, _ in ready:
        connection: _Connection = key.data
        for status, body, took in connection.receive():
            wrong = connection.request.check(status, body)
            if wrong:
                load.failures[wrong] += 1
            elif connection.request.good:
                load.milliseconds.append(1000 * took)
            else:
                load.refused += 1
            yield connection


class _Connection:
    """One request at a time on a socket that is opened anew where the server has closed it."""

    def __init__(self, port: int, selector: selectors.BaseSelector) -> None:
        self._port = port
        self._selector = selector
        self._socket: socket.socket | None = None
        self._open()

    def send(self, todo: Iterator[Request]) -> None:
        """The next request, and the one after it where the next is left without waiting."""
        while True:
            self.request = next(todo)
            if self._socket is None:
                self._open()
            assert self._socket is not None
            self._sent = time.perf_counter()
            self._received = b""
            # The server's answer, if it gave one before it closed, is still there to be read.
            with contextlib.suppress(OSError):
                self._socket.sendall(self.request.content)
            if not self.request.hangs_up:
                return
            self.close()

    def receive(self) -> Iterator[tuple[int, bytes, float]]:
        """The answer (status, body, seconds since it was asked for) once it is whole; status 0: it never will be."""
        assert self._socket is not None
        try:
            chunk = self._socket.recv(1 << 16)
        except OSError:
            chunk = b""
        if not chunk:
            self.close()
            yield 0, b"the connection was closed without an answer", time.perf_counter() - self._sent
            return
        self._received += chunk
        answer = read_answer(self._received)
        if answer is None:
            return
        status, body, stays = answer
        took = time.perf_counter() - self._sent
        if not stays:
            self.close()
        yield status, body, took

    def close(self) -> None:
        if self._socket is not None:
            self._selector.unregister(self._socket)
            self._socket.close()
            self._socket = None

    def _open(self) -> None:
        self._socket = opened = socket.create_connection((HOST, self._port), timeout=PATIENCE)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector.register(opened, selectors.EVENT_READ, self)


def read_answer(received: bytes) -> tuple[int, bytes, bool] | None:
    """Status, body and whether the connection stays open; None while the answer is not whole.

    Raises ValueError for an answer without a Content-Length: none of the servers measured here sends one.
    """
    head, found, body = received.partition(b"\r\n\r\n")
    if not found:
        return None
    status_line, *lines = head.split(b"\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines)}
    if b"content-length" not in headers:
        raise ValueError(f"an answer without Content-Length: {head[:200]!r}")
    if len(body) < int(headers[b"content-length"]):
        return None
    return int(status_line.split()[1]), body, headers.get(b"connection", b"").lower() != b"close"
