"""Serving the console: a free port of this machine, until Ctrl-C."""

import secrets
import socket
import threading
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import uvicorn

from trieur.console.app import create_app
from trieur.console.guard import TOKEN
from trieur.console.place import Place

ADDRESS: Final = "127.0.0.1"
USUAL_PORT: Final = 8765

# Seconds that a page's last questions have to end in after Ctrl-C.
_GRACE: Final = 3


class PortTaken(Exception):
    """The port that was asked for cannot be had; one sentence for people."""


def serve(place: Place, *, port: int | None, open_browser: bool, tell: Callable[[str], None]) -> None:
    """Serve the console until the process is interrupted, and `tell` its address once it answers.

    `port` None is the usual one, or a free one where that is taken; 0 is a free one. Raises PortTaken.
    """
    listener = _listener(port)
    with listener:
        number = listener.getsockname()[1]
        token, ticket = secrets.token_urlsafe(24), secrets.token_urlsafe(24)

        def announce() -> None:
            tell(_url(number, token))
            if open_browser:
                # Some browsers' commands return only when the browser ends.
                threading.Thread(target=webbrowser.open, args=(_url(number, ticket),), daemon=True).start()

        server = _Server(
            uvicorn.Config(
                create_app(place, token=token, port=number, ticket=ticket if open_browser else None),
                log_level="error",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                ws="none",
                timeout_graceful_shutdown=_GRACE,
            ),
            started=announce,
        )
        # uvicorn, once it has ended by Ctrl-C, raises that signal again.
        with suppress(KeyboardInterrupt):
            server.run(sockets=[listener])


class _Server(uvicorn.Server):
    """Says when it answers."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_start = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_start()


def _url(port: int, secret: str) -> str:
    return f"http://{ADDRESS}:{port}/?{TOKEN}={secret}"


def _listener(port: int | None) -> socket.socket:
    if port is None:
        try:
            return _bound(USUAL_PORT)
        except PortTaken:
            return _bound(0)
    return _bound(port)


def _bound(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        # On Linux this reuses a port whose connections still linger, never one that somebody listens on.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((ADDRESS, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise PortTaken(f"Port {port} cannot be had ({error.strerror}): choose another with --port.") from error
    return listener
