"""How good each backend is on the test examples, with 95 % intervals, and whether the difference could be chance."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from trieur.comparison.answers import Answers, Example, Source
from trieur.comparison.statistics import Paired
from trieur.intervals import macro_f1, macro_f1_interval, wilson
from trieur.runs import Run


@dataclass(frozen=True)
class Share:
    """A share of 1 with its interval; no interval where single answers are not known."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Quality:
    """`source` is `metrics` where only the run's recorded figures were at hand."""

    source: Source | Literal["metrics"]
    examples: int
    right: int
    refused: int
    accuracy: Share
    macro_f1: Share

    @property
    def lowest(self) -> float:
        """The smaller of accuracy and macro-F1."""
        return min(self.accuracy.value, self.macro_f1.value)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def quality(examples: Sequence[Example], answers: Answers) -> Quality:
    """Accuracy (every label right) with Wilson's interval, macro-F1 with that of a bootstrap."""
    pairs = zip(examples, answers.labels, strict=True)
    outcomes = Counter((frozenset(example.labels), frozenset(said)) for example, said in pairs)
    right = sum(number for (has, said), number in outcomes.items() if has == said)
    return Quality(
        answers.source,
        len(examples),
        right,
        answers.refused,
        Share(right / len(examples), *wilson(right, len(examples))),
        Share(macro_f1(outcomes), *macro_f1_interval(outcomes)),
    )


def recorded_quality(run: Run) -> Quality:
    """The figures of the run's own metrics, single answers unknown."""
    test: Mapping[str, Any] = (run.metrics or {})["test"]
    right = round(test["accuracy"] * test["examples"])
    f1_bounds = test.get("macro_f1_interval") or (None, None)
    return Quality(
        "metrics",
        test["examples"],
        right,
        0,
        Share(test["accuracy"], *wilson(right, test["examples"])),
        Share(test["macro_f1"], *f1_bounds),
    )


def paired(examples: Sequence[Example], comprehend: Answers, camembert: Answers) -> Paired:
    """The examples that only one of the two has right."""
    theirs, ours = (
        [set(said) == set(e.labels) for said, e in zip(answers.labels, examples, strict=True)]
        for answers in (comprehend, camembert)
    )
    return Paired(
        only_comprehend=sum(one and not other for one, other in zip(theirs, ours, strict=True)),
        only_camembert=sum(other and not one for one, other in zip(theirs, ours, strict=True)),
    )
