"""The HTTP side: /ping, /invocations, and errors in one shape."""

import asyncio
import logging
import time
from uuid import uuid4

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from trieur_serve.requests import JSON_LINES, Question, Refused, answer_type, read_question
from trieur_serve.service import Abandoned, Service

MOST_BYTES = 6 * 1024 * 1024
# A body that is too large is read to here before it is refused: a client that is still sending would
# otherwise see a broken connection instead of the refusal.
MOST_BYTES_READ = 10 * MOST_BYTES
MOST_REQUESTS = 256
BODY_SECONDS = 60.0
CUSTOM_ATTRIBUTES = "x-amzn-sagemaker-custom-attributes"

LOADING = "The model is still loading; try again in a moment."
# Nobody reads this one; the status is the log's.
GONE = Refused(499, "The connection was closed before the answer was ready.")
FAILED = Refused(500, "The server failed on this request; its log says where, under this request id.")

logger = logging.getLogger("trieur_serve")


class Server:
    """The endpoints over one service; `app` is the ASGI application."""

    def __init__(
        self, service: Service, *, most_requests: int = MOST_REQUESTS, body_seconds: float = BODY_SECONDS
    ) -> None:
        self._service = service
        self._most_requests = most_requests
        self._body_seconds = body_seconds
        self._under_way = 0
        self.app = Starlette(
            routes=[Route("/ping", self.ping), Route("/invocations", self.invocations, methods=["POST"])],
            exception_handlers={HTTPException: self.no_route},
        )
        self.app.router.redirect_slashes = False

    async def ping(self, _request: Request) -> Response:
        if not self._service.ready:
            return _error(_unavailable(LOADING), uuid4().hex)
        return Response()

    async def invocations(self, request: Request) -> Response:
        started = time.perf_counter()
        request_id = uuid4().hex
        facts: dict[str, object] = {"request_id": request_id}
        try:
            response = await self._answer(request, facts)
        except (Refused, Abandoned, ClientDisconnect) as stop:
            refusal = stop if isinstance(stop, Refused) else GONE
            facts["error"] = refusal.sentence
            response = _error(refusal, request_id)
        except Exception:
            # Raised on, it would be logged a second time by uvicorn, with a message that may quote a text.
            response = _error(FAILED, request_id)
            logger.exception("request", extra={"facts": facts | _outcome(response, started)})
        if response.status_code != FAILED.status:
            logger.info("request", extra={"facts": facts | _outcome(response, started)})
        if CUSTOM_ATTRIBUTES in request.headers:
            response.headers[CUSTOM_ATTRIBUTES] = request.headers[CUSTOM_ATTRIBUTES]
        return response

    async def _answer(self, request: Request, facts: dict[str, object]) -> Response:
        if not self._service.ready:
            raise _unavailable(LOADING)
        if self._under_way >= self._most_requests:
            raise _unavailable("Too many requests are under way; try again in a moment.")
        self._under_way += 1
        try:
            body = await self._body(request)
            facts["bytes"] = len(body)
            question = read_question(body, request.headers.get("content-type"))
            facts["texts"] = len(question.texts)
            media = answer_type(request.headers.get("accept"), question)
            answers = await self._service.predict(question.texts, lambda: _left(request))
            return Response(_join(answers, question, media), media_type=media)
        finally:
            self._under_way -= 1

    async def _body(self, request: Request) -> bytes:
        chunks = []
        size = 0
        try:
            async with asyncio.timeout(self._body_seconds):
                async for chunk in request.stream():
                    size += len(chunk)
                    if size <= MOST_BYTES:
                        chunks.append(chunk)
                    elif size > MOST_BYTES_READ:
                        break
        except TimeoutError as error:
            sentence = f"The body did not arrive within {self._body_seconds:g} seconds."
            raise Refused(408, sentence, {"Connection": "close"}) from error
        if size > MOST_BYTES:
            sentence = f"The body is larger than {MOST_BYTES} bytes (6 MB); send it in parts."
            raise Refused(413, sentence, {"Connection": "close"})
        return b"".join(chunks)

    async def no_route(self, request: Request, error: Exception) -> Response:
        request_id = uuid4().hex
        if isinstance(error, HTTPException) and error.status_code == 405:
            # Starlette joins a set: in no fixed order.
            allowed = ", ".join(sorted((error.headers or {})["Allow"].split(", ")))
            sentence = f"{request.scope['path']} takes {allowed}, not {request.method}."
            refusal = Refused(405, sentence, {"Allow": allowed})
        else:
            refusal = Refused(404, "There is only GET /ping and POST /invocations here.")
        logger.info(
            "request",
            extra={"facts": {"request_id": request_id, "status": refusal.status, "error": refusal.sentence}},
        )
        return _error(refusal, request_id)


def _unavailable(sentence: str) -> Refused:
    return Refused(503, sentence, {"Retry-After": "1"})


def _error(refusal: Refused, request_id: str) -> Response:
    content = {"error": refusal.sentence, "request_id": request_id}
    return JSONResponse(content, refusal.status, headers=refusal.headers)


def _outcome(response: Response, started: float) -> dict[str, object]:
    return {"status": response.status_code, "ms": round(1000 * (time.perf_counter() - started), 1)}


async def _left(request: Request) -> bool:
    return "half_closed" in request.scope.get("state", {}) or await request.is_disconnected()


def _join(answers: list[str], question: Question, media: str) -> str:
    if media == JSON_LINES:
        return "".join(answer + "\n" for answer in answers)
    return answers[0] if question.form == "one" else "[" + ", ".join(answers) + "]"
