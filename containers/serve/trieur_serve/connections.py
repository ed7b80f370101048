"""What uvicorn leaves open at the edge of HTTP: broken requests, half-closed connections, clients that stall."""

import asyncio
import json
import logging
import sys
from typing import Any
from uuid import uuid4

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

# For the head of a request, counted from when the connection was made or the last answer was taken.
HEAD_SECONDS = 60.0
# In a request's state: there is nobody, or perhaps nobody, who waits for the answer.
LEFT = "left"
# Without anything taken of an answer that is given.
ANSWER_SECONDS = 60.0

logger = logging.getLogger("trieur_serve")


class TogetherTransport:
    """Sends what is written in one turn of the event loop at once: the head and the body of an answer in one packet.

    The rest of it is the transport underneath.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._waiting: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if not data:
            return
        if not self._waiting:
            self._loop.call_soon(self._flush)
        self._waiting.append(data)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def get_write_buffer_size(self) -> int:
        return self._transport.get_write_buffer_size() + sum(map(len, self._waiting))

    def _flush(self) -> None:
        if self._waiting:
            self._transport.write(b"".join(self._waiting))
            self._waiting.clear()


class Connection(H11Protocol):
    """Answers a client that has closed its sending side, refuses broken HTTP in the shape of every error, and ends
    connections on which nothing arrives or nothing is taken."""

    _half_closed = False
    _stalled: asyncio.TimerHandle | None = None
    _answers = 0
    _watched = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(TogetherTransport(transport, self.loop))  # type: ignore[arg-type]
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._expect_nothing()
        if self.cycle is not None:
            self._say_that_the_client_left()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._between_requests:
            self._expect_head()
        else:
            self._expect_nothing()

    # uvicorn narrows asyncio's `bool | None` to None, which means: close at once, whatever is under way. What is closed
    # here is closed after what still waits to be sent.
    def eof_received(self) -> bool:  # type: ignore[override]
        self._half_closed = True
        if not self._still_answering():
            self.transport.close()
        return True

    def on_response_complete(self) -> None:
        # It goes on with what the client sent meanwhile, so that another request may be under way afterwards.
        super().on_response_complete()
        self._answers += 1
        if self._half_closed and not self._still_answering():
            self.transport.close()
        self._watch_answer()

    def send_400_response(self, msg: str) -> None:
        status, sentence = 400, msg
        if msg == "Invalid HTTP request received.":
            status, sentence = _of_broken_http(sys.exception())
        self._refuse(status, sentence)

    @property
    def _between_requests(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _still_answering(self) -> bool:
        """Whether the client, which sends nothing more, is still owed an answer."""
        if self._between_requests:
            if self.conn.trailing_data[0]:
                self._refuse(400, "The connection was closed in the middle of the request's headers.")
            return False
        if self.cycle.more_body:
            if not self.cycle.response_started:
                self._refuse(400, "The connection was closed in the middle of the request's body.")
            return False
        # The client may be gone altogether: a long request stops when it sees this.
        self._say_that_the_client_left()
        return True

    def _say_that_the_client_left(self) -> None:
        self.cycle.scope["state"][LEFT] = True

    def _expect_head(self) -> None:
        if self._stalled is None:
            self._stalled = self.loop.call_later(HEAD_SECONDS, self._head_is_late)

    def _expect_nothing(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def _head_is_late(self) -> None:
        self._stalled = None
        if self.transport.is_closing() or not self._between_requests:
            return
        if self.conn.trailing_data[0]:
            self._refuse(408, f"The request's headers did not arrive within {HEAD_SECONDS:g} seconds.")
        else:
            self.transport.close()

    def _watch_answer(self) -> None:
        left = self.transport.get_write_buffer_size()
        if left and not self._watched:
            self._watched = True
            self.loop.call_later(ANSWER_SECONDS, self._see_progress, left, self._answers)

    def _see_progress(self, left: int, answers: int) -> None:
        self._watched = False
        if self._answers == answers and self.transport.get_write_buffer_size() >= left:
            self.transport.abort()
        else:
            self._watch_answer()

    def _refuse(self, status: int, sentence: str) -> None:
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            request_id = uuid4().hex
            logger.info("request", extra={"facts": {"request_id": request_id, "status": status, "error": sentence}})
            body = json.dumps({"error": sentence, "request_id": request_id}).encode()
            headers = [
                ("content-type", "application/json"),
                ("content-length", str(len(body))),
                ("connection", "close"),
            ]
            for event in (
                h11.Response(status_code=status, headers=headers, reason=_PHRASES[status]),
                h11.Data(data=body),
                h11.EndOfMessage(),
            ):
                self.transport.write(self.conn.send(event) or b"")
        # Otherwise the answer is under way or given, and nothing can be added to it.
        self.transport.close()


_PHRASES = {400: b"Bad Request", 408: b"Request Timeout", 431: b"Request Header Fields Too Large"}


def _of_broken_http(error: BaseException | None) -> tuple[int, str]:
    """h11's own words may quote what was sent, and a text may be among it."""
    if isinstance(error, h11.RemoteProtocolError) and error.error_status_hint == 431:
        return 431, "The request's headers are too large."
    return 400, "The request is not valid HTTP."
