"""How the container starts, and how it ends."""

import contextlib
import http.client
import json
from collections.abc import Callable
from pathlib import Path

import onnx
import pytest

from tests.contract.serve.container import Container, read_answer, request
from tests.unit.serve.tiny_model import VOCABULARY, graph, tokenizer, word_logits, write_model


def test_neither_torch_nor_transformers_is_loaded(container: Container) -> None:
    container.ask("curie")
    mapped = Path(f"/proc/{container.process_id()}/maps").read_text()
    assert "tokenizers" in mapped
    assert "torch" not in mapped
    unwanted = {"torch", "transformers", "huggingface_hub", "onnx", "prometheus_client"}
    assert container.python(f"import sys, trieur_serve.__main__; print(sorted({unwanted} & set(sys.modules)))") == "[]"


def test_onnx_runtime_reports_nothing_to_its_maker(container: Container) -> None:
    threads = "len(os.listdir('/proc/self/task'))"
    code = f"import os, numpy; before = {threads}; import trieur_serve.__main__, onnxruntime; print({threads} - before)"
    assert container.python(code) == "0"


def test_ping_says_loading_until_a_prediction_has_passed(start: Callable[..., Container], tmp_path: Path) -> None:
    write_model(tmp_path / "model")
    running = start()
    statuses: list[int] = []

    def ready() -> bool:
        statuses.append(running.send("GET", "/ping").status)
        return statuses[-1] == 200

    running.wait_for(ready)
    assert set(statuses) <= {503, 200}
    assert running.ask("curie").classes[0] == "WHO_IS"


def test_ping_is_never_good_once_the_end_has_begun(start: Callable[..., Container], tmp_path: Path) -> None:
    write_model(tmp_path / "model")
    running = start().wait_until_ready()
    held = request(b"curie")
    with contextlib.ExitStack() as stack:
        under_way = stack.enter_context(running.socket())
        under_way.sendall(held[:-2])
        kept = [stack.enter_context(running.socket()) for _ in range(5)]
        running.ask("va")
        running.terminate()
        for connection in kept:
            # The connection may be closed before it can be answered: that is no good answer either.
            with contextlib.suppress(ConnectionError, http.client.RemoteDisconnected):
                connection.sendall(b"GET /ping HTTP/1.1\r\nHost: a\r\n\r\n")
                assert read_answer(connection).status == 503
        under_way.sendall(held[-2:])
        assert read_answer(under_way).classes[0] == "WHO_IS"
    assert running.end() == 0


def test_sigterm_lets_what_is_under_way_finish(start: Callable[..., Container], tmp_path: Path) -> None:
    write_model(tmp_path / "model")
    running = start().wait_until_ready()
    sent = request(b"curie")
    with running.socket() as idle, running.socket() as connection:
        connection.sendall(sent[:-2])
        # The answer to another client shows that the server has read what this one sent.
        running.ask("va")
        running.terminate()
        assert idle.recv(1) == b""
        with pytest.raises(ConnectionRefusedError):
            running.socket()
        assert running.exit_code() is None
        connection.sendall(sent[-2:])
        assert read_answer(connection).classes[0] == "WHO_IS"
    assert running.end() == 0
    assert running.errors() == ""


def test_sigterm_while_starting_ends_in_order(start: Callable[..., Container], tmp_path: Path) -> None:
    write_model(tmp_path / "model")
    running = start()
    running.wait_for(lambda: running.send("GET", "/ping").status in (200, 503))
    running.terminate()
    assert running.end() == 0


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


def _half(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def _other_vocabulary(path: Path) -> None:
    tokenizer(VOCABULARY | {"plus": len(VOCABULARY)}).save(str(path))


def _changed(**changes: object) -> Callable[[Path], None]:
    return lambda path: path.write_text(json.dumps(json.loads(path.read_text()) | changes)) and None


@pytest.mark.parametrize(
    ("name", "damage", "says"),
    [
        ("model.onnx", Path.unlink, "lacks model.onnx."),
        ("tokenizer.json", Path.unlink, "lacks tokenizer.json."),
        ("model.json", Path.unlink, "lacks model.json."),
        ("model.onnx", lambda path: path.write_bytes(b"garbage"), "model.onnx cannot be loaded as"),
        ("model.onnx", _half, "model.onnx cannot be loaded as"),
        ("model.onnx", lambda path: onnx.save(graph(word_logits(), ("a", "b")), path), "model.onnx takes ['a', 'b']"),
        ("tokenizer.json", lambda path: path.write_bytes(b"{}"), "tokenizer.json cannot be loaded as a tokenizer"),
        ("tokenizer.json", _half, "tokenizer.json cannot be loaded as a tokenizer"),
        ("tokenizer.json", _other_vocabulary, "fails its first prediction"),
        ("model.json", _half, "model.json is not JSON"),
        ("model.json", _changed(format=9), "model.json: 'format' must be 2"),
        ("model.json", _changed(labels=["A", "B"]), "3 logits a text, but model.json has 2 labels"),
    ],
    ids=lambda value: value if isinstance(value, str) else getattr(value, "__name__", ""),
)
def test_a_bad_model_folder_ends_the_start_with_a_sentence(
    start: Callable[..., Container], tmp_path: Path, name: str, damage: Callable[[Path], None], says: str
) -> None:
    damage(write_model(tmp_path / "model") / name)
    running = start()
    assert running.end() == 1
    assert says in running.errors()
    assert len(running.errors().splitlines()) == 1
    assert running.output() == ""


@pytest.mark.parametrize("value", ["", "yes", "2"])
def test_a_wrong_wish_for_metrics_is_refused(start: Callable[..., Container], value: str) -> None:
    running = start(TRIEUR_METRICS=value)
    assert running.end() == 1
    assert running.errors() == f"TRIEUR_METRICS is {value!r}; it must be 0 or 1.\n"
