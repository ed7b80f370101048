"""What was dropped, as text: gunzipped, bounded and decoded, a piece at a time."""

import codecs
import zlib
from collections.abc import Iterator
from itertools import chain
from typing import Final

from trieur.dataset.limits import MAX_CONTENT_BYTES, MAX_FILE_BYTES
from trieur.dataset.model import DatasetRefused

PIECE_BYTES: Final = 1 << 20
_GZIP_MAGIC: Final = b"\x1f\x8b"
# Small, because what follows the end of a gzip member is copied and read again.
_GZIP_INPUT_BYTES: Final = 1 << 16
# bgzip writes one every 64 KB; many more are there to waste time.
_GZIP_MAX_MEMBERS: Final = 100_000

_FOREIGN: Final = (
    (_GZIP_MAGIC, "The content is gzipped twice: gzip it once only."),
    (
        b"PK\x03\x04",
        "The content is a zip archive or an Excel workbook: export it as CSV, JSON or plain text, encoded in UTF-8.",
    ),
    (codecs.BOM_UTF32_LE, "The content is encoded in UTF-32 (byte 0): save it in UTF-8."),
    (codecs.BOM_UTF32_BE, "The content is encoded in UTF-32 (byte 0): save it in UTF-8."),
    (codecs.BOM_UTF16_LE, "The content is encoded in UTF-16 (byte 0): save it in UTF-8."),
    (codecs.BOM_UTF16_BE, "The content is encoded in UTF-16 (byte 0): save it in UTF-8."),
)


def text_pieces(data: bytes) -> Iterator[str]:
    """The text of a dropped object, without its byte order mark.

    `data` is UTF-8, gzipped or not. Raises DatasetRefused, while iterated, for another encoding, a gzip stream that
    is cut off or damaged, and more than MAX_CONTENT_BYTES.
    """
    if len(data) > MAX_FILE_BYTES:
        raise DatasetRefused(f"The file is larger than {MAX_FILE_BYTES:,} bytes, the most that is read: gzip it.")
    pieces = _bounded(_gunzipped(data) if data.startswith(_GZIP_MAGIC) else _sliced(data))
    head = b""
    while len(head) < 4 and (piece := next(pieces, b"")):
        head += piece
    if not head:
        raise DatasetRefused("The file is empty.")
    _refuse_foreign(head)
    content = head.removeprefix(codecs.BOM_UTF8)
    return _decoded(chain([content], pieces), len(head) - len(content))


def _refuse_foreign(head: bytes) -> None:
    for mark, sentence in _FOREIGN:
        if head.startswith(mark):
            raise DatasetRefused(sentence)
    # UTF-16 and UTF-32 without a mark: the first character of JSON or of a CSV header is ASCII.
    if b"\0" in head[:4]:
        at = head.index(b"\0")
        raise DatasetRefused(f"Byte {at} is zero, as in UTF-16 or a binary file: save the file in UTF-8.")


def _sliced(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), PIECE_BYTES):
        yield data[start : start + PIECE_BYTES]


def _bounded(pieces: Iterator[bytes]) -> Iterator[bytes]:
    total = 0
    for piece in pieces:
        total += len(piece)
        if total > MAX_CONTENT_BYTES:
            raise DatasetRefused(
                f"The content is larger than {MAX_CONTENT_BYTES:,} bytes, the most that is read: drop less of it."
            )
        yield piece


def _gunzipped(data: bytes) -> Iterator[bytes]:
    """Every member of the gzip stream, with no more than PIECE_BYTES of it unpacked at once."""
    view, at = memoryview(data), 0
    for _ in range(_GZIP_MAX_MEMBERS):
        member = zlib.decompressobj(wbits=31)
        while not member.eof:
            packed: bytes | memoryview = member.unconsumed_tail
            if not packed:
                packed = view[at : at + _GZIP_INPUT_BYTES]
                at += len(packed)
            try:
                piece = member.decompress(packed, PIECE_BYTES)
            except zlib.error as error:
                raise DatasetRefused(
                    f"The gzip stream is damaged near its byte {at:,} ({error}): gzip and drop the file again."
                ) from error
            if piece:
                yield piece
            elif not packed and not member.eof:
                raise DatasetRefused(
                    f"The gzip stream ends too soon, after {len(data):,} bytes: the file is truncated; drop it again."
                )
        at -= len(member.unused_data)
        if bytes(view[at : at + 2]) != _GZIP_MAGIC:
            if bytes(view[at:]).strip(b"\0"):
                raise DatasetRefused(
                    f"The gzip stream is followed by other data at its byte {at:,}: drop the file again."
                )
            return
    raise DatasetRefused(f"The gzip stream has more than {_GZIP_MAX_MEMBERS:,} members: gzip the file in one go.")


def _decoded(pieces: Iterator[bytes], given: int) -> Iterator[str]:
    """`given` is how many bytes came before the first piece."""
    decoder, line = codecs.getincrementaldecoder("utf-8")(), 1
    for piece in chain(pieces, [b""]):
        given += len(piece)
        try:
            text = decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            at = given - len(error.object) + error.start
            line += error.object[: error.start].count(b"\n")
            if error.reason == "unexpected end of data":
                raise DatasetRefused(
                    f"The file ends in the middle of a character, at byte {at:,} (line {line:,}): it is truncated."
                ) from error
            raise DatasetRefused(
                f"Byte {at:,} (0x{error.object[error.start]:02X}, line {line:,}) is not UTF-8; the file may be in"
                " Windows-1252 or Latin-1: save it in UTF-8."
            ) from error
        line += text.count("\n")
        if text:
            yield text
