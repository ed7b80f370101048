"""The inference container as SageMaker sees it: the real process, a real ONNX graph, a real socket."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.unit.serve.tiny_model import LABELS, WORD_OF, softmax_of, write_model

CONTAINER = Path(__file__).parents[2] / "containers" / "serve"
PATIENCE = 60
SECRET = "zanzibar"
ECHOED = "X-Amzn-SageMaker-Custom-Attributes"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Container:
    """The process that the Dockerfile's ENTRYPOINT and SageMaker's `serve` make, with this interpreter."""

    def __init__(self, opt_ml: Path, *arguments: str, **environment: str) -> None:
        self.port = _free_port()
        self._log = opt_ml / f"stdout-{self.port}"
        self._errors = opt_ml / f"stderr-{self.port}"
        (entrypoint,) = re.findall(r"^ENTRYPOINT (\[.*\])$", (CONTAINER / "Dockerfile").read_text(), re.MULTILINE)
        python, *rest = json.loads(entrypoint)
        assert python == "python"
        with self._log.open("w") as log, self._errors.open("w") as errors:
            self.process = subprocess.Popen(
                [sys.executable, *rest, *(arguments or ("serve",))],
                cwd=CONTAINER,
                stdout=log,
                stderr=errors,
                env={
                    "PATH": os.environ["PATH"],
                    "OPT_ML": str(opt_ml),
                    "SAGEMAKER_BIND_TO_PORT": str(self.port),
                    "TRIEUR_BIND_HOST": "127.0.0.1",
                }
                | environment,
            )

    def wait_until_ready(self) -> "Container":
        self.wait_for(lambda: self.send("GET", "/ping").status == 200)
        return self

    def wait_for(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.errors()
            try:
                if condition():
                    return
            except ConnectionRefusedError:
                pass
            time.sleep(0.02)
        pytest.fail(f"waited {PATIENCE} seconds")

    def send(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, found, response.read())
        finally:
            connection.close()

    def invoke(self, body: bytes, content_type: str, **headers: str) -> Answer:
        return self.send("POST", "/invocations", body, content_type=content_type, **headers)

    def ask(self, text: str) -> Answer:
        return self.invoke(json.dumps({"text": text}).encode(), "application/json")

    def socket(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._log.read_text().splitlines()]

    def errors(self) -> str:
        return self._errors.read_text()

    def end(self) -> int:
        return self.process.wait(PATIENCE)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _read_answer(connection: socket.socket) -> Answer:
    response = http.client.HTTPResponse(connection)
    response.begin()
    return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())


def _request(body: bytes, length: int | None = None) -> bytes:
    head = f"POST /invocations HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: {length or len(body)}"
    return head.encode() + b"\r\n\r\n" + body


@pytest.fixture(scope="module")
def container(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    opt_ml = tmp_path_factory.mktemp("opt_ml")
    write_model(opt_ml / "model")
    running = Container(opt_ml)
    try:
        yield running.wait_until_ready()
        assert running.process.poll() is None
    finally:
        running.kill()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Container]]:
    """Starts containers of the test's own over tmp_path, where the test puts its model."""
    started: list[Container] = []

    def start(*arguments: str, **environment: str) -> Container:
        started.append(Container(tmp_path, *arguments, **environment))
        return started[-1]

    yield start
    for each in started:
        each.kill()


def shown(prediction: list[dict[str, Any]]) -> dict[str, float]:
    assert [sorted(entry) for entry in prediction] == [["Class", "Probability"]] * len(prediction)
    probabilities = [entry["Probability"] for entry in prediction]
    assert probabilities == sorted(probabilities, reverse=True)
    return {entry["Class"]: entry["Probability"] for entry in prediction}


def assert_refused(answer: Answer, status: int, says: str) -> None:
    assert answer.status == status, answer.body
    assert answer.headers["content-type"] == "application/json"
    assert set(answer.json) == {"error", "request_id"}
    assert says in answer.json["error"]
    assert answer.json["request_id"]
    assert b"Traceback" not in answer.body


# What a good request gets


def test_ping_is_empty_and_good(container: Container) -> None:
    answer = container.send("GET", "/ping")
    assert (answer.status, answer.body) == (200, b"")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/plain", b"curie inconnu"),
        ("TEXT/PLAIN; charset=utf-8", b"curie inconnu\n"),
        ("application/json", b'{"text": "curie inconnu"}'),
        ("Application/JSON;charset=UTF-8", b'{"inputs": "curie inconnu"}'),
    ],
)
def test_one_text_gets_one_prediction(container: Container, content_type: str, body: bytes) -> None:
    answer = container.invoke(body, content_type)
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    found = shown(answer.json)
    assert found == pytest.approx(softmax_of("curie inconnu"), abs=1e-6)
    assert sum(found.values()) == pytest.approx(1, abs=1e-5)
    assert next(iter(found)) == "WHO_IS"


@pytest.mark.parametrize("key", ["texts", "inputs"])
def test_several_texts_get_a_list_of_predictions(container: Container, key: str) -> None:
    texts = ["curie", "nodejs et encore nodejs", "va"]
    answer = container.invoke(json.dumps({key: texts}).encode(), "application/json")
    assert answer.status == 200
    assert [shown(prediction) for prediction in answer.json] == [
        pytest.approx(softmax_of(text), abs=1e-6) for text in texts
    ]


def test_json_lines_get_json_lines(container: Container) -> None:
    answer = container.invoke('{"text": "curie", "id": 1}\n"nodejs\u2028"\n'.encode(), "application/jsonlines")
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/jsonlines"
    first, second, rest = answer.body.decode().split("\n")
    assert [json.loads(line)[0]["Class"] for line in (first, second)] == ["WHO_IS", "WHO_KNOWS_ABOUT"]
    assert rest == ""


def test_accept_chooses_the_form(container: Container) -> None:
    lines = container.invoke(b'{"texts": ["va"]}', "application/json", accept="application/jsonlines")
    assert (lines.status, lines.headers["content-type"]) == (200, "application/jsonlines")
    listed = container.invoke(b'"va"', "application/jsonlines", accept="application/json")
    assert (listed.status, listed.headers["content-type"]) == (200, "application/json")
    assert [json.loads(lines.body)] == listed.json
    assert container.invoke(b"va", "text/plain", accept="*/*").status == 200


def test_without_a_content_type_the_body_is_json(container: Container) -> None:
    answer = container.send("POST", "/invocations", b'{"text": "va"}')
    assert answer.json[0]["Class"] == "HOW_ARE_YOU"


def test_custom_attributes_come_back(container: Container) -> None:
    for body in (b"curie", b""):
        answer = container.invoke(body, "text/plain", **{ECHOED: "trace=7;b"})
        assert answer.headers[ECHOED.lower()] == "trace=7;b"
    assert ECHOED.lower() not in container.ask("curie").headers


def test_ten_thousand_texts_in_one_call_come_back_in_order_and_hold_up_no_ping(container: Container) -> None:
    labels = [LABELS[(index * index) % 3] for index in range(10_000)]
    texts = [f"{WORD_OF[label]} " * (1 + index % 7) for index, label in enumerate(labels)]
    with ThreadPoolExecutor() as pool:
        many = pool.submit(container.invoke, json.dumps({"texts": texts}).encode(), "application/json")
        assert container.send("GET", "/ping").status == 200
        assert container.ask("curie").status == 200
        answer = many.result()
    assert answer.status == 200
    assert [prediction[0]["Class"] for prediction in answer.json] == labels


@pytest.mark.parametrize(
    ("policy", "rows"),
    [
        ("truncate", ["curie " * 4 + "nodejs " * 10]),
        (
            "windows",
            ["curie " * 14, "curie " * 12 + "nodejs " * 2, "curie " * 3 + "nodejs " * 11, "nodejs " * 14],
        ),
    ],
)
def test_a_long_text_among_short_ones_is_answered_by_the_models_policy(
    start: Callable[..., Container], tmp_path: Path, policy: str, rows: list[str]
) -> None:
    write_model(tmp_path / "model", long_texts=policy, temperature=2.0)
    texts = ["va", "curie " * 20 + "nodejs " * 20, "nodejs va", "va " * 40]
    body = "".join(json.dumps({"text": text}) + "\n" for text in texts)
    answer = start().wait_until_ready().invoke(body.encode(), "application/jsonlines")
    assert answer.status == 200
    found = [shown(json.loads(line)) for line in answer.body.decode().splitlines()]
    expected = [["va"], rows, ["nodejs va"], ["va " * 14]]
    assert found == [pytest.approx(softmax_of(*each, temperature=2.0), abs=1e-6) for each in expected]


def test_megabytes_in_windows_are_answered(start: Callable[..., Container], tmp_path: Path) -> None:
    write_model(tmp_path / "model", long_texts="windows")
    text = "curie " * 600_000 + "nodejs " * 350_000
    found = shown(start().wait_until_ready().invoke(text.encode(), "text/plain").json)
    # Characters, not words, decide where windows lie: 3.6 of 6.05 MB are about Curie.
    assert found["HOW_ARE_YOU"] < found["WHO_KNOWS_ABOUT"] < found["WHO_IS"]


@pytest.mark.parametrize("length", [300_000, 6 * 1024 * 1024])
def test_an_over_long_text_is_cut_not_refused(container: Container, length: int) -> None:
    answer = container.invoke(b"nodejs ".ljust(length, b"nodejs "[:1]), "text/plain")
    assert answer.status == 200
    assert answer.json[0]["Class"] == "WHO_KNOWS_ABOUT"


def test_a_multi_label_model_gives_every_label(start: Callable[..., Container], tmp_path: Path) -> None:
    write_model(tmp_path / "model", mode="multi-label", threshold=0.6, temperature=2.0)
    found = shown(start().wait_until_ready().ask("curie nodejs").json)
    # Each word gives its label 6 over 4 tokens, halved by the temperature.
    expected = {"WHO_IS": 0.679179, "WHO_KNOWS_ABOUT": 0.679179, "HOW_ARE_YOU": 0.5}
    assert found == pytest.approx(expected, abs=1e-6)


# What a bad request gets


@pytest.mark.parametrize(
    ("content_type", "body", "status", "says"),
    [
        ("text/plain", b"", 400, "The body is empty"),
        ("application/json", b'{"text": " "}', 400, "'text' is empty"),
        ("application/json", b'{"text": 7}', 400, "'text' is a number; it must be a string"),
        ("application/json", b'{"text": "a', 400, "not valid JSON at column 10"),
        ("application/json", b"[" * 200_000, 400, "nested too deeply"),
        ("application/json", b'{"text": "\\ud800"}', 400, "half of a surrogate pair"),
        ("application/json", b'{"texts": ["a", "b\\u0000"]}', 400, "texts[1] holds a NUL character"),
        ("text/plain", b"caf\xe9", 400, "Byte 3 of the body"),
        ("application/jsonlines", b'"a"\n{"text": null}\n', 400, "'text' of line 2 is null"),
        ("application/x-www-form-urlencoded", b"text=a", 415, "text/plain, application/json, application/jsonlines"),
        ("image/png", b"\x89PNG", 415, "text/plain, application/json, application/jsonlines"),
        ("text/plain", b"a" * (6 * 1024 * 1024 + 1), 413, "larger than 6291456 bytes"),
    ],
)
def test_a_bad_body_gets_a_sentence(
    container: Container, content_type: str, body: bytes, status: int, says: str
) -> None:
    assert_refused(container.invoke(body, content_type), status, says)


def test_an_endless_body_is_refused(container: Container) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(80):
            yield b"a" * 100_000

    connection = http.client.HTTPConnection("127.0.0.1", container.port, timeout=PATIENCE)
    connection.request("POST", "/invocations", chunks(), {"Content-Type": "text/plain"}, encode_chunked=True)
    response = connection.getresponse()
    assert_refused(
        Answer(response.status, {"content-type": response.headers["content-type"]}, response.read()), 413, "6 MB"
    )
    connection.close()


def test_an_answer_nobody_wants_is_refused(container: Container) -> None:
    assert_refused(container.invoke(b"a", "text/plain", accept="text/csv"), 406, "application/json")


@pytest.mark.parametrize(
    ("method", "path", "status", "says"),
    [
        ("GET", "/invocations", 405, "/invocations takes POST, not GET."),
        ("DELETE", "/ping", 405, "/ping takes GET, HEAD, not DELETE."),
        ("GET", "/", 404, "GET /ping and POST /invocations"),
        ("POST", "/ping/", 404, "GET /ping and POST /invocations"),
        ("GET", "/%00/../invocations", 404, "GET /ping and POST /invocations"),
    ],
)
def test_other_paths_and_methods_are_refused(
    container: Container, method: str, path: str, status: int, says: str
) -> None:
    assert_refused(container.send(method, path), status, says)


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\r\n\r\n",
        b"GET /ping HTTP/1.1\r\n\r\n",
        b"POST /invocations HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
    ],
)
def test_broken_http_is_refused_in_the_same_shape(container: Container, sent: bytes) -> None:
    with container.socket() as connection:
        connection.sendall(sent)
        assert_refused(_read_answer(connection), 400, "not valid HTTP")


def test_every_error_has_an_id_of_its_own_that_the_log_knows(container: Container) -> None:
    ids = {container.invoke(b"", "text/plain").json["request_id"] for _ in range(3)}
    assert len(ids) == 3
    logged = [entry for entry in container.log() if entry.get("request_id") in ids]
    assert [(entry["status"], entry["error"]) for entry in logged] == [(400, "The body is empty; send a text.")] * 3


def test_no_text_reaches_the_log(container: Container) -> None:
    before = len(container.log())
    container.ask(SECRET)
    container.invoke(f'{{"{SECRET}": "{SECRET}'.encode(), "application/json")
    container.send("GET", "/ping")
    lines = container.log()[before:]
    assert [entry["status"] for entry in lines] == [200, 400]
    assert SECRET not in json.dumps(lines)
    assert container.errors() == ""


# Clients that misbehave


def test_good_requests_are_unharmed_among_bad_ones(container: Container) -> None:
    bad = [
        lambda: container.invoke(b"[" * 100_000, "application/json").status,
        lambda: container.invoke(b"a" * (6 * 1024 * 1024 + 1), "text/plain").status,
        lambda: container.invoke(b"\xff", "text/plain").status,
        lambda: container.send("PUT", "/invocations").status,
    ]

    def good(index: int) -> tuple[str, str]:
        label = LABELS[index % 3]
        return label, container.ask(f"{WORD_OF[label]} inconnu").json[0]["Class"]

    with ThreadPoolExecutor(max_workers=16) as pool:
        asked = [pool.submit(good, index) for index in range(120)]
        refused = [pool.submit(bad[index % len(bad)]) for index in range(40)]
        assert all(expected == found for expected, found in (each.result() for each in asked))
        assert {each.result() for each in refused} == {400, 405, 413}


def test_a_half_closed_connection_gets_its_answer(container: Container) -> None:
    with container.socket() as connection:
        connection.sendall(_request(b"curie"))
        connection.shutdown(socket.SHUT_WR)
        answer = _read_answer(connection)
        assert answer.json[0]["Class"] == "WHO_IS"
        assert connection.recv(1) == b""


def test_a_half_closed_connection_does_not_keep_the_server_at_long_work(container: Container) -> None:
    lines = b"\n".join([b'"curie"'] * 20_000)
    with container.socket() as connection:
        connection.sendall(_request(lines).replace(b"text/plain", b"application/jsonlines", 1))
        connection.shutdown(socket.SHUT_WR)
        assert_refused(_read_answer(connection), 499, "closed before the answer was ready")


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        (_request(b"cur", length=5), "the middle of the request's body"),
        (b"POST /invo", "the middle of the request's headers"),
    ],
)
def test_a_request_that_breaks_off_is_refused(container: Container, sent: bytes, says: str) -> None:
    with container.socket() as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        assert_refused(_read_answer(connection), 400, says)
        assert connection.recv(1) == b""


def test_clients_that_vanish_harm_nobody(container: Container) -> None:
    for sent in (b"", b"POST", _request(b"cur", length=5), _request(b"curie")):
        connection = container.socket()
        connection.sendall(sent)
        # A reset instead of an orderly end.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.close()
    assert container.ask("curie").status == 200


def test_a_slow_client_is_served_and_holds_up_nobody(container: Container) -> None:
    request = _request(b"curie")
    with container.socket() as slow, container.socket():
        for index in range(len(request)):
            slow.sendall(request[index : index + 1])
            if index % 20 == 0:
                assert container.ask("va").json[0]["Class"] == "HOW_ARE_YOU"
        assert _read_answer(slow).json[0]["Class"] == "WHO_IS"


def test_requests_sent_at_once_on_one_connection_are_answered_in_turn(container: Container) -> None:
    with container.socket() as connection:
        connection.sendall(_request(b"curie") + _request(b"") + _request(b"va"))
        received = b""
        while received.count(b"HTTP/1.1 ") < 3 or not received.rstrip().endswith((b"]", b"}")):
            received += connection.recv(65536)
    assert re.findall(rb"HTTP/1.1 (\d+)", received) == [b"200", b"400", b"200"]
    assert received.index(b"WHO_IS") < received.index(b"The body is empty") < received.rindex(b"HOW_ARE_YOU")


# Start and end


def test_neither_torch_nor_transformers_is_loaded(container: Container) -> None:
    container.ask("curie")
    mapped = Path(f"/proc/{container.process.pid}/maps").read_text()
    assert "onnxruntime" in mapped
    assert "torch" not in mapped
    code = (
        "import sys, trieur_serve.__main__\n"
        "print(sorted({'torch', 'transformers', 'huggingface_hub', 'onnx'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=CONTAINER, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_sigterm_lets_what_is_under_way_finish(start: Callable[..., Container], tmp_path: Path) -> None:
    write_model(tmp_path / "model")
    running = start().wait_until_ready()
    request = _request(b"curie")
    with running.socket() as idle, running.socket() as connection:
        connection.sendall(request[:-2])
        # The answer to another client shows that the server has read what this one sent.
        running.ask("va")
        running.process.send_signal(signal.SIGTERM)
        assert idle.recv(1) == b""
        with pytest.raises(ConnectionRefusedError):
            running.socket()
        assert running.process.poll() is None
        connection.sendall(request[-2:])
        assert _read_answer(connection).json[0]["Class"] == "WHO_IS"
    assert running.end() == 0
    assert running.errors() == ""


def test_sigterm_while_starting_ends_in_order(start: Callable[..., Container], tmp_path: Path) -> None:
    write_model(tmp_path / "model")
    running = start()
    running.wait_for(lambda: running.send("GET", "/ping").status in (200, 503))
    running.process.send_signal(signal.SIGTERM)
    assert running.end() == 0


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("model.onnx", None, "lacks model.onnx."),
        ("model.onnx", b"garbage", "model.onnx cannot be loaded as an ONNX graph"),
        ("tokenizer.json", b"{}", "tokenizer.json cannot be loaded as a tokenizer"),
        ("model.json", b'{"format": 9}', "model.json: 'format' must be 2"),
    ],
)
def test_a_bad_model_folder_ends_the_start_with_a_sentence(
    start: Callable[..., Container], tmp_path: Path, name: str, content: bytes | None, says: str
) -> None:
    path = write_model(tmp_path / "model") / name
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    running = start()
    assert running.end() == 1
    assert says in running.errors()
    assert len(running.errors().splitlines()) == 1


@pytest.mark.parametrize("arguments", [("train",), ("serve", "again"), ("",)])
def test_another_argument_shows_the_usage(start: Callable[..., Container], arguments: tuple[str, ...]) -> None:
    running = start(*arguments)
    assert running.end() == 2
    assert running.errors() == "Usage: python -m trieur_serve serve\n"


@pytest.mark.parametrize("port", ["", "http", "0", "65536"])
def test_a_port_that_is_none_is_refused(start: Callable[..., Container], port: str) -> None:
    running = start(SAGEMAKER_BIND_TO_PORT=port)
    assert running.end() == 1
    assert running.errors() == f"SAGEMAKER_BIND_TO_PORT is {port!r}; it must be a port, 1 to 65535.\n"


def test_a_port_in_use_is_refused(start: Callable[..., Container], container: Container) -> None:
    running = start(SAGEMAKER_BIND_TO_PORT=str(container.port))
    assert running.end() == 1
    assert running.errors() == f"Cannot listen on 127.0.0.1:{container.port}: Address already in use.\n"
