import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trieur_serve.requests import (
    ACCEPTED,
    CHARSETS,
    JSON,
    JSON_LINES,
    MOST_TEXTS,
    TEXT,
    Question,
    Refused,
    answer_type,
    read_question,
)


@pytest.mark.parametrize(
    ("content_type", "body", "texts", "form"),
    [
        (TEXT, "Comment ça va ?\n".encode(), ["Comment ça va ?\n"], "one"),
        ("Text/Plain;charset=UTF-8", "ça".encode(), ["ça"], "one"),
        ('text/plain; format=flowed; Charset="iso-8859-1"', "ça".encode("latin-1"), ["ça"], "one"),
        ("text/plain; charset=windows-1252", "c’est".encode("cp1252"), ["c’est"], "one"),
        (TEXT, "\ufeffça".encode(), ["ça"], "one"),
        (TEXT, b'{"text": "kept as it is"}', ['{"text": "kept as it is"}'], "one"),
        (JSON, b'{"text": "a"}', ["a"], "one"),
        (JSON, b'{"texts": ["a", "b"]}', ["a", "b"], "list"),
        (JSON, b'{"texts": ["a"]}', ["a"], "list"),
        (JSON, b'{"inputs": "a"}', ["a"], "one"),
        (JSON, b'{"inputs": ["a", "b"], "parameters": {"top_k": null}}', ["a", "b"], "list"),
        (JSON, b'\xef\xbb\xbf {"text": "\\u00e7a"} \n', ["ça"], "one"),
        ("APPLICATION/JSON", b'{"text": "\\ud83d\\ude00"}', ["😀"], "one"),
        (None, b'{"text": "a"}', ["a"], "one"),
        ("", b'{"text": "a"}', ["a"], "one"),
        (JSON_LINES, b'{"text": "a", "id": 7}\n"b"\n', ["a", "b"], "lines"),
        (JSON_LINES, b'{"text": "a"}\r\n{"text": "b"}\r\n\r\n\n', ["a", "b"], "lines"),
        (
            JSON_LINES,
            '"one\u2028record"\n"and\u0085another"'.encode(),
            ["one\u2028record", "and\u0085another"],
            "lines",
        ),
    ],
)
def test_texts_are_found(content_type: str | None, body: bytes, texts: list[str], form: str) -> None:
    assert read_question(body, content_type) == Question(texts, form)


@pytest.mark.parametrize(
    ("content_type", "body", "status", "says"),
    [
        (TEXT, b"", 400, "The body is empty"),
        (JSON, b" \n ", 400, "The body is empty"),
        (JSON, b"\xef\xbb\xbf", 400, "The body is empty"),
        (TEXT, b"caf\xe9", 400, "Byte 3 of the body (0xe9) is not utf-8"),
        (JSON, b'{"text": "\xed\xa0\x80"}', 400, "Byte 10 of the body (0xed)"),
        ("text/plain; charset=us-ascii", "ça".encode(), 400, "Byte 0 of the body (0xc3) is not ascii"),
        (TEXT, b"a\0b", 400, "The text holds a NUL character, at position 1"),
        (JSON, b'{"text": "a\\u0000"}', 400, "'text' holds a NUL character, at position 1"),
        (JSON, b'{"text": "a\\ud800b"}', 400, "'text' holds half of a surrogate pair, at position 1"),
        (JSON, b'{"text": "a"', 400, "The body is not valid JSON at column 13"),
        (JSON, b'{"text": "a"}\n{"text": "b"}', 400, "The body is not valid JSON at line 2, column 1: extra data"),
        (JSON, b"Qui est Marie Curie ?", 400, "The body is not valid JSON at column 1: expecting value"),
        (JSON, b'{"text": "a\nb"}', 400, "at line 1, column 12: invalid control character."),
        (JSON, b'{"text":' + b"9" * 5000 + b"}", 400, "The body holds a number that is too long"),
        (JSON, b"[" * 200_000, 400, "The body is nested too deeply"),
        (JSON, b'{"a":' * 200_000, 400, "The body is nested too deeply"),
        (JSON, b'"a"', 400, "The body is a string; send"),
        (JSON, b'["a"]', 400, "The body is a list; send"),
        (JSON, b"null", 400, "The body is null; send"),
        (JSON, b"{}", 400, "The object has no key; give exactly one of text, texts, inputs"),
        (JSON, b'{"sentence": "a"}', 400, "give exactly one of text, texts, inputs"),
        (JSON, b'{"text": "a", "texts": ["b"]}', 400, "The object has the keys text and texts together"),
        (JSON, b'{"text": "a", "text": "b"}', 400, "The body has the key 'text' more than once"),
        (JSON, b'{"text": ["a"]}', 400, "'text' is a list; it must be a string"),
        (JSON, b'{"text": null}', 400, "'text' is null"),
        (JSON, b'{"text": true}', 400, "'text' is true or false"),
        (JSON, b'{"text": NaN}', 400, "'text' is a number"),
        (JSON, b'{"text": ""}', 400, "'text' is empty"),
        (JSON, b'{"text": " \\u00a0\\n"}', 400, "'text' is empty"),
        (JSON, b'{"texts": "a"}', 400, "'texts' is a string; it must be a list of strings"),
        (JSON, b'{"texts": []}', 400, "The list 'texts' is empty"),
        (JSON, b'{"texts": ["a", 7]}', 400, "texts[1] is a number; it must be a string"),
        (JSON, b'{"inputs": ["a", ["b"]]}', 400, "inputs[1] is a list"),
        (JSON, b'{"inputs": {"text": "a"}}', 400, "'inputs' is an object"),
        (JSON_LINES, b'"a"\n\n"b"', 400, "Line 2 is blank"),
        (JSON_LINES, b'"a"\n{"text": }\n', 400, "Line 2 is not valid JSON at column 10: expecting value"),
        (JSON_LINES, b'"a"\n{"texts": ["b"]}', 400, "Line 2 has no key 'text'"),
        (JSON_LINES, b'"a"\n{"text": 7}', 400, "'text' of line 2 is a number"),
        (JSON_LINES, b'"a"\n["b"]', 400, "Line 2 is a list"),
        (JSON_LINES, b'"a" "b"', 400, "Line 1 is not valid JSON at column 5"),
        (JSON_LINES, b'"a"\n' + b"[" * 200_000, 400, "Line 2 is nested too deeply"),
        (JSON_LINES, b'"a"\n' * (MOST_TEXTS + 1), 413, "The body holds 100001 texts; 100000 at most"),
        (
            "application/xml",
            b"<a/>",
            415,
            "'application/xml' is not read here; send one of text/plain, application/json",
        ),
        ("application/octet-stream", b"a", 415, "send one of text/plain, application/json, application/jsonlines"),
        ("nonsense", b"a", 415, "'nonsense'"),
        ("text/plain; charset=utf-16", b"a", 415, "The charset 'utf-16' is not read here; send UTF-8"),
        ("text/plain; charset=../os", b"a", 415, "The charset"),
    ],
)
def test_refusals_say_what_and_where(content_type: str, body: bytes, status: int, says: str) -> None:
    with pytest.raises(Refused) as refused:
        read_question(body, content_type)
    assert refused.value.status == status
    assert says in refused.value.sentence
    assert refused.value.sentence.endswith(".")


SECRET = "zanzibar"


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (JSON, f'{{"{SECRET}": "{SECRET}"}}'.encode()),
        (JSON, f'{{"text": "{SECRET}'.encode()),
        (JSON, f'{{"text": "\\{SECRET}"}}'.encode()),
        (JSON, SECRET.encode()),
        (JSON, f'{{"texts": {{"{SECRET}": 1}}}}'.encode()),
        (JSON_LINES, SECRET.encode()),
        (TEXT, f"{SECRET}\0".encode()),
        (TEXT, SECRET.encode() + b"\xff"),
    ],
)
def test_refusals_repeat_nothing_of_the_body(content_type: str, body: bytes) -> None:
    with pytest.raises(Refused) as refused:
        read_question(body, content_type)
    assert SECRET not in refused.value.sentence


content_types = st.one_of(
    st.none(),
    st.sampled_from(ACCEPTED),
    st.builds("{}; charset={}".format, st.sampled_from(ACCEPTED), st.sampled_from(sorted(CHARSETS))),
    st.text(),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["text", "texts", "inputs", "a"]), inner),
)
bodies = st.one_of(
    st.binary(),
    st.text().map(str.encode),
    json_values.map(lambda value: json.dumps(value).encode()),
    st.lists(json_values).map(lambda values: "\n".join(map(json.dumps, values)).encode()),
)


@given(bodies, content_types, st.none() | st.text())
def test_any_request_gives_texts_or_a_refusal(body: bytes, content_type: str | None, accept: str | None) -> None:
    outcome = _outcome(body, content_type, accept)
    if isinstance(outcome, Refused):
        assert 400 <= outcome.status < 500
        assert outcome.sentence
    else:
        question, media = outcome
        assert media in (JSON, JSON_LINES)
        assert question.texts
        for text in question.texts:
            assert text.strip()
            assert text.encode().decode() == text


def _outcome(body: bytes, content_type: str | None, accept: str | None) -> Refused | tuple[Question, str]:
    try:
        question = read_question(body, content_type)
        return question, answer_type(accept, question)
    except Refused as refused:
        return refused


good_texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1).filter(str.strip)


@given(st.lists(good_texts, min_size=1), st.booleans())
def test_good_texts_arrive_unchanged_and_in_order(texts: list[str], ascii_only: bool) -> None:
    listed = json.dumps({"texts": texts}, ensure_ascii=ascii_only).encode()
    assert read_question(listed, JSON).texts == texts
    lines = "\n".join(json.dumps({"text": text}, ensure_ascii=ascii_only) for text in texts).encode()
    assert read_question(lines, JSON_LINES).texts == texts


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
    ],
)
def test_accept_chooses_the_form_of_the_answer(accept: str | None, form: str, media: str) -> None:
    assert answer_type(accept, Question(["a"], form)) == media


@pytest.mark.parametrize("accept", ["text/csv", "application/json;q=0, application/jsonlines;q=0", "image/*"])
def test_an_answer_nobody_wants_is_refused(accept: str) -> None:
    with pytest.raises(Refused) as refused:
        answer_type(accept, Question(["a"], "one"))
    assert refused.value.status == 406
    assert "application/json, application/jsonlines" in refused.value.sentence
