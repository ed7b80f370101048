"""What may be dropped under `batch/`: files of texts to be classified in bulk. Answers come to lie beside them."""

from pathlib import PurePosixPath
from typing import Final

from trieur import names
from trieur.batch_texts import SUFFIXES
from trieur.drops import Drop, DropIgnored, DropRefused, require_classifier
from trieur.settings import Backend

BATCH_PREFIX: Final = "batch/"
_PREDICTIONS: Final = ".predictions.jsonl"
_REJECTED: Final = ".rejected.json"
# S3 takes keys of 1,024 bytes; what the answer's key adds to the request's is kept free.
MAX_KEY_BYTES: Final = 1024 - len(".comprehend" + _PREDICTIONS)


def batch_classifier(drop: Drop) -> str:
    """The classifier that is to classify the dropped texts.

    Raises DropIgnored for folders, hidden files and the pipeline's own answers, DropRefused for what a person must
    hear of.
    """
    path = drop.key.removeprefix(BATCH_PREFIX)
    if path == drop.key:
        raise DropIgnored(f"{drop.key!r} lies outside {BATCH_PREFIX}")
    if not path or path.endswith("/"):
        raise DropIgnored(f"{drop.key!r} is a folder")
    if any(part.startswith((".", "~$")) for part in PurePosixPath(path).parts):
        raise DropIgnored(f"{drop.key!r} is hidden, or lies in a hidden folder")
    if path.endswith((_PREDICTIONS, _REJECTED)):
        raise DropIgnored(f"{drop.key!r} is an answer of the pipeline's own")
    file = PurePosixPath(path).name
    classifier, slash, _ = path.partition("/")
    if not slash:
        raise DropRefused(f"{drop.key!r} belongs to no classifier: drop it at {BATCH_PREFIX}<classifier>/{file}.")
    require_classifier(classifier)
    if not file.lower().removesuffix(".gz").endswith(SUFFIXES):
        raise DropRefused(
            f"{drop.key!r} is not named as a file of texts: use .txt, with a text a line, or .jsonl, each optionally"
            " with .gz."
        )
    if len(drop.key.encode("utf-8", "surrogatepass")) > MAX_KEY_BYTES:
        raise DropRefused(f"The key of {file!r} has more than {MAX_KEY_BYTES:,} bytes: give the file a shorter name.")
    return classifier


def folder(drop: Drop) -> str:
    """The classifier's name, or what stands for it in what is said about a drop that has no valid one."""
    first = drop.key.removeprefix(BATCH_PREFIX).partition("/")[0]
    return first if names.is_classifier(first) else "unnamed"


def predictions_key(request_key: str, backend: Backend) -> str:
    """Where the predictions of one backend lie: beside the request."""
    return f"{request_key}.{backend}{_PREDICTIONS}"


def rejection_key(request_key: str, backend: Backend | None) -> str:
    """Where the refusal lies, of one backend or, without one, of all."""
    # The key of a request refused for its length is cut short.
    kept = request_key.encode()[:MAX_KEY_BYTES].decode(errors="ignore")
    return f"{kept}.{backend}{_REJECTED}" if backend else f"{kept}{_REJECTED}"
