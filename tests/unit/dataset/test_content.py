"""Bytes: encodings, byte order marks, gzip."""

import gzip
import zlib

import pytest

from tests.unit.dataset.samples import csv_file, csv_rows, json_lines, json_list, refusal, rows
from trieur.dataset import content, read_dataset

FORMS = [
    pytest.param(json_list(rows()), "json-list", id="json"),
    pytest.param(json_lines(rows()), "jsonl", id="jsonl"),
    pytest.param(csv_file(csv_rows()), "csv", id="csv"),
]


@pytest.mark.parametrize(("data", "form"), FORMS)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "bom"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_every_form_is_read_with_and_without_mark_and_gzip(data, form, mark, pack):
    dataset = read_dataset(pack(mark + data), "dataset")
    assert dataset.format == form
    assert dataset.texts == [row["text"] for row in rows()]
    assert dataset.labels == [(row["label"],) for row in rows()]
    assert dataset.label_counts == {"HOW_ARE_YOU": 12, "WHO_IS": 12}
    assert dataset.warnings == []
    assert dataset.mode == "multi-class"


def test_the_content_decides_the_format_and_not_the_name():
    assert read_dataset(json_list(rows()), "dataset.csv").format == "json-list"
    assert read_dataset(csv_file(csv_rows()), "dataset.json").format == "csv"
    assert read_dataset(gzip.compress(json_list(rows())), "dataset.json").format == "json-list"


def test_the_hash_is_of_the_bytes_as_dropped():
    packed = gzip.compress(json_list(rows()))
    assert read_dataset(packed, "a").sha256 != read_dataset(json_list(rows()), "a").sha256
    assert len(read_dataset(packed, "a").sha256) == 64


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("data", [json_list(rows()), csv_file(csv_rows())], ids=["json", "csv"])
def test_other_unicode_encodings_are_refused(encoding, data):
    sentence = refusal(data.decode().encode(encoding))
    assert "UTF-8" in sentence
    assert "byte 0" in sentence or "Byte" in sentence


def test_another_encoding_is_refused_with_its_byte_and_line():
    data = json_lines(rows()).decode().encode("latin-1")
    sentence = refusal(data)
    assert f"Byte {data.index(0xB0):,} (0xB0, line 1)" in sentence
    assert "UTF-8" in sentence


def test_a_wrong_byte_is_found_far_into_the_file_and_behind_a_mark():
    data = b"\xef\xbb\xbf" + json_lines(rows()) + b" " * (2 * content.PIECE_BYTES) + b"\n\xe9"
    assert f"Byte {len(data) - 1:,} (0xE9, line 26)" in refusal(data + b" ")


def test_a_file_cut_in_the_middle_of_a_character_is_truncated():
    data = json_lines(rows())
    cut = data[: data.rindex("Ç".encode()) + 1]
    sentence = refusal(cut)
    assert "truncated" in sentence
    assert f"byte {len(cut) - 1:,}" in sentence


@pytest.mark.parametrize("data", [b"", b" \n\t\r\n ", b"\xef\xbb\xbf", gzip.compress(b"", mtime=0)])
def test_an_empty_file_is_refused(data):
    assert "empty" in refusal(data)


def test_truncated_gzip_is_refused():
    packed = gzip.compress(json_list(rows()))
    for length in (3, 12, len(packed) // 2, len(packed) - 1):
        assert "truncated" in refusal(packed[:length])


def test_damaged_gzip_is_refused():
    packed = bytearray(gzip.compress(json_list(rows())))
    packed[-6] ^= 1
    assert "damaged" in refusal(bytes(packed))


def test_data_after_gzip_is_refused_and_padding_is_not():
    packed = gzip.compress(json_list(rows()))
    assert f"byte {len(packed):,}" in refusal(packed + b"more")
    assert read_dataset(packed + b"\0" * 512, "a").warnings == []


def test_gzip_of_several_members_is_read_whole():
    data = json_lines(rows())
    members = gzip.compress(data[:500]) + gzip.compress(b"") + gzip.compress(data[500:])
    assert len(read_dataset(members, "a").texts) == 24


def test_a_gzip_bomb_is_stopped_without_being_unpacked(monkeypatch):
    monkeypatch.setattr(content, "MAX_CONTENT_BYTES", 5_000_000)
    unpacked = 0
    original = zlib.decompressobj

    class Counting:
        def __init__(self, wbits):
            self._real = original(wbits=wbits)

        def __getattr__(self, name):
            return getattr(self._real, name)

        def decompress(self, packed, most):
            nonlocal unpacked
            piece = self._real.decompress(packed, most)
            unpacked += len(piece)
            return piece

    monkeypatch.setattr(content.zlib, "decompressobj", Counting)
    bomb = gzip.compress(b'[{"text": "' + b"a" * 100_000_000)
    assert "5,000,000 bytes" in refusal(bomb)
    assert unpacked <= 5_000_000 + 2 * content.PIECE_BYTES


def test_gzip_members_without_end_are_stopped():
    assert "members" in refusal(gzip.compress(b"") * (content._GZIP_MAX_MEMBERS + 1))


def test_gzipped_twice_and_archives_are_named():
    assert "twice" in refusal(gzip.compress(gzip.compress(json_list(rows()))))
    assert "Excel" in refusal(b"PK\x03\x04" + b"x" * 50)


def test_no_more_than_the_largest_content_is_read(monkeypatch):
    monkeypatch.setattr(content, "MAX_CONTENT_BYTES", 100)
    assert "100 bytes" in refusal(json_list(rows()))
