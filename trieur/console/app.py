"""The console as an ASGI application: its pages behind its guard."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from trieur.console.desk import Desk
from trieur.console.guard import HEADERS, Guard
from trieur.console.pages import asking, classifier, compare, costs, drop, overview, preferences
from trieur.console.place import NotThere, Place, PlaceError
from trieur.console.session import Session

logger = logging.getLogger(__name__)

_PAGES: Final = (overview, classifier, asking, drop, compare, costs, preferences)
_STATIC: Final = Path(__file__).with_name("static")


def create_app(place: Place, *, token: str, port: int, ticket: str | None = None) -> FastAPI:
    """The console over `place`, for the port it is served at and whoever has the token, or first has the ticket."""
    session = Session()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        try:
            yield
        finally:
            session.close()

    app = FastAPI(title="Trieur", openapi_url=None, lifespan=lifespan)
    app.state.place, app.state.session = place, session
    for page in _PAGES:
        app.include_router(page.router)
    app.mount("/static", StaticFiles(directory=_STATIC))
    app.add_exception_handler(PlaceError, _place_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _bad_request)
    app.add_exception_handler(Exception, _unforeseen)
    app.add_middleware(Guard, token=token, port=port, ticket=ticket)
    return app


async def _place_error(request: Request, error: Exception) -> HTMLResponse:
    return _sentence(request, str(error), 404 if isinstance(error, NotThere) else 502)


async def _http_error(request: Request, error: Exception) -> HTMLResponse:
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = str(getattr(error, "detail", ""))
    key = detail if detail in ("no_such_run", "too_large") else "no_such_page"
    return _sentence(request, Desk(request).words.text(f"error.{key}"), status)


async def _bad_request(request: Request, _: Exception) -> HTMLResponse:
    return _sentence(request, Desk(request).words.text("error.no_such_page"), 422)


async def _unforeseen(request: Request, error: Exception) -> HTMLResponse:
    logger.error("a request failed", exc_info=error)
    answer = _sentence(request, Desk(request).words.text("error.unforeseen"), 500)
    # Starlette sends this one past the guard.
    answer.headers.update(HEADERS)
    return answer


def _sentence(request: Request, sentence: str, status: int) -> HTMLResponse:
    desk = Desk(request)
    if desk.asked_for_a_part and request.url.path.endswith("/live"):
        # What asks again and again takes this in its place: it has to go on asking.
        telling = {name: value for name, value in request.query_params.items() if name != "seen"}
        return desk.live("trouble", request.url.path, moving=True, telling=telling, trouble=sentence).answer()
    if desk.asked_for_a_part:
        return HTMLResponse(desk.render("trouble", trouble=sentence), status)
    return desk.page("error", status, trouble=sentence)
