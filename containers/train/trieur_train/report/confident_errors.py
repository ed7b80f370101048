"""The test split's most confident errors, as text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from trieur_train.report.language import Words, shortened

MOST_ERRORS = 50
LONGEST_TEXT = 400
"""In characters; what is longer is cut, since the page is read as a whole."""


@dataclass(frozen=True)
class ShownError:
    """Texts and labels as they stand in the dataset, the probability in words."""

    text: str
    actual: list[str]
    predicted: list[str]
    probability: str


def shown_errors(words: Words, errors: Sequence[dict[str, Any]]) -> list[ShownError]:
    """The first MOST_ERRORS of `errors`."""
    return [
        ShownError(
            shortened(error["text"], LONGEST_TEXT),
            list(error["actual"]),
            list(error["predicted"]),
            words.percent(error["probability"]),
        )
        for error in errors[:MOST_ERRORS]
    ]


def errors_in_all(metrics: dict[str, Any]) -> int:
    """How many test examples were answered wrong."""
    wrong: float = metrics["test"]["examples"] * (1 - metrics["test"]["accuracy"])
    return round(wrong)
