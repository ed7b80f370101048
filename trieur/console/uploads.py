"""A dataset on its way in: written to the session's folder as it comes, then read as the pipeline will read it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from threading import Lock
from typing import Final

from trieur.dataset import Dataset, DatasetRefused, read_dataset
from trieur.dataset.limits import MAX_FILE_BYTES
from trieur.drops import DATASET_NAMES, SETTINGS_FILE, is_dataset_name
from trieur.settings import ClassifierSettings
from trieur.splits import Splits, make_splits

MOST_NAME_CHARACTERS: Final = 200

# A large dataset takes a gigabyte while it is read: one after the other.
_READING: Final = Lock()


@dataclass(frozen=True)
class Checked:
    """A dataset that would be accepted, and what would be made of it."""

    dataset: Dataset
    splits: Splits
    size: int


def file_name(given: str) -> str:
    """The name under which a file is dropped: that of the person's own file, without folders.

    Raises DatasetRefused for one that the pipeline would not take for a dataset.
    """
    name = PurePosixPath(given.replace("\\", "/")).name
    if not is_dataset_name(name) or name.startswith((".", "~$")) or not name.isprintable():
        raise DatasetRefused(f"{name!r} is not named as a dataset: use {DATASET_NAMES}.")
    if name == SETTINGS_FILE:
        raise DatasetRefused(f"{name!r} is the name of a classifier's settings: name the dataset otherwise.")
    if len(name) > MOST_NAME_CHARACTERS:
        raise DatasetRefused(f"The file's name has more than {MOST_NAME_CHARACTERS} characters: give it a shorter one.")
    return name


def require_size(size: int) -> None:
    """Raises DatasetRefused for more bytes than are read."""
    if size > MAX_FILE_BYTES:
        raise DatasetRefused(f"The file is larger than {MAX_FILE_BYTES:,} bytes, the most that is read: gzip it.")


async def receive(pieces: AsyncIterator[bytes], path: Path) -> None:
    """Write what comes in to `path`. Raises DatasetRefused as soon as it is more than is read."""
    size = 0
    with path.open("wb") as file:
        async for piece in pieces:
            size += len(piece)
            require_size(size)
            file.write(piece)


def checked(path: Path, name: str, settings: ClassifierSettings) -> Checked:
    """Raises DatasetRefused."""
    with _READING:
        data = path.read_bytes()
        dataset = read_dataset(data, name, mode=settings.mode, minimum_examples=settings.minimum_examples)
        return Checked(dataset, make_splits(dataset, **settings.split.model_dump()), len(data))
