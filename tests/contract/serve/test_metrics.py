"""Prometheus's page: not there unless asked for, and right where it is."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.contract.serve.container import Container, request
from tests.unit.serve.tiny_model import write_model


@pytest.fixture
def measured(start: Callable[..., Container], tmp_path: Path) -> Container:
    write_model(tmp_path / "model")
    return start(TRIEUR_METRICS="1").wait_until_ready()


def _samples(container: Container) -> dict[str, float]:
    answer = container.send("GET", "/metrics")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return {
        sample.name + "".join(f"{{{name}={value}}}" for name, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.body.decode())
        for sample in family.samples
    }


def test_requests_texts_and_seconds_are_counted(measured: Container) -> None:
    measured.ask("curie")
    measured.invoke(b'{"texts": ["curie", "va", "va"]}', "application/json")
    measured.invoke(b"", "text/plain")
    measured.invoke(b"a", "image/png")
    measured.send("GET", "/ping")
    found = _samples(measured)
    assert {name: value for name, value in found.items() if name.startswith("trieur_requests_total")} == {
        "trieur_requests_total{status=200}": 2,
        "trieur_requests_total{status=400}": 1,
        "trieur_requests_total{status=415}": 1,
    }
    assert found["trieur_texts_total"] == 4
    assert found["trieur_request_seconds_count"] == found["trieur_request_seconds_bucket{le=+Inf}"] == 2
    assert found["trieur_request_seconds_sum"] > 0
    assert found["process_resident_memory_bytes"] > 10_000_000


def test_what_is_under_way_is_shown_until_it_is_done(measured: Container) -> None:
    sent = request(b"curie va")
    with measured.socket() as connection:
        connection.sendall(sent[:-4])
        measured.wait_for(lambda: _samples(measured)["trieur_bytes_held"] == 4)
    measured.wait_for(lambda: _samples(measured)["trieur_bytes_held"] == 0)
    many = b'"curie nodejs va"\n' * 20_000
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(measured.invoke, many, "application/jsonlines")
        measured.wait_for(lambda: _samples(measured)["trieur_texts_waiting"] == 20_000)
        assert answer.result().status == 200
    found = _samples(measured)
    assert (found["trieur_requests_waiting"], found["trieur_texts_waiting"]) == (0, 0)
    assert found["trieur_requests_total{status=499}"] == 1
