"""The records of a text/csv body: one column, a text a record, by RFC 4180.

As with JSON Lines only \\n ends a line, for so does whoever splits a file for a batch transform. A \\r before it
belongs to it; elsewhere outside quotes it is refused.
"""

import csv
import io
from collections.abc import Iterator

from trieur_serve.refusals import Refused

COLUMN = "text"
PRESENT, ABSENT = "present", "absent"

# What the module says, and what it means to whoever sent the line.
_REASONS = {
    "unexpected end of data": "opens quotes that are never closed; a text with line breaks must arrive whole",
    "',' expected after '\"'": "goes on after its closing quotes; quotes inside a quoted text are doubled",
    "new-line character seen in unquoted field": "holds a carriage return outside quotes",
}


def records(content: str, header: str | None) -> Iterator[tuple[int, str]]:
    """The number of the line that each record starts in, and its text; raises Refused at the record that is wrong.

    header: PRESENT, ABSENT, or None: the first record is a header if it is the word `text`. Blank lines at the end are
    left out; one between records is refused, for it would shift the predictions.
    """
    rows = _rows(content)
    blank = None
    for number, (line, row) in enumerate(rows):
        if not row:
            blank = blank or line
            continue
        if blank is not None:
            raise Refused(400, f"Line {blank} is blank; send one record a line.")
        if len(row) > 1:
            raise Refused(
                400, f"Line {line} has {len(row)} columns; send one, and put a text that holds commas in quotes."
            )
        if number == 0 and header != ABSENT:
            if row == [COLUMN]:
                continue
            if header == PRESENT:
                raise Refused(400, f"Line {line} is not the header {COLUMN!r}, which header=present promises.")
        yield line, row[0]


def _rows(content: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(content, newline="\n"), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            reasons = (meaning for words, meaning in _REASONS.items() if str(error).startswith(words))
            reason = next(reasons, "is not valid CSV")
            raise Refused(400, f"Line {line} {reason}.") from error
        yield line, row
