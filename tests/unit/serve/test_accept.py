import pytest
from trieur_serve.accept import answer_type
from trieur_serve.refusals import Refused
from trieur_serve.requests import JSON, JSON_LINES, Question


@pytest.mark.parametrize(
    ("accept", "form", "media"),
    [
        (None, "one", JSON),
        ("", "list", JSON),
        ("*/*", "list", JSON),
        ("*/*", "lines", JSON_LINES),
        ("application/*;q=0.5", "lines", JSON_LINES),
        ("application/json", "lines", JSON),
        ("Application/JSONLines", "one", JSON_LINES),
        ("text/html, application/json;q=0.1", "lines", JSON),
        ("application/json;q=0.2, application/jsonlines;q=0.9", "one", JSON_LINES),
        ("application/json;q=0, */*", "one", JSON_LINES),
        ("application/json;q=nonsense", "lines", JSON),
        ("application/json;q=nan, application/jsonlines;q=0.5", "one", JSON),
        ("application/json;q=0.0, */*;q=0.001", "one", JSON_LINES),
        ("application/json; charset=utf-8; q=0.3, application/jsonlines ; Q=0.4", "one", JSON_LINES),
        ("application/json;q=0.5, application/*;q=0.4, */*", "one", JSON),
    ],
)
def test_accept_chooses_the_form_of_the_answer(accept: str | None, form: str, media: str) -> None:
    assert answer_type(accept, Question(["a"], form)) == media


@pytest.mark.parametrize(
    "accept", ["text/csv", "application/json;q=0, application/jsonlines;q=0", "image/*", "*/*;q=0", "json"]
)
def test_an_answer_nobody_wants_is_refused(accept: str) -> None:
    with pytest.raises(Refused) as refused:
        answer_type(accept, Question(["a"], "one"))
    assert refused.value.status == 406
    assert "application/json, application/jsonlines" in refused.value.sentence
