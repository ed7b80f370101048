"""What the console remembers from its start to its end, and nowhere but in this process and one temporary folder."""

import secrets
import shutil
import tempfile
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from trieur.console.comparing import Comparing
from trieur.console.place import Answer, Dropped

ASKED_KEPT: Final = 50
STAGED_KEPT: Final = 3


@dataclass(frozen=True)
class Asked:
    """A text that an endpoint was asked about, and what it said."""

    text: str
    answer: Answer
    when: datetime


@dataclass(frozen=True)
class Staged:
    """A dataset that was found good and waits for a person's word."""

    classifier: str
    file: str
    path: Path


@dataclass(frozen=True)
class Waiting:
    """A dataset that was dropped from here, until the pipeline has taken it up."""

    file: str
    dropped: Dropped
    when: datetime


class Session:
    """Safe to use from several threads."""

    def __init__(self) -> None:
        self.comparing = Comparing()
        self._folder: Path | None = None
        self._lock = threading.Lock()
        self._asked: dict[str, deque[Asked]] = {}
        self._staged: dict[str, Staged] = {}
        self._waiting: dict[str, Waiting] = {}

    @property
    def folder(self) -> Path:
        """Where uploads lie, which nobody else on the machine can read."""
        with self._lock:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="trieur-console-"))
            return self._folder

    def close(self) -> None:
        with self._lock:
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)

    def note_asked(self, classifier: str, asked: Asked) -> None:
        """Remember it. What was typed on the way to a longer text, or back from one, is not kept beside it."""
        with self._lock:
            kept = self._asked.setdefault(classifier, deque(maxlen=ASKED_KEPT))
            if kept and _is_same_typing(kept[0], asked):
                kept.popleft()
            kept.appendleft(asked)

    def asked(self, classifier: str) -> list[Asked]:
        """Newest first."""
        with self._lock:
            return list(self._asked.get(classifier, ()))

    @contextmanager
    def upload(self) -> Iterator[Path]:
        """Where to write a file that comes in; gone afterwards unless it was staged."""
        path = self.folder / secrets.token_hex(16)
        try:
            yield path
        finally:
            with self._lock:
                if all(staged.path != path for staged in self._staged.values()):
                    path.unlink(missing_ok=True)

    def stage(self, staged: Staged) -> str:
        """Keep it, and forget what was staged long before; the word it is asked for with."""
        word = secrets.token_urlsafe(16)
        with self._lock:
            self._staged[word] = staged
            while len(self._staged) > STAGED_KEPT:
                self._staged.pop(next(iter(self._staged))).path.unlink(missing_ok=True)
        return word

    def staged(self, word: str) -> Staged | None:
        with self._lock:
            return self._staged.get(word)

    def discard(self, word: str) -> None:
        with self._lock:
            staged = self._staged.pop(word, None)
        if staged is not None:
            staged.path.unlink(missing_ok=True)

    def wait_for(self, classifier: str, waiting: Waiting) -> None:
        with self._lock:
            self._waiting[classifier] = waiting

    def waiting(self, classifier: str) -> Waiting | None:
        """The last dataset dropped from here."""
        with self._lock:
            return self._waiting.get(classifier)


def _is_same_typing(before: Asked, after: Asked) -> bool:
    shorter, longer = sorted((before.text, after.text), key=len)
    return before.answer.backend == after.answer.backend and longer.startswith(shorter)
