import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trieur_serve.accept import answer_type
from trieur_serve.refusals import Refused
from trieur_serve.requests import (
    ACCEPTED,
    CHARSETS,
    CSV,
    JSON,
    JSON_LINES,
    MOST_TEXTS,
    TEXT,
    Question,
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
        (CSV, b"a\nb\n", ["a", "b"], "lines"),
        (CSV, b"a", ["a"], "lines"),
        (CSV, b"text\r\na\r\n\r\n\n", ["a"], "lines"),
        (CSV, b'"text"\n"a, ""b""\r\nc"\n', ['a, "b"\r\nc'], "lines"),
        (CSV, b"Text\ntext\n", ["Text", "text"], "lines"),
        (CSV, b'say "a"\n', ['say "a"'], "lines"),
        (CSV, "\ufeffa\u2028b\x85c\n".encode(), ["a\u2028b\x85c"], "lines"),
        (CSV, b"text\n", [], "lines"),
        ("text/csv; header=absent", b"text\na\n", ["text", "a"], "lines"),
        ('Text/CSV; Header="Present"; charset=iso-8859-1', b"text\n\xe7a\n", ["ça"], "lines"),
        (CSV, b"a" * 1_000_000, ["a" * 1_000_000], "lines"),
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
        (JSON_LINES, b'"a"\n' * (MOST_TEXTS + 1), 413, "The body holds more than 100000 texts; send them in parts."),
        (JSON_LINES, b"\n" * (2 * MOST_TEXTS) + b"\n1", 413, "The body holds more than 100000 texts"),
        (JSON, b'{"texts": ["a"' + b', "a"' * MOST_TEXTS + b"]}", 413, "The body holds more than 100000 texts"),
        (CSV, b"a\n" * (MOST_TEXTS + 1), 413, "The body holds more than 100000 texts"),
        (CSV, b"a\n" * (3 * MOST_TEXTS), 413, "The body holds more than 100000 texts"),
        (CSV, b"a\nb,c\n", 400, "Line 2 has 2 columns; send one, and put a text that holds commas in quotes."),
        (CSV, b"text,label\na,b\n", 400, "Line 1 has 2 columns"),
        (CSV, b'"a\nb"\nc\n"d\n', 400, "Line 4 opens quotes that are never closed"),
        (CSV, b'a\n"b"c\n', 400, "Line 2 goes on after its closing quotes"),
        (CSV, b"a\rb\n", 400, "Line 1 holds a carriage return outside quotes."),
        (CSV, b"a\n\nb\n", 400, "Line 2 is blank; send one record a line."),
        (CSV, b"\na\n", 400, "Line 1 is blank"),
        (CSV, b'a\n""\n', 400, "Line 2 is empty; send a text."),
        (CSV, b"a\n \n", 400, "Line 2 is empty"),
        (CSV, b'"a\nb"\nc\0\n', 400, "Line 3 holds a NUL character, at position 1"),
        (CSV, b"a\xff\n", 400, "Byte 1 of the body (0xff) is not utf-8"),
        ("text/csv; header=present", b"a\ntext\n", 400, "Line 1 is not the header 'text'"),
        ("text/csv; header=7", b"a\n", 415, "The content type's header is '7'; it must be present or absent."),
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
        (CSV, f"{SECRET},{SECRET}".encode()),
        (CSV, f'"{SECRET}'.encode()),
        (CSV, f'"{SECRET}"{SECRET}'.encode()),
        (CSV, f"{SECRET}\r{SECRET}".encode()),
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
    st.builds("{}; header={}".format, st.just(CSV), st.sampled_from(["present", "absent", "x"])),
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
    st.text('a,"\r\n \0é\u2028').map(str.encode),
    st.lists(st.lists(st.text(), max_size=3)).map(lambda rows: _csv(rows).encode("utf-8", "surrogatepass")),
)


def _csv(rows: list[list[str]], quoting: int = csv.QUOTE_MINIMAL) -> str:
    written = io.StringIO(newline="")
    csv.writer(written, quoting=quoting).writerows(rows)
    return written.getvalue()


@given(bodies, content_types, st.none() | st.text())
def test_any_request_gives_texts_or_a_refusal(body: bytes, content_type: str | None, accept: str | None) -> None:
    outcome = _outcome(body, content_type, accept)
    if isinstance(outcome, Refused):
        assert 400 <= outcome.status < 500
        assert outcome.sentence
    else:
        question, media = outcome
        assert media in (JSON, JSON_LINES)
        assert question.texts or question.form == "lines"
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


@given(st.lists(good_texts, min_size=1), st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]), st.booleans())
def test_good_texts_in_csv_arrive_unchanged_and_in_order(texts: list[str], quoting: int, headed: bool) -> None:
    rows = [["text"]] * headed + [[text] for text in texts]
    content_type = f"{CSV}; header={'present' if headed else 'absent'}"
    assert read_question(_csv(rows, quoting).encode(), content_type).texts == texts
