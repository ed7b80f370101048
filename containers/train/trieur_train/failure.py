"""The one sentence a person reads when a training fails."""

from pathlib import Path

# SageMaker shows this much of output/failure as the job's FailureReason and drops the rest.
LONGEST_SENTENCE = 1024


class TrainingFailed(Exception):
    """The training cannot go on; the text is one sentence that says what happened, where, and what to do."""


class TrainingStopped(BaseException):
    """SageMaker asked the container to stop (SIGTERM).

    Not an `Exception`, so that no handler on the way up can take it for an ordinary error.
    """


def write_failure(path: Path, sentence: str) -> None:
    """Write `sentence` to `path`, on one line and at most 1,024 characters long. Raises OSError."""
    sentence = " ".join(sentence.split())
    if len(sentence) > LONGEST_SENTENCE:
        sentence = sentence[: LONGEST_SENTENCE - 1] + "…"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(sentence, encoding="utf-8")
