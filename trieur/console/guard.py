"""Who may speak to the console: the browser of the person who started it, and no page of another site.

The console acts with that person's AWS credentials, so each request has to pass four questions:

1. Is it meant for this machine's own name? Another host's name that points here (DNS rebinding) is refused.
2. Does it come from the console's own pages? Browsers say so in `Sec-Fetch-Site`; another port of this machine is
   another origin, although it shares its cookies.
3. Where it changes or asks something: does its `Origin` say the same?
4. Does it bear the token of this start, which is in the printed address and then in a cookie? Other users of the
   machine have none.
"""

import secrets
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

TOKEN: Final = "token"
HOSTS: Final = ("127.0.0.1", "localhost")
# What may be seen without the token: it holds nothing of anybody's.
PUBLIC: Final = "/static/"

_SAFE: Final = ("GET", "HEAD")
_OWN: Final = ("same-origin", "none")

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# Somebody else's page, of which nothing may run or leave; only the console shows it in a frame.
DOCUMENT_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"

HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # The Origin of a form is only told under a policy that tells it to the same origin.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}


class Guard:
    """ASGI middleware that answers for the four questions and sets the headers that browsers obey.

    `token` is the secret of this start; `port` is where the console is served. `ticket` opens it as the token does,
    but once: for the address that a browser is started with, which other users can read in the list of processes.
    """

    def __init__(self, app: ASGIApp, *, token: str, port: int, ticket: str | None = None) -> None:
        self._app = app
        self._token = token
        self._tickets = [] if ticket is None else [ticket]
        self._cookie = f"trieur-{port}"
        self._hosts = {f"{host}:{port}" for host in HOSTS}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            # There are no WebSockets here, and their handshake would pass these questions by.
            raise ValueError(f"the console does not speak {scope['type']}")
        answer = self._refusal(scope) or self._admission(scope)
        await (answer or self._app)(scope, receive, _with_headers(send))

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if host not in self._hosts:
            return _refused(421, "This is another host's name: open the address that trieur console printed.")
        site = headers.get("sec-fetch-site")
        if site is not None and site not in _OWN:
            return _refused(403, "Another site's page asked for this: open the address that trieur console printed.")
        if scope["method"] in _SAFE:
            return None
        origin = headers.get("origin")
        if origin == f"http://{host}" or (origin is None and site == "same-origin"):
            return None
        return _refused(403, "Another site's page asked for this, or a program that does not say where it comes from.")

    def _admission(self, scope: Scope) -> Response | None:
        """None where the request may pass; else the way in, or out."""
        if scope["path"].startswith(PUBLIC):
            return None
        given = parse_qs(scope["query_string"].decode("latin-1")).get(TOKEN, [])
        if scope["method"] in _SAFE and (self._known(given) or self._take_ticket(given)):
            response = RedirectResponse(f"http://{Headers(scope=scope)['host']}{scope['path']}", 303)
            response.set_cookie(self._cookie, self._token, httponly=True, samesite="strict")
            return response
        if self._known(_cookies(Headers(scope=scope), self._cookie)):
            return None
        return _refused(403, "This console is somebody's: open the whole address that trieur console printed.")

    def _known(self, given: Iterable[str]) -> bool:
        return any(_same(one, self._token) for one in given)

    def _take_ticket(self, given: Iterable[str]) -> bool:
        if not any(_same(one, ticket) for one in given for ticket in self._tickets):
            return False
        self._tickets.clear()
        return True


def _same(one: str, other: str) -> bool:
    return secrets.compare_digest(one.encode(), other.encode())


def _cookies(headers: Headers, name: str) -> list[str]:
    found = []
    for header in headers.getlist("cookie"):
        try:
            cookies = SimpleCookie(header)
        except CookieError:
            continue
        if name in cookies:
            found.append(cookies[name].value)
    return found


def _refused(status: int, sentence: str) -> Response:
    return PlainTextResponse(f"{sentence}\n", status)


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sending
