"""Files on this machine that a command reads or writes."""

import os
from pathlib import Path

from trieur.cli.options import WrongUsage
from trieur.dataset.limits import MAX_FILE_BYTES


def read_file(file: Path) -> bytes:
    """What is in it, but not much more than a file in the inbox may hold. Raises WrongUsage."""
    try:
        with file.open("rb") as opened:
            return opened.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise WrongUsage(f"{str(file)!r} cannot be read: {error.strerror or error}.") from error


def require_writable(file: Path | None) -> None:
    """Before anything is measured for it. Raises WrongUsage."""
    # Path.exists raises where a folder before it may not be looked into.
    if file is not None and not os.access(file if os.access(file, os.F_OK) else file.absolute().parent, os.W_OK):
        raise WrongUsage(f"{str(file)!r} cannot be written: name a file in a folder of yours.")


def write_file(file: Path, content: str) -> None:
    """Raises WrongUsage where it cannot be written."""
    try:
        file.write_text(content, encoding="utf-8")
    except OSError as error:
        raise WrongUsage(f"{str(file)!r} cannot be written: {error.strerror or error}.") from error
