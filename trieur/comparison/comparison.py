"""Both backends side by side: measured on the same examples, and weighed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from trieur.client import ClassifierError
from trieur.comparison.answers import MOST_EXAMPLES, Answers, Ask, Example, asked, recorded, split_examples
from trieur.comparison.judgement import Quality, paired, quality, recorded_quality
from trieur.comparison.matrix import BACKEND_NAMES, COLUMNS, Matrix
from trieur.comparison.pairs import Pair
from trieur.comparison.rules import Measured, measured_matrix
from trieur.comparison.statistics import Paired
from trieur.costs import Load, Machines, Prices, Text, WayCost, month_of
from trieur.dataset import Mode
from trieur.latency import Summary
from trieur.objects import ObjectStore
from trieur.runs import Run, RunStatus
from trieur.settings import Backend

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it, and of how much."""
MeasureLatency = Callable[[Backend], Summary | None]
"""Asks that backend's endpoint a few questions, as `trieur bench` does. Raises ClassifierError."""

# Said of a model that only stands in for what AWS would train.
_STAND_IN: Final = "stand-in"


@dataclass(frozen=True)
class Side:
    """One backend. `caveat` is what has to be said of its model wherever its figures are, `is_stand_in` whether the
    figures are those of another service than its own; `unanswered` why its endpoint was not asked, or not timed."""

    backend: Backend
    run: Run
    quality: Quality
    latency: Summary | None
    month: WayCost | None
    caveat: str | None
    unanswered: Text | None

    @property
    def is_stand_in(self) -> bool:
        return self.caveat is not None and _STAND_IN in self.caveat

    @property
    def seconds_to_live(self) -> float | None:
        """From the drop until it answered, of an endpoint started again until it did again; None where it does not."""
        if self.run.status is not RunStatus.LIVE:
            return None
        return (self.run.updated_at - self.run.dataset.dropped_at).total_seconds()

    @property
    def training_seconds(self) -> float | None:
        seconds: Mapping[str, float | None] = (self.run.metrics or {}).get("seconds", {})
        return seconds.get("train")

    def as_json(self) -> dict[str, Any]:
        return {
            "run_id": self.run.run_id,
            "status": str(self.run.status),
            "stand_in": self.is_stand_in,
            "caveat": self.caveat,
            "quality": self.quality.as_json(),
            "latency_ms": None if self.latency is None else self.latency.as_json(),
            "month": None
            if self.month is None
            else {"way": self.month.key, "usd": self.month.total if self.month.feasible else None},
            "seconds_to_live": self.seconds_to_live,
            "training_seconds": self.training_seconds,
            "unanswered": None if self.unanswered is None else self.unanswered.en,
        }


@dataclass(frozen=True)
class Comparison:
    """`paired` is None where single answers of one backend are not known; `is_local` says whose times these are."""

    classifier: str
    dataset: str
    sides: Mapping[Backend, Side]
    paired: Paired | None
    matrix: Matrix
    load: Load
    prices: Prices
    is_local: bool

    @property
    def caveats(self) -> tuple[Text, ...]:
        """What has to be said wherever these figures are."""
        said = [
            Text(f"{BACKEND_NAMES[backend]}: {side.caveat}", f"{BACKEND_NAMES[backend]} : {side.caveat}")
            for backend, side in self.sides.items()
            if side.caveat
        ]
        said += [side.unanswered for side in self.sides.values() if side.unanswered]
        if self.is_local:
            said.append(
                Text(
                    "Measured on the local AWS: times are this machine's, not AWS's.",
                    "Mesuré sur l'AWS local : les durées sont celles de cette machine, non celles d'AWS.",
                )
            )
        return tuple(said)

    def as_json(self) -> dict[str, Any]:
        return {
            "classifier": self.classifier,
            "dataset": self.dataset,
            "local": self.is_local,
            "backends": {backend: side.as_json() for backend, side in self.sides.items()},
            "paired": None
            if self.paired is None
            else {
                "only_comprehend_right": self.paired.only_comprehend,
                "only_camembert_right": self.paired.only_camembert,
                "p_value": self.paired.p_value,
            },
            "matrix": self.matrix.as_json(),
            "caveats": [caveat.en for caveat in self.caveats],
        }


def compare(
    pair: Pair,
    artifacts: ObjectStore,
    *,
    ask: Callable[[Backend], Ask],
    latency: MeasureLatency,
    load: Load,
    prices: Prices,
    matrix: Matrix | None = None,
    most: int = MOST_EXAMPLES,
    is_local: bool = False,
    progress: Progress = lambda _what, _done, _total: None,
) -> Comparison:
    """Ask both endpoints the same test examples, time them, and weigh what comes of it by rules, or by `matrix`.

    A backend whose endpoint does not answer with the run's model is judged by what the run recorded.
    """
    run = pair.runs["camembert"]
    examples = split_examples(artifacts, run, most)
    answers: dict[Backend, Answers | None] = {}
    summaries: dict[Backend, Summary | None] = {}
    silent: dict[Backend, Text | None] = {}
    for backend in COLUMNS:
        answers[backend], silent[backend] = _answers(pair, backend, artifacts, examples, ask, progress)
        found, summaries[backend] = answers[backend], None
        if found is not None and found.source == "endpoint":
            summaries[backend], silent[backend] = _timed(backend, latency)
    sides = {
        backend: Side(
            backend,
            pair.runs[backend],
            recorded_quality(pair.runs[backend]) if (one := answers[backend]) is None else quality(examples, one),
            summaries[backend],
            _month(pair.runs[backend], load, prices),
            _caveat(pair.runs[backend]),
            silent[backend],
        )
        for backend in COLUMNS
    }
    theirs, ours = answers["comprehend"], answers["camembert"]
    return Comparison(
        classifier=pair.classifier,
        dataset=f"{run.dataset.key} ({run.dataset.version})",
        sides=sides,
        paired=None if theirs is None or ours is None else paired(examples, theirs, ours),
        matrix=matrix or _weighed(sides),
        load=load,
        prices=prices,
        is_local=is_local,
    )


def _answers(
    pair: Pair,
    backend: Backend,
    artifacts: ObjectStore,
    examples: tuple[Example, ...],
    ask: Callable[[Backend], Ask],
    progress: Progress,
) -> tuple[Answers | None, Text | None]:
    """The answers, and why they were not had from the endpoint."""
    run, name = pair.runs[backend], BACKEND_NAMES[backend]
    mode: Mode = "multi-label" if run.dataset.mode == "multi-label" else "multi-class"
    if backend in pair.answering:
        try:
            found = asked(ask(backend), examples, mode, lambda done: progress(f"Asking {name}", done, len(examples)))
        except ClassifierError as error:
            why = Text(f"{name} was not asked: {error}", f"{name} n'a pas été interrogé : {error}")
        else:
            return found, None
    else:
        why = Text(
            f"{name} was not asked, for no endpoint answers with run {run.run_id}:"
            f" `trieur start {run.classifier} --backend {backend}` starts one.",
            f"{name} n'a pas été interrogé, aucun endpoint ne répondant avec le run {run.run_id} :"
            f" `trieur start {run.classifier} --backend {backend}` en démarre un.",
        )
    kept = recorded(artifacts, run, examples)
    if kept is None:
        and_so = Text(" Its figures are those of its training.", " Ses chiffres sont ceux de son entraînement.")
    else:
        and_so = Text(" Its answers are those recorded then.", " Ses réponses sont celles enregistrées alors.")
    return kept, Text(why.en + and_so.en, why.fr + and_so.fr)


def _timed(backend: Backend, latency: MeasureLatency) -> tuple[Summary | None, Text | None]:
    """How fast it answers, or why that is not known."""
    try:
        return latency(backend), None
    except ClassifierError as error:
        name = BACKEND_NAMES[backend]
        return None, Text(f"{name} was not timed: {error}", f"{name} n'a pas été chronométré : {error}")


def _month(run: Run, load: Load, prices: Prices) -> WayCost | None:
    """The way to serve that the run's settings ask for; None where its instance has no price."""
    settings = run.settings
    machines = Machines(
        hosting=(settings.endpoint.instance_type,),
        batch=settings.batch.instance_type,
        training=settings.training.instance_type,
    )
    ways = {way.key: way for way in month_of(load, prices, machines=machines).ways}
    if run.backend == "comprehend":
        return ways["comprehend-real-time" if load.is_always_on else "comprehend-hours"]
    if settings.endpoint.kind == "real-time":
        kind = "real-time" if load.is_always_on else "real-time-hours"
        return ways.get(f"{kind} {settings.endpoint.instance_type}")
    return ways["serverless"]


def _caveat(run: Run) -> str | None:
    note: str | None = ((run.metrics or {}).get("base_model") or {}).get("note")
    return note


def _weighed(sides: Mapping[Backend, Side]) -> Matrix:
    matrix = measured_matrix({backend: _measured(side) for backend, side in sides.items()})
    names = [BACKEND_NAMES[backend] for backend in COLUMNS if sides[backend].is_stand_in]
    if not names:
        return matrix
    whose = ", ".join(names)
    source = Text(
        f"{matrix.source.en} Those of {whose} are a stand-in's: its sum says nothing of the service.",
        f"{matrix.source.fr} Celles de {whose} sont d'un substitut : sa somme ne dit rien du service.",
    )
    return replace(matrix, source=source)


def _measured(side: Side) -> Measured:
    return Measured(
        milliseconds=None if side.latency is None else side.latency.p50,
        performance=side.quality.lowest,
        usd_a_month=None if side.month is None or not side.month.feasible else side.month.total,
        seconds_to_live=side.seconds_to_live,
    )
