"""What a good request gets, as SageMaker and its callers see it: a real ONNX graph behind a real socket."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.contract.serve.container import ATTRIBUTES, Container, assert_refused
from tests.unit.serve.tiny_model import LABELS, WORD_OF, softmax_of, write_model


def shown(prediction: list[dict[str, Any]]) -> dict[str, float]:
    assert [sorted(entry) for entry in prediction] == [["Class", "Probability"]] * len(prediction)
    probabilities = [entry["Probability"] for entry in prediction]
    assert probabilities == sorted(probabilities, reverse=True)
    return {entry["Class"]: entry["Probability"] for entry in prediction}


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


def test_without_a_content_type_the_body_is_json(container: Container) -> None:
    answer = container.send("POST", "/invocations", b'{"text": "va"}')
    assert answer.json[0]["Class"] == "HOW_ARE_YOU"


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


BODIES = {
    "text/plain": b"va",
    "application/json": b'{"text": "va"}',
    "application/json;list": b'{"texts": ["va"]}',
    "application/jsonlines": b'"va"\n',
    "text/csv": b"va\n",
}


@pytest.mark.parametrize("sent", BODIES)
@pytest.mark.parametrize(
    ("accept", "given"),
    [
        (None, None),
        ("", None),
        ("*/*", None),
        ("text/html, */*;q=0.1", None),
        ("application/*", None),
        ("application/json", "application/json"),
        ("application/json; charset=utf-8", "application/json"),
        ("application/jsonlines", "application/jsonlines"),
        ("application/json;q=0.1, application/jsonlines", "application/jsonlines"),
        ("text/csv", None),
        ("image/png, application/json;q=0", None),
    ],
)
def test_accept_is_honoured_whatever_is_sent(
    container: Container, sent: str, accept: str | None, given: str | None
) -> None:
    answer = container.invoke(BODIES[sent], sent, **({} if accept is None else {"accept": accept}))
    if given is None and accept and "*" not in accept:
        assert answer.status == 406
        assert answer.json["error"] == (
            "Accept asks for none of what this server gives: application/json, application/jsonlines."
        )
        return
    own = "application/jsonlines" if sent in ("application/jsonlines", "text/csv") else "application/json"
    assert (answer.status, answer.headers["content-type"]) == (200, given or own)
    alone = (given or own) == "application/jsonlines" or sent in ("text/plain", "application/json")
    prediction = answer.json if alone else answer.json[0]
    assert shown(prediction) == pytest.approx(softmax_of("va"), abs=1e-6)
    assert answer.body.endswith(b"\n") == ((given or own) == "application/jsonlines")


def test_csv_gets_a_line_a_record(container: Container) -> None:
    body = b'text\r\ncurie\r\n"nodejs, et ""nodejs""\r\nencore"\r\n"va"\r\n\r\n'
    answer = container.invoke(body, "text/csv")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/jsonlines")
    found = [json.loads(line)[0]["Class"] for line in answer.body.decode().splitlines()]
    assert found == ["WHO_IS", "WHO_KNOWS_ABOUT", "HOW_ARE_YOU"]


def test_a_file_split_by_lines_gets_a_line_a_record_however_it_was_split(container: Container) -> None:
    """What a batch transform sends of a CSV file with SplitType Line: one record at a time, or several."""
    lines = [b"text\n", b'"nodejs, va nodejs"\n', b"curie\n", b"va"]
    whole = container.invoke(b"".join(lines), "text/csv", accept="application/jsonlines").body
    assert whole.count(b"\n") == 3
    for cuts in ([1, 2, 3], [2], [3]):
        parts = [b"".join(lines[i:j]) for i, j in zip([0, *cuts], [*cuts, 4], strict=True)]
        answers = [container.invoke(part, "text/csv", accept="application/jsonlines") for part in parts]
        assert {answer.status for answer in answers} == {200}
        assert b"".join(answer.body for answer in answers) == whole


def test_execution_parameters_are_sagemakers(container: Container) -> None:
    answer = container.send("GET", "/execution-parameters")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert sorted(answer.json) == ["BatchStrategy", "MaxConcurrentTransforms", "MaxPayloadInMB"]
    assert answer.json["BatchStrategy"] in ("MULTI_RECORD", "SINGLE_RECORD")
    megabytes, concurrent = answer.json["MaxPayloadInMB"], answer.json["MaxConcurrentTransforms"]
    assert 1 <= megabytes <= 6
    assert concurrent >= 1
    # As large as it asks for, and as many.
    body = b"curie nodejs va, tout court\n" * (megabytes * 1024 * 1024 // 28)
    lines = json.dumps("curie" + " va" * 300).encode() + b"\n"
    bodies = [lines * (megabytes * 1024 * 1024 // len(lines))] * concurrent
    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(lambda each: container.invoke(each, "application/jsonlines"), bodies))
    assert [answer.body.count(b"\n") for answer in answers] == [each.count(b"\n") for each in bodies]
    assert_refused(container.invoke(body, "text/csv"), 400, "Line 1 has 2 columns")


# Custom attributes


@pytest.mark.parametrize(
    ("attributes", "classes"),
    [
        ("trace=7;b", ["WHO_IS", "HOW_ARE_YOU", "WHO_KNOWS_ABOUT"]),
        ("top_k=1", ["WHO_IS"]),
        ("top_k=2", ["WHO_IS", "HOW_ARE_YOU"]),
        ("trace-id=a=b; Top_K=nothing ; top_k = 2;", ["WHO_IS", "HOW_ARE_YOU"]),
        ("top_k=3000", ["WHO_IS", "HOW_ARE_YOU", "WHO_KNOWS_ABOUT"]),
        ("threshold=0.2", ["WHO_IS", "HOW_ARE_YOU"]),
        ("top_k=1;threshold=0.2", ["WHO_IS"]),
        ("top_k=1;threshold=.99", []),
        ("threshold=0", ["WHO_IS", "HOW_ARE_YOU", "WHO_KNOWS_ABOUT"]),
        ("threshold=1", []),
        ("threshold=model", ["WHO_IS", "HOW_ARE_YOU", "WHO_KNOWS_ABOUT"]),
        ("x" * 1024, ["WHO_IS", "HOW_ARE_YOU", "WHO_KNOWS_ABOUT"]),
    ],
    ids=lambda value: None if isinstance(value, list) else value[:40],
)
def test_custom_attributes_are_understood_and_come_back(
    container: Container, attributes: str, classes: list[str]
) -> None:
    answer = container.ask("curie curie va", **{ATTRIBUTES: attributes})
    assert answer.status == 200
    assert answer.classes == classes
    assert answer.headers[ATTRIBUTES.lower()] == attributes
    # Of what is left, everything is as it was.
    assert answer.json == container.ask("curie curie va").json[: len(classes)]


def test_custom_attributes_hold_for_every_text(container: Container) -> None:
    answer = container.invoke(b"curie\nva\ninconnu\n", "text/csv", **{ATTRIBUTES: "top_k=1;threshold=0.7"})
    found = [[shown["Class"] for shown in json.loads(line)] for line in answer.body.splitlines()]
    assert found == [["WHO_IS"], ["HOW_ARE_YOU"], []]


def test_custom_attributes_come_back_with_a_refusal_and_only_if_sent(container: Container) -> None:
    answer = container.invoke(b"", "text/plain", **{ATTRIBUTES: "trace=7"})
    assert (answer.status, answer.headers[ATTRIBUTES.lower()]) == (400, "trace=7")
    assert ATTRIBUTES.lower() not in container.ask("curie").headers


def test_the_models_own_threshold_is_applied_on_demand(start: Callable[..., Container], tmp_path: Path) -> None:
    write_model(tmp_path / "model", threshold=0.6)
    running = start().wait_until_ready()
    assert len(running.ask("curie va").classes) == 3
    for text, classes in (("curie", ["WHO_IS"]), ("curie va", []), ("inconnu", [])):
        assert running.ask(text, **{ATTRIBUTES: "threshold=model"}).classes == classes
