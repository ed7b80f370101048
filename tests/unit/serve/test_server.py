"""What only a caller inside the process can bring about: a model that still loads, a full server, a failure."""

import asyncio
import json
import logging
from collections.abc import Iterator, MutableMapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from trieur_serve import service as serving
from trieur_serve.admission import Room
from trieur_serve.bodies import MOST_BYTES, MOST_BYTES_READ
from trieur_serve.logs import JsonFormatter
from trieur_serve.server import Server
from trieur_serve.service import Abandoned, Service

from tests.unit.serve.tiny_model import LABELS, write_model

SECRET = "zanzibar"


class Answer:
    def __init__(self, messages: Sequence[MutableMapping[str, Any]]) -> None:
        self.status = messages[0]["status"]
        self.headers = {name.decode(): value.decode() for name, value in messages[0]["headers"]}
        self.body = b"".join(message.get("body", b"") for message in messages[1:])


async def call(
    server: Server,
    method: str,
    path: str,
    chunks: Sequence[bytes] = (b"",),
    *,
    stalls: bool = False,
    content_type: str = "text/plain",
) -> Answer:
    """Stands for uvicorn. With `stalls` the client never sends the rest of its body."""
    waiting = list(chunks)

    async def receive() -> dict[str, Any]:
        if not waiting:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": waiting.pop(0), "more_body": stalls or bool(waiting)}

    messages: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        messages.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"",
        "headers": [(b"content-type", content_type.encode())],
        "state": {},
    }
    await server.app(scope, receive, send)
    return Answer(messages)


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service(write_model(tmp_path / "model"))


@pytest.fixture
def log_lines() -> Iterator[list[str]]:
    """The lines as the process writes them."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(JsonFormatter().format(record))

    keep = Keep()
    logger = logging.getLogger("trieur_serve")
    logger.addHandler(keep)
    logger.setLevel(logging.INFO)
    yield lines
    logger.removeHandler(keep)


def test_until_the_model_is_loaded_both_paths_say_so(service: Service) -> None:
    async def ask() -> None:
        server = Server(service)
        for method, path in (("GET", "/ping"), ("POST", "/invocations")):
            answer = await call(server, method, path, [b"curie"])
            assert answer.status == 503
            assert answer.headers["retry-after"] == "1"
            assert "still loading" in json.loads(answer.body)["error"]
        await service.load()
        assert (await call(server, "GET", "/ping")).status == 200
        assert (await call(server, "POST", "/invocations", [b"cu", b"rie"])).status == 200

    asyncio.run(ask())


def test_a_full_server_sheds_and_recovers(service: Service) -> None:
    async def ask() -> None:
        await service.load()
        room = Room(most_requests=1)
        server = Server(service, room=room)
        stalled = asyncio.create_task(call(server, "POST", "/invocations", [b"cu"], stalls=True))
        await asyncio.sleep(0)
        assert (await call(server, "POST", "/invocations", [b"curie"])).status == 200
        stalled.cancel()
        slow = asyncio.create_task(call(server, "POST", "/invocations", [b"curie"]))
        while not room.requests:
            await asyncio.sleep(0)
        answer = await call(server, "POST", "/invocations", [b"curie"])
        assert answer.status == 503
        assert answer.headers["retry-after"] == "1"
        assert (await call(server, "GET", "/ping")).status == 200
        assert (await slow).status == 200
        assert (await call(server, "POST", "/invocations", [b"curie"])).status == 200

    asyncio.run(ask())


def test_a_body_that_never_ends_is_refused(service: Service) -> None:
    async def ask() -> None:
        await service.load()
        answer = await call(Server(service, body_seconds=0.05), "POST", "/invocations", [b"cu"], stalls=True)
        assert answer.status == 408
        assert answer.headers["connection"] == "close"
        assert "did not arrive within 0.05 seconds" in json.loads(answer.body)["error"]

    asyncio.run(ask())


def test_large_requests_are_shed_where_there_is_no_room_for_their_bytes(service: Service) -> None:
    async def ask() -> None:
        await service.load()
        server = Server(service, room=Room(most_bytes=200_000))
        slow = asyncio.create_task(call(server, "POST", "/invocations", [b"c" * 200_000], stalls=True))
        await asyncio.sleep(0)
        answer = await call(server, "POST", "/invocations", [b"curie " * 10_000] * 3)
        assert (answer.status, answer.headers["retry-after"]) == (503, "1")
        assert "Too many large requests" in json.loads(answer.body)["error"]
        assert "connection" not in answer.headers
        assert (await call(server, "POST", "/invocations", [b"curie"])).status == 200
        slow.cancel()
        await slow
        assert (await call(server, "POST", "/invocations", [b"curie " * 10_000] * 3)).status == 200

    asyncio.run(ask())


def test_many_texts_are_shed_while_others_wait(service: Service) -> None:
    many = b'"curie"\n' * 200

    async def ask() -> None:
        await service.load()
        room = Room(most_texts=300)
        server = Server(service, room=room)
        first = asyncio.create_task(call(server, "POST", "/invocations", [many], content_type="application/jsonlines"))
        while not room.texts:
            await asyncio.sleep(0)
        answer = await call(server, "POST", "/invocations", [many], content_type="application/jsonlines")
        assert (answer.status, answer.headers["retry-after"]) == (503, "1")
        assert "Too many texts wait" in json.loads(answer.body)["error"]
        assert (await call(server, "POST", "/invocations", [b"curie"])).status == 200
        assert (await first).status == 200
        assert (await call(server, "POST", "/invocations", [many], content_type="application/jsonlines")).status == 200

    asyncio.run(ask())


def test_a_refused_body_is_read_to_its_end_but_not_for_ever(service: Service) -> None:
    chunk = b"a" * 1024 * 1024

    async def ask(sent: int) -> Answer:
        await service.load()
        return await call(Server(service), "POST", "/invocations", [chunk] * sent)

    over, endless = MOST_BYTES // len(chunk) + 1, MOST_BYTES_READ // len(chunk) + 3
    answer = asyncio.run(ask(over))
    assert (answer.status, "connection" in answer.headers) == (413, False)
    answer = asyncio.run(ask(endless))
    assert (answer.status, answer.headers["connection"]) == (413, "close")


def test_while_the_process_ends_ping_says_so_and_requests_are_still_answered(service: Service) -> None:
    async def ask() -> None:
        await service.load()
        ending = False
        server = Server(service, stopping=lambda: ending)
        assert (await call(server, "GET", "/ping")).status == 200
        ending = True
        answer = await call(server, "GET", "/ping")
        assert (answer.status, answer.headers["retry-after"]) == (503, "1")
        assert "shutting down" in json.loads(answer.body)["error"]
        assert (await call(server, "POST", "/invocations", [b"curie"])).status == 200

    asyncio.run(ask())


def test_what_is_broken_off_at_the_end_is_told_so(service: Service, log_lines: list[str]) -> None:
    """uvicorn cancels what has not finished when SageMaker's patience ends."""

    async def ask() -> Answer:
        await service.load()
        stalled = asyncio.create_task(call(Server(service), "POST", "/invocations", [b"cu"], stalls=True))
        await asyncio.sleep(0.01)
        stalled.cancel()
        return await stalled

    answer = asyncio.run(ask())
    assert (answer.status, answer.headers["connection"]) == (503, "close")
    assert "shutting down" in json.loads(answer.body)["error"]
    assert [json.loads(line)["status"] for line in log_lines] == [503]


def test_a_failure_of_the_server_tells_neither_the_client_nor_the_log_the_text(
    service: Service, log_lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(texts: Sequence[str], _left: object, _shape: object) -> list[str]:
        raise ValueError(f"cannot read {texts}")

    async def ask() -> Answer:
        await service.load()
        monkeypatch.setattr(service, "predict", fail)
        return await call(Server(service), "POST", "/invocations", [SECRET.encode()])

    answer = asyncio.run(ask())
    assert answer.status == 500
    shown = json.loads(answer.body)
    (line,) = log_lines
    entry = json.loads(line)
    assert entry["level"] == "ERROR"
    assert entry["request_id"] == shown["request_id"]
    assert entry["exception"] == "ValueError"
    assert any("test_server.py" in frame for frame in entry["trace"])
    assert SECRET not in line
    assert SECRET.encode() not in answer.body
    assert b"Traceback" not in answer.body


def test_a_question_does_not_wait_for_all_of_another_clients_texts(service: Service) -> None:
    async def ask() -> list[str]:
        order: list[str] = []
        await service.load()

        async def predict(name: str, texts: list[str]) -> None:
            await service.predict(texts, stays)
            order.append(name)

        many = asyncio.create_task(predict("many", ["curie"] * 2000))
        await asyncio.sleep(0)
        await asyncio.gather(many, predict("one", ["nodejs"]))
        return order

    assert asyncio.run(ask()) == ["one", "many"]


def test_the_work_for_a_client_that_left_stops(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0

    async def left() -> bool:
        nonlocal asked
        asked += 1
        return asked == 3

    async def ask() -> None:
        await service.load()
        with pytest.raises(Abandoned):
            await service.predict(["curie"] * 10_000, left)

    monkeypatch.setattr(serving, "SECONDS_A_LOOK", 0.001)
    asyncio.run(ask())
    assert asked == 3


def test_answers_keep_the_order_of_the_texts(service: Service) -> None:
    words = ["curie", "nodejs " * 9, "va va", "nodejs"] * 100
    expected = ["WHO_IS", "WHO_KNOWS_ABOUT", "HOW_ARE_YOU", "WHO_KNOWS_ABOUT"] * 100

    async def ask() -> list[str]:
        await service.load()
        return await service.predict(words, stays)

    found = [json.loads(answer) for answer in asyncio.run(ask())]
    assert [prediction[0]["Class"] for prediction in found] == expected
    assert all({shown["Class"] for shown in prediction} == set(LABELS) for prediction in found)


def test_thousands_of_texts_in_windows_keep_their_order(tmp_path: Path) -> None:
    words = ["va va", "nodejs " * 40, "curie"] * 800
    service = Service(write_model(tmp_path / "model", long_texts="windows"))

    async def ask() -> list[str]:
        await service.load()
        return await service.predict(words, stays)

    found = [json.loads(answer) for answer in asyncio.run(ask())]
    assert [prediction[0]["Class"] for prediction in found] == ["HOW_ARE_YOU", "WHO_KNOWS_ABOUT", "WHO_IS"] * 800


async def stays() -> bool:
    return False
