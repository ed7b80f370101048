"""The log: JSON, one object a line, on stdout. No text of a request ever goes into it."""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "message": record.getMessage(),
        }
        entry.update(getattr(record, "facts", {}))
        if record.exc_info and record.exc_info[0]:
            # The kind and the place only: a library's message may quote the text it failed on.
            entry["exception"] = record.exc_info[0].__name__
            entry["trace"] = [
                f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(record.exc_info[2])
            ]
        return json.dumps(entry)


# Of what a client sends: connections.py logs what is broken, with the request's id, and proposals are passed over.
_UVICORNS = ("Invalid HTTP request", "Unsupported upgrade request", "No supported WebSocket library")


def _worth_a_line(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith(_UVICORNS)


def log_to_stdout() -> None:
    logging.getLogger("uvicorn.error").addFilter(_worth_a_line)
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
