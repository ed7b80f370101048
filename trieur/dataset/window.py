"""The part of a long text that is being looked at: it grows from pieces and forgets what was passed."""

import io
import re
from collections.abc import Iterator
from typing import Final

from trieur.dataset.limits import MAX_RECORD_CHARACTERS
from trieur.dataset.model import DatasetRefused
from trieur.dataset.wording import sentence

_BLANKS: Final = re.compile(r"[ \t\r\n]*")


class Window:
    """`text[at:]` is what is still to be read, as far as it was fetched."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self.text = ""
        self.at = 0
        # Whether `universal_lines` found the last line without an end.
        self.open_ended = False
        self._pieces = pieces
        # Of the first character of `text`, both counted from 1.
        self._line = 1
        self._column = 1

    def grow(self, what: str) -> bool:
        """Fetch at least as much again as is still to be read; False at the end of the text.

        `what` names the thing being read, for the refusal when it outgrows MAX_RECORD_CHARACTERS.
        """
        rest = self.text[self.at :]
        if len(rest) > MAX_RECORD_CHARACTERS:
            raise DatasetRefused(
                sentence(f"{what} is longer than {MAX_RECORD_CHARACTERS:,} characters, the most that is read of one")
            )
        parts, size = [rest], 0
        while size <= len(rest) and (piece := next(self._pieces, "")):
            parts.append(piece)
            size += len(piece)
        if not size:
            return False
        self._line, self._column = self._place(self.at)
        self.text, self.at = "".join(parts), 0
        return True

    def skip_blanks(self) -> str:
        """Pass JSON's blanks; the character that follows, "" at the end of the text."""
        while True:
            self.at = self._after_blanks(self.at)
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.grow("run of blanks"):
                return ""

    def ahead(self, distance: int, what: str) -> str:
        """The first character from `text[at + distance]` on that is no blank of JSON's; nothing is passed."""
        while True:
            at = self._after_blanks(self.at + distance)
            if at < len(self.text):
                return self.text[at]
            if not self.grow(what):
                return ""

    def place(self, at: int | None = None) -> str:
        """Where `text[at]`, or what is read next, lies in the whole text."""
        line, column = self._place(self.at if at is None else at)
        return f"line {line:,}, column {column:,}"

    @property
    def line(self) -> int:
        """The line of what is read next."""
        return self._place(self.at)[0]

    def first_line(self) -> str | None:
        """What is still to be read of the present line, or None when it is longer than one record may be."""
        while (end := self.text.find("\n", self.at)) < 0 and len(self.text) - self.at <= MAX_RECORD_CHARACTERS:
            if not self.grow("line"):
                end = len(self.text)
                break
        return None if end < 0 else self.text[self.at : end]

    def lines(self) -> Iterator[tuple[int, str, bool]]:
        """The number of every line still to be read that is not empty, its text, and whether a line feed ends it.

        Nothing but a line feed ends a line: a record may hold a carriage return or U+2028.
        """
        number, tail = self.line, self.text[self.at :]
        while True:
            *whole, tail = tail.split("\n")
            for line in whole:
                if line:
                    yield number, line, True
                number += 1
            if len(tail) > MAX_RECORD_CHARACTERS:
                raise DatasetRefused(f"Line {number:,} is longer than {MAX_RECORD_CHARACTERS:,} characters.")
            piece = next(self._pieces, "")
            if not piece:
                break
            tail += piece
        if tail:
            yield number, tail, False

    def universal_lines(self) -> Iterator[str]:
        """Every line still to be read with its end: a line feed, a carriage return or both."""
        number, tail = self.line, self.text[self.at :]
        while True:
            # The last one may go on in the next piece, even by the second half of its end.
            *whole, tail = list(io.StringIO(tail, newline="")) or [""]
            yield from whole
            number += len(whole)
            if len(tail) > MAX_RECORD_CHARACTERS:
                raise DatasetRefused(f"Line {number:,} is longer than {MAX_RECORD_CHARACTERS:,} characters.")
            piece = next(self._pieces, "")
            if not piece:
                break
            tail += piece
        if tail:
            self.open_ended = not tail.endswith(("\n", "\r"))
            yield tail

    def _after_blanks(self, at: int) -> int:
        match = _BLANKS.match(self.text, at)
        return match.end() if match else at

    def _place(self, at: int) -> tuple[int, int]:
        last = self.text.rfind("\n", 0, at)
        if last < 0:
            return self._line, self._column + at
        return self._line + self.text.count("\n", 0, at), at - last
