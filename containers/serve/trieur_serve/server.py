"""The HTTP side: /ping, /invocations, and errors in one shape."""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from uuid import uuid4

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from trieur_serve import bodies
from trieur_serve.accept import answer_type
from trieur_serve.admission import Room
from trieur_serve.attributes import HEADER as ATTRIBUTES
from trieur_serve.attributes import check_attributes, read_shape
from trieur_serve.bodies import Body
from trieur_serve.connections import LEFT
from trieur_serve.metrics import Metrics
from trieur_serve.refusals import Refused, unavailable
from trieur_serve.requests import JSON_LINES, Question, check_content_type, read_question
from trieur_serve.service import Abandoned, Service

# What SageMaker's batch transform asks for before it sends anything. A MB of short texts is what two cores answer well
# within the ten minutes it waits by default, and six would be more texts than one request may hold. The second request
# arrives while the first is worked on.
EXECUTION_PARAMETERS = {"MaxConcurrentTransforms": 2, "BatchStrategy": "MULTI_RECORD", "MaxPayloadInMB": 1}

LOADING = "The model is still loading; try again in a moment."
STOPPING = "The server is shutting down; ask another one."
# Nobody reads this one; the status is the log's.
GONE = Refused(499, "The connection was closed before the answer was ready.")
FAILED = Refused(500, "The server failed on this request; its log says where, under this request id.")

logger = logging.getLogger("trieur_serve")


def serves_for_ever() -> bool:
    return False


class Server:
    """The endpoints over one service; `app` is the ASGI application.

    stopping: whether the process is about to end. Requests are still answered then, but nobody should send any more.
    """

    def __init__(
        self,
        service: Service,
        *,
        room: Room | None = None,
        metrics: bool = False,
        stopping: Callable[[], bool] = serves_for_ever,
        body_seconds: float = bodies.SECONDS,
    ) -> None:
        self._service = service
        self._room = room or Room()
        self._metrics = Metrics(self._room) if metrics else None
        self._stopping = stopping
        self._body_seconds = body_seconds
        routes = [
            Route("/ping", self.ping),
            Route("/invocations", self.invocations, methods=["POST"]),
            Route("/execution-parameters", self.execution_parameters),
        ]
        if self._metrics:
            routes.append(Route("/metrics", self.metrics))
        self._paths = ", ".join(f"{'POST' if route.path == '/invocations' else 'GET'} {route.path}" for route in routes)
        self.app = Starlette(routes=routes, exception_handlers={HTTPException: self.no_route})
        self.app.router.redirect_slashes = False

    async def ping(self, _request: Request) -> Response:
        if self._stopping():
            return _error(unavailable(STOPPING), uuid4().hex)
        if not self._service.ready:
            return _error(unavailable(LOADING), uuid4().hex)
        return Response()

    async def execution_parameters(self, _request: Request) -> Response:
        return JSONResponse(EXECUTION_PARAMETERS)

    async def metrics(self, _request: Request) -> Response:
        assert self._metrics is not None
        return Response(self._metrics.page(), headers={"Content-Type": self._metrics.content_type})

    async def invocations(self, request: Request) -> Response:
        started = time.perf_counter()
        request_id = uuid4().hex
        facts: dict[str, object] = {"request_id": request_id}
        failed = False
        body = Body(request, self._body_seconds)
        try:
            try:
                response = await self._answer(request, body, facts)
            except Refused as refusal:
                facts["error"] = refusal.sentence
                response = _error(refusal, request_id)
                if not await body.discard():
                    response.headers["Connection"] = "close"
        except (Abandoned, ClientDisconnect):
            facts["error"] = GONE.sentence
            response = _error(GONE, request_id)
        except asyncio.CancelledError:
            # Only the end of the process cancels, after it has waited as long as it may.
            facts["error"] = STOPPING
            response = _error(unavailable(STOPPING), request_id)
            response.headers["Connection"] = "close"
        except Exception:
            failed = True
            # Raised on, it would be logged a second time by uvicorn, with a message that may quote a text.
            response = _error(FAILED, request_id)
            logger.exception("request", extra={"facts": facts | _outcome(response, started)})
        if not failed:
            logger.info("request", extra={"facts": facts | _outcome(response, started)})
        if self._metrics:
            self._metrics.count(response.status_code, facts.get("texts"), time.perf_counter() - started)
        with suppress(Refused):
            response.headers.update(_echoed(request))
        return response

    async def _answer(self, request: Request, body: Body, facts: dict[str, object]) -> Response:
        if not self._service.ready:
            raise unavailable(LOADING)
        with self._room.enter() as share:
            content_type = _single(request, "Content-Type")
            check_content_type(content_type)
            _refuse_encodings(request)
            shape = read_shape(_echoed(request).get(ATTRIBUTES, ""), self._service.manifest.threshold)
            content = await body.read(share)
            facts["bytes"] = len(content)
            question = read_question(content, content_type)
            media = answer_type(", ".join(request.headers.getlist("accept")) or None, question)
            facts["texts"] = len(question.texts)
            share.wait_for(len(question.texts))
            # A header line of CSV alone asks for nothing.
            answers = (
                await self._service.predict(question.texts, lambda: _left(request), shape) if question.texts else []
            )
            return Response(_join(answers, question, media), media_type=media)

    async def no_route(self, request: Request, error: Exception) -> Response:
        request_id = uuid4().hex
        if isinstance(error, HTTPException) and error.status_code == 405:
            # Starlette joins a set: in no fixed order.
            allowed = ", ".join(sorted((error.headers or {})["Allow"].split(", ")))
            sentence = f"{request.scope['path']} takes {allowed}, not {request.method[:40]}."
            refusal = Refused(405, sentence, {"Allow": allowed})
        else:
            refusal = Refused(404, f"There is only {self._paths} here.")
        logger.info(
            "request",
            extra={"facts": {"request_id": request_id, "status": refusal.status, "error": refusal.sentence}},
        )
        return _error(refusal, request_id)


def _single(request: Request, name: str) -> str | None:
    """The value of a header that says one thing. Raises Refused where it is there more than once."""
    values = request.headers.getlist(name)
    if len(values) > 1:
        raise Refused(400, f"The header {name} is there {len(values)} times; send it once.")
    return values[0] if values else None


def _refuse_encodings(request: Request) -> None:
    encoding = ", ".join(request.headers.getlist("content-encoding")).strip()
    if encoding.lower() not in ("", "identity"):
        raise Refused(415, f"The content encoding {encoding[:40]!a} is not read here; send the body as it is.")


def _echoed(request: Request) -> dict[str, str]:
    """The custom attributes, as SageMaker wants them back. Raises Refused for what it would not let pass."""
    attributes = _single(request, ATTRIBUTES)
    if attributes is None:
        return {}
    check_attributes(attributes)
    return {ATTRIBUTES: attributes}


def _error(refusal: Refused, request_id: str) -> Response:
    content = {"error": refusal.sentence, "request_id": request_id}
    return JSONResponse(content, refusal.status, headers=refusal.headers)


def _outcome(response: Response, started: float) -> dict[str, object]:
    return {"status": response.status_code, "ms": round(1000 * (time.perf_counter() - started), 1)}


async def _left(request: Request) -> bool:
    return LEFT in request.scope["state"]


def _join(answers: list[str], question: Question, media: str) -> str:
    if media == JSON_LINES:
        return "".join(answer + "\n" for answer in answers)
    return answers[0] if question.form == "one" else "[" + ", ".join(answers) + "]"
