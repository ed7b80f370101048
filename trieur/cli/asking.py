"""Asking a classifier's endpoint from the command line: which one, with what is known of the model behind it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trieur.account import Account, AccountError, ClassifierSummary, Endpoint
from trieur.cli.output import NEGATIVE, WRONG_USAGE, Failed

if TYPE_CHECKING:
    from trieur.client import Classifier


class BackendChoice(StrEnum):
    """`Backend` as typer wants it."""

    camembert = "camembert"
    comprehend = "comprehend"


WhichBackend = Annotated[
    BackendChoice | None,
    typer.Option("--backend", help="Whose endpoint is asked; by default the one that answers, camembert's first."),
]


class NoAnswer(AccountError):
    """The endpoint gave no prediction, for the reason that the client says."""

    def __init__(self, sentence: str, exit_code: int) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code


@dataclass(frozen=True)
class LiveClassifier:
    """A classifier that answers, and the endpoint that does."""

    classifier: "Classifier"
    endpoint: Endpoint


def live_classifier(account: Account, name: str, backend: BackendChoice | None, *, connections: int) -> LiveClassifier:
    """The classifier's endpoint of that backend, or the first that answers, with its model's mode and threshold.

    Raises AccountError, and Failed where no such endpoint answers.
    """
    from trieur.client import Classifier

    summary = account.classifier(name)
    answering = [one for one in summary.endpoints if one.answers and (backend is None or one.backend == backend)]
    if not answering:
        raise Failed(_why_none_answers(summary, backend))
    endpoint = answering[0]
    run = summary.run_behind(endpoint)
    rejection: dict[str, Any] = (run.metrics or {}).get("rejection", {}) if run else {}
    classifier = Classifier(
        name,
        backend=endpoint.backend,
        deployment=account.name,
        session=account.session,
        mode="multi-label" if run and run.dataset and run.dataset.mode == "multi-label" else "multi-class",
        threshold=rejection.get("threshold"),
        connections=connections,
    )
    return LiveClassifier(classifier, endpoint)


@contextmanager
def asking() -> Iterator[None]:
    """Turns what the client raises into what a command ends with."""
    from trieur.client import AccessRefused, ClassifierError, Unreachable

    try:
        yield
    except ClassifierError as error:
        beyond_reach = isinstance(error, AccessRefused | Unreachable)
        raise NoAnswer(str(error), WRONG_USAGE if beyond_reach else NEGATIVE) from error


def _why_none_answers(summary: ClassifierSummary, backend: BackendChoice | None) -> str:
    on = f" on {backend}" if backend else ""
    others = [one.backend for one in summary.endpoints if one.answers]
    if others:
        return f"{summary.name} has no endpoint that answers{on}, but one on {others[0]}: ask that with --backend."
    runs = [run for run in summary.runs if backend is None or run.backend == backend]
    if not runs:
        return f"{summary.name} has no endpoint that answers{on}, and no run: drop a dataset with `trieur train`."
    return (
        f"{summary.name} has no endpoint that answers{on}; its latest run {runs[0].run_id} is {runs[0].status}:"
        f" {runs[0].message}"
    )
