"""The one sentence a person reads when a training fails."""

import sys
from pathlib import Path

from trieur_train.folders import Folders

# SageMaker shows this much of output/failure as the job's FailureReason and drops the rest.
LONGEST_SENTENCE = 1024


class TrainingFailed(Exception):
    """The training cannot go on; the text is one sentence that says what happened, where, and what to do."""


class TrainingStopped(BaseException):
    """SageMaker asked the container to stop (SIGTERM).

    Not an `Exception`, so that no handler on the way up can take it for an ordinary error.
    """

    def __init__(self, kept: str = "no model was kept") -> None:
        super().__init__(f"The training was stopped (SIGTERM) before it had finished; {kept}.")


def report_failure(folders: Folders, sentence: str) -> None:
    """Say why on stderr and in output/failure, and leave no model, whole or half. Raises nothing."""
    print(sentence, file=sys.stderr, flush=True)
    try:
        write_failure(folders.failure, sentence)
    except OSError as error:
        print(f"That could not be written to {folders.failure}: {error}", file=sys.stderr, flush=True)
    try:
        folders.remove_artefacts()
    except OSError as error:
        print(f"What was written before could not be removed: {error}", file=sys.stderr, flush=True)


def write_failure(path: Path, sentence: str) -> None:
    """Write `sentence` to `path`, on one line and at most 1,024 characters long. Raises OSError."""
    sentence = " ".join(sentence.split())
    if len(sentence) > LONGEST_SENTENCE:
        sentence = sentence[: LONGEST_SENTENCE - 1] + "…"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(sentence, encoding="utf-8")
