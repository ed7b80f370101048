"""Walks through a state machine's definition, as far as ours goes: what Step Functions would do with given answers."""

import copy
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

MAX_STEPS = 500


class StepError(Exception):
    """An error by the name Step Functions knows it under."""

    def __init__(self, name: str, cause: str = "") -> None:
        super().__init__(name)
        self.name = name
        self.cause = cause


Answer = Mapping[str, Any] | StepError
Answers = Callable[[str, dict[str, Any]], Answer]


@dataclass
class Walk:
    """What became of an execution."""

    states: list[str] = field(default_factory=list)
    published: list[dict[str, Any]] = field(default_factory=list)
    waited_seconds: int = 0
    outcome: str = ""
    error: str | None = None
    cause: str | None = None


def walk(definition: dict[str, Any], start: dict[str, Any], answers: Answers) -> Walk:
    """`answers` is asked for each task's result, by the state's name and its input; it may return a StepError."""
    done = Walk()
    name: str = definition["StartAt"]
    data = copy.deepcopy(start)
    for _ in range(MAX_STEPS):
        state = definition["States"][name]
        done.states.append(name)
        match state["Type"]:
            case "Succeed":
                done.outcome = "SUCCEEDED"
                return done
            case "Fail":
                done.outcome = "FAILED"
                done.error, done.cause = _at(state["ErrorPath"], data), _at(state["CausePath"], data)
                return done
            case "Wait":
                done.waited_seconds += state["Seconds"]
                name = state["Next"]
            case "Choice":
                name = _choose(state, data)
            case "Pass":
                result = _fill(state["Parameters"], data)
                data = _placed(state.get("ResultPath", "$"), data, result)
                name = state["Next"]
            case "Task":
                name, data = _task(name, state, data, answers, done)
            case other:
                raise AssertionError(f"no {other} state is known")
    raise AssertionError(f"still running after {MAX_STEPS} states: {done.states[-10:]}")


def _task(
    name: str, state: dict[str, Any], data: dict[str, Any], answers: Answers, done: Walk
) -> tuple[str, dict[str, Any]]:
    tries: Counter[int] = Counter()
    while True:
        parameters = _fill(state["Parameters"], data)
        answer = answers(name, copy.deepcopy(parameters.get("Payload", parameters)))
        if not isinstance(answer, StepError):
            if state["Resource"].endswith(":sns:publish"):
                done.published.append(parameters)
                return state["Next"], _placed(state["ResultPath"], data, dict(answer))
            assert state["OutputPath"] == "$.Payload"
            return state["Next"], dict(answer)
        # The first rule that matches decides, even once its attempts are spent.
        index, rule = next(
            ((i, rule) for i, rule in enumerate(state["Retry"]) if _matches(rule, answer.name)), (-1, None)
        )
        if rule is not None and tries[index] < rule["MaxAttempts"]:
            done.waited_seconds += rule["IntervalSeconds"] * rule["BackoffRate"] ** tries[index]
            done.states.append(f"{name} again")
            tries[index] += 1
            continue
        for catch in state.get("Catch", []):
            if _matches(catch, answer.name):
                error = {"Error": answer.name, "Cause": answer.cause}
                return catch["Next"], _placed(catch["ResultPath"], data, error)
        raise answer


def _matches(rule: dict[str, Any], error: str) -> bool:
    names = rule["ErrorEquals"]
    return error in names or "States.ALL" in names or ("States.TaskFailed" in names and error != "States.Timeout")


def _choose(state: dict[str, Any], data: dict[str, Any]) -> str:
    for choice in state["Choices"]:
        if _at(choice["Variable"], data) == choice["StringEquals"]:
            return str(choice["Next"])
    return str(state["Default"])


def _fill(template: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    filled: dict[str, Any] = {}
    for key, value in template.items():
        if isinstance(value, dict):
            filled[key] = _fill(value, data)
        elif key.endswith(".$"):
            filled[key.removesuffix(".$")] = _at(value, data)
        else:
            filled[key] = value
    return filled


def _at(path: str, data: dict[str, Any]) -> Any:
    formatted = re.fullmatch(r"States\.Format\('((?:[^'\\]|\\.)*)'((?:, *\$[\w.$]+)+)\)", path)
    if formatted:
        parts = [_at(part.strip(), data) for part in formatted[2].split(",")[1:]]
        assert formatted[1].count("{}") == len(parts)
        return formatted[1].format(*parts)
    if path == "$$.Execution.Id":
        return "arn:execution"
    assert path.startswith("$"), path
    value: Any = data
    for step in path.split(".")[1:]:
        value = value[step]
    return value


def _placed(path: str, data: dict[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    if path == "$":
        return result
    return data | {path.removeprefix("$."): result}
