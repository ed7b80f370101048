"""What the client asks of a backend's endpoint."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from trieur.client.prediction import Prediction
from trieur.settings import Backend


@dataclass(frozen=True)
class Limits:
    """What goes into one request: at most so many texts, and texts of so many bytes in UTF-8, but always one."""

    texts: int
    bytes: int


class Endpoint(Protocol):
    """A live classifier behind one backend. Safe to use from several threads."""

    backend: Backend
    name: str
    limits: Limits

    def ask(self, texts: Sequence[str]) -> list[Prediction]:
        """One prediction a text, in their order. `texts` has at least one, none blank, and keeps to `limits`.

        Raises ClassifierError; TextRefused where one of the texts is at fault, whichever.
        """
