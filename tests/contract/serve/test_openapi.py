"""The server is as containers/serve/openapi.json says: schemathesis asks with what it allows and what it does not."""

import csv
import io
import json
from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from trieur_serve.accept import GIVEN
from trieur_serve.requests import ACCEPTED

from tests.contract.serve.container import FOLDER, Container

DESCRIPTION = json.loads((FOLDER / "openapi.json").read_text(encoding="utf-8"))

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1).filter(str.strip)


def _lines(records: list[Any]) -> bytes:
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def _csv(records: list[str]) -> bytes:
    written = io.StringIO(newline="")
    csv.writer(written).writerows([record] for record in records)
    return written.getvalue().encode()


records = st.lists(texts | texts.map(lambda text: {"text": text}), min_size=1)
schemathesis.openapi.media_type("application/jsonlines", records.map(_lines))
schemathesis.openapi.media_type("text/csv", st.lists(texts, min_size=1).map(_csv))
schema = schemathesis.openapi.from_dict(DESCRIPTION)


@schema.parametrize()
@settings(max_examples=150, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_one_that_is_described(case: schemathesis.Case, container: Container) -> None:
    case.call_and_validate(base_url=f"http://127.0.0.1:{container.port}")


def test_it_describes_what_is_read_and_given() -> None:
    invocations = DESCRIPTION["paths"]["/invocations"]["post"]
    assert tuple(invocations["requestBody"]["content"]) == ACCEPTED
    assert tuple(invocations["responses"]["200"]["content"]) == GIVEN


def test_it_describes_every_path(container: Container) -> None:
    said = container.send("GET", "/").json["error"]
    paths = [f"{method.upper()} {path}" for path, operations in DESCRIPTION["paths"].items() for method in operations]
    assert sorted(said.removeprefix("There is only ").removesuffix(" here.").split(", ")) == sorted(paths)
