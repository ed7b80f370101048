"""What uvicorn leaves open at the edge of HTTP: broken requests and half-closed connections."""

import json
from uuid import uuid4

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol


class Connection(H11Protocol):
    """Answers a client that has closed its sending side, and refuses broken HTTP in the shape of every error."""

    _half_closed = False

    # uvicorn narrows asyncio's `bool | None` to None, which means: close at once, whatever is under way.
    def eof_received(self) -> bool:  # type: ignore[override]
        cycle = self.cycle
        if cycle is None or cycle.response_complete:
            if self.conn.trailing_data[0]:
                self.send_400_response("The connection was closed in the middle of the request's headers.")
            return False
        if cycle.more_body:
            if not cycle.response_started:
                self.send_400_response("The connection was closed in the middle of the request's body.")
            return False
        self._half_closed = True
        # The client may be gone altogether: a long request stops when it sees this.
        cycle.scope["state"]["half_closed"] = True
        return True

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._half_closed and self.cycle.response_complete:
            self.transport.close()

    def send_400_response(self, msg: str) -> None:
        sentence = "The request is not valid HTTP." if msg == "Invalid HTTP request received." else msg
        body = json.dumps({"error": sentence, "request_id": uuid4().hex}).encode()
        headers = [
            ("content-type", "application/json"),
            ("content-length", str(len(body))),
            ("connection", "close"),
        ]
        for event in (
            h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
            h11.Data(data=body),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()
