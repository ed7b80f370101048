import gzip
import json

import pytest

from trieur import batch_texts
from trieur.batch_texts import MAX_TEXT_BYTES, TextsRefused, read_texts


def texts(data: bytes, name: str = "x.txt") -> list[str | None]:
    return list(read_texts(data, name))


def refusal(data: bytes, name: str = "x.txt") -> str:
    with pytest.raises(TextsRefused) as reason:
        texts(data, name)
    return str(reason.value)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a", ["a"]),
        (b"a\n", ["a"]),
        (b"a\r\n", ["a"]),
        (b"a\nb", ["a", "b"]),
        (b"a\n\n", ["a", None]),
        (b"\na\n", [None, "a"]),
        (b" \t\n a \n", [None, " a "]),
        ("\ufeffé\nß".encode(), ["é", "ß"]),
        (b"a\r\r\n", ["a\r"]),
    ],
)
def test_a_line_is_a_text(data: bytes, expected: list[str | None]) -> None:
    assert texts(data) == expected


@pytest.mark.parametrize("separator", ["\r", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029"])
def test_only_a_line_feed_ends_a_line(separator: str) -> None:
    assert texts(f"a{separator}b\nc".encode()) == [f"a{separator}b", "c"]


def test_json_lines_hold_texts_alone_or_under_their_key() -> None:
    lines = ['{"text": "a\\nb", "id": 7}', '"c\u2028d"', "", '  {"text": " "} ', '""', '{"id": {}, "text": "e"}\r']

    assert texts("\n".join(lines).encode(), "x.JSONL") == ["a\nb", "c\u2028d", None, None, None, "e"]


def test_a_name_ending_in_txt_holds_json_as_it_stands() -> None:
    assert texts(b'"a"\n') == ['"a"']


@pytest.mark.parametrize("name", ["x.txt", "x.txt.gz", "x.gz"])
def test_gzip_is_known_by_the_content(name: str) -> None:
    assert texts(gzip.compress(b"a\nb\n"), name) == ["a", "b"]


def test_gzipped_json_lines_are_known_by_the_name_within() -> None:
    assert texts(gzip.compress(b'{"text": "a"}'), "x.jsonl.gz") == ["a"]


def test_lines_are_whole_however_the_content_is_cut() -> None:
    lines = [f"{number} {'é' * (number % 50)}" for number in range(60_000)]

    assert texts("\r\n".join(lines).encode()) == lines


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "The file is empty."),
        (b"\xef\xbb\xbf", "no line"),
        (b"\n \n\r\n", "3 lines, all blank"),
        (b"a\n\xe9t\xe9\n", "Byte 2 (0xE9, line 2) is not UTF-8"),
        (b"aaa\nb\0\n", "Line 2 has U+0000, as in a binary file, at character 2"),
        ("a".encode("utf-16"), "save it in UTF-8"),
        (gzip.compress(b"a\n" * 1000, mtime=0)[:-20], "truncated"),
        (b"PK\x03\x04" + b"x" * 50, "zip"),
    ],
)
def test_other_files_are_refused_in_words(data: bytes, words: str) -> None:
    assert words in refusal(data)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"oui", "Line 2 is not valid JSON"),
        (b"7", "Line 2 has 7 for a text"),
        (b"null", "Line 2 has null for a text"),
        (b'["a"]', "Line 2 has a list for a text"),
        (b'{"texte": "a", "id": 1}', 'Line 2 has no "text": it has "texte" and "id"'),
        (b"{}", "no key at all"),
        (b'{"text": 1}', "Line 2 has 1 for a text"),
        (b'{"text": "a", "text": "b"}', "twice"),
        (b'{"text": "a"} {"text": "b"}', "goes on after its JSON value, at column 14"),
        (b'{"text": "\\ud83d"}', "Line 2 has U+D83D, half of a surrogate pair, at character 1"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_other_lines_are_refused_by_their_number(line: bytes, words: str) -> None:
    assert words in refusal(b'"a"\n' + line + b"\n", "x.jsonl")


def test_a_file_that_ends_within_a_line_is_truncated() -> None:
    assert "ends in the middle of line 2" in refusal(b'"a"\n{"text": "b', "x.jsonl")


@pytest.mark.parametrize("character", ["a", "é", "\u0800", "😀"])
def test_a_text_may_have_its_most_bytes_and_no_more(character: str) -> None:
    longest = character * (MAX_TEXT_BYTES // len(character.encode()))

    assert texts(longest.encode()) == [longest]
    assert len(json.dumps({"text": longest})) < 1_000_000, "it fits a request of one megabyte"
    assert "Line 2 has a text of 100," in refusal(f"b\n{longest}{character}".encode())


def test_a_line_without_end_is_refused_before_all_of_it_is_held() -> None:
    assert "Line 1 is longer than 10,000,000 characters" in refusal(b"x" * 12_000_000)


def test_more_lines_than_comprehend_takes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_texts, "MAX_LINES", 3)

    assert len(texts(b"a\n" * 3)) == 3
    assert "more than 3 lines, the most that Amazon Comprehend takes" in refusal(b"a\n" * 4)
