"""What the steps of a state machine answer with in a test."""

from collections.abc import Iterable, Iterator
from typing import Any

from tests.infra.walker import Answer, StepError

Turn = str | StepError | tuple[StepError, int]

BROKEN = StepError("KeyError", '{"errorMessage": "x"}')


class Answers:
    """Each state's answers in turn: a status for what is followed, or an error, or `(error, times)`."""

    def __init__(self, reference: dict[str, Any], **answers: Iterable[Turn]) -> None:
        self._reference = reference
        self._answers: dict[str, Iterator[str | StepError]] = {
            state: _spread(turns) for state, turns in answers.items()
        }
        self.inputs: dict[str, list[dict[str, Any]]] = {}

    def __call__(self, state: str, given: dict[str, Any]) -> Answer:
        self.inputs.setdefault(state, []).append(given)
        if state == "NotifyOutcome" and state not in self._answers:
            return {"MessageId": "1"}
        answer = next(self._answers[state])
        if isinstance(answer, StepError):
            return answer
        return {**self._reference, "status": answer, "message": f"It is {answer}."}


def _spread(turns: Iterable[Turn]) -> Iterator[str | StepError]:
    for turn in turns:
        if isinstance(turn, tuple):
            yield from [turn[0]] * turn[1]
        else:
            yield turn
