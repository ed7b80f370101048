"""How measurements become notes from 1 to 5: the rules, which are printed with the matrix.

Given what was published of both backends (no images against three things to bring, 344 against 106 ms, 94 against
100 %, 1,300 $ against 72 EUR) they give the published notes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from trieur.comparison.matrix import COEFFICIENTS, COLUMNS, HIGHEST_NOTE, LOWEST_NOTE, NAMES, Criterion, Matrix
from trieur.costs.wording import Text, duration, number
from trieur.settings import Backend

LONG_WAY_SECONDS: Final = 3_600.0

# What is to be there before the first dataset, and what is to be looked after from then on: docs/backends.md.
TO_PROVIDE: Final[Mapping[Backend, tuple[Text, ...]]] = {
    "comprehend": (),
    "camembert": (
        Text("a training image", "une image d'entraînement"),
        Text("a serving image", "une image d'inférence"),
        Text("a base model's weights", "les poids d'un modèle de base"),
    ),
}
TO_LOOK_AFTER: Final[Mapping[Backend, tuple[Text, ...]]] = {
    "comprehend": (Text("an endpoint that costs while it stands", "un endpoint qui coûte tant qu'il existe"),),
    "camembert": (
        Text("the training image", "l'image d'entraînement"),
        Text("the serving image", "l'image d'inférence"),
        Text("the base model", "le modèle de base"),
    ),
}


@dataclass(frozen=True)
class Scale:
    """A criterion whose note is read off a measured value: 5 within the first of `bounds`, 1 beyond the last.

    `rising` where more is better: the bounds are then the least values instead of the most.
    """

    key: str
    what: Text
    unit: str
    bounds: tuple[float, float, float, float]
    rising: bool = False

    def note(self, value: float) -> float:
        sign = -1 if self.rising else 1
        return float(HIGHEST_NOTE - sum(sign * value > sign * bound + _HAIR for bound in self.bounds))

    @property
    def rule(self) -> Text:
        steps = list(zip(range(HIGHEST_NOTE, LOWEST_NOTE, -1), self.bounds, strict=True))
        word = Text("from", "dès") if self.rising else Text("up to", "jusqu'à")
        english = ", ".join(f"{given} {word.en} {number(bound)}" for given, bound in steps)
        french = ", ".join(f"{given} {word.fr} {number(bound, 'fr')}" for given, bound in steps)
        return Text(
            f"{self.what.en}, in {self.unit}: {english}, else {LOWEST_NOTE}",
            f"{self.what.fr}, en {self.unit} : {french}, sinon {LOWEST_NOTE}",
        )

    def reason(self, value: float) -> Text:
        return Text(f"{number(value)} {self.unit}", f"{number(value, 'fr')} {self.unit}")


SPEED: Final = Scale("speed", Text("the median answer", "la réponse médiane"), "ms", (400, 1_000, 2_000, 5_000))
PERFORMANCE: Final = Scale(
    "performance",
    Text("the smaller of accuracy and macro-F1", "la plus petite de l'exactitude et de la macro-F1"),
    "%",
    (98, 90, 80, 65),
    rising=True,
)
COST: Final = Scale("cost", Text("a month", "un mois"), "$", (10, 100, 300, 1_000))
# The least difference that floating point makes of equal values is none.
_HAIR: Final = 1e-9


@dataclass(frozen=True)
class Measured:
    """What notes are given for; None where it could not be measured."""

    milliseconds: float | None
    """The median time of an answer."""
    performance: float
    """The smaller of accuracy and macro-F1, from 0 to 1."""
    usd_a_month: float | None
    seconds_to_live: float | None


def measured_matrix(of: Mapping[Backend, Measured]) -> Matrix:
    """The matrix of two measured backends. A criterion that is not measured of both is left out."""
    criteria = [
        _creation(of),
        _industrialisation(),
        *_scaled(SPEED, {backend: one.milliseconds for backend, one in of.items()}),
        *_scaled(PERFORMANCE, {backend: one.performance * 100 for backend, one in of.items()}),
        *_scaled(COST, {backend: one.usd_a_month for backend, one in of.items()}),
    ]
    source = Text(
        "Notes from the measurements, by the rules below.", "Notes tirées des mesures, selon les règles ci-dessous."
    )
    given = {criterion.key for criterion in criteria}
    left_out = [name for key, name in NAMES.items() if key not in given]
    if left_out:
        source = Text(
            f"{source.en} Not measured of both, and left out: {', '.join(name.en for name in left_out)}.",
            f"{source.fr} Non mesurés pour les deux, et omis : {', '.join(name.fr for name in left_out)}.",
        )
    return Matrix(tuple(criteria), source)


def _creation(of: Mapping[Backend, Measured]) -> Criterion:
    notes: dict[Backend, float] = {}
    reasons: dict[Backend, Text] = {}
    for backend in COLUMNS:
        seconds = of[backend].seconds_to_live
        is_long = seconds is not None and seconds > LONG_WAY_SECONDS
        things = TO_PROVIDE[backend]
        notes[backend] = max(LOWEST_NOTE, HIGHEST_NOTE - len(things) - is_long)
        took = _way_to_live(seconds)
        reasons[backend] = Text(f"{_listed(things).en}; {took.en}", f"{_listed(things).fr} ; {took.fr}")
    rule = Text(
        "5, less one for each thing that has to be provided before the first dataset, less one if it took more than an"
        " hour from drop to live",
        "5, moins un par chose à fournir avant le premier jeu de données, moins un s'il a fallu plus d'une heure entre"
        " le dépôt et la mise en service",
    )
    return Criterion("creation", NAMES["creation"], COEFFICIENTS["creation"], notes, reasons, rule)


def _industrialisation() -> Criterion:
    return Criterion(
        "industrialisation",
        NAMES["industrialisation"],
        COEFFICIENTS["industrialisation"],
        {backend: max(LOWEST_NOTE, HIGHEST_NOTE - len(TO_LOOK_AFTER[backend])) for backend in COLUMNS},
        {backend: _listed(TO_LOOK_AFTER[backend]) for backend in COLUMNS},
        Text(
            "5, less one for each thing that has to be looked after from then on",
            "5, moins un par chose à entretenir ensuite",
        ),
    )


def _scaled(scale: Scale, values: Mapping[Backend, float | None]) -> Iterator[Criterion]:
    known = {backend: value for backend, value in values.items() if value is not None}
    if len(known) == len(COLUMNS):
        yield Criterion(
            scale.key,
            NAMES[scale.key],
            COEFFICIENTS[scale.key],
            {backend: scale.note(known[backend]) for backend in COLUMNS},
            {backend: scale.reason(known[backend]) for backend in COLUMNS},
            scale.rule,
        )


def _listed(things: Sequence[Text]) -> Text:
    if not things:
        return Text("nothing", "rien")
    return Text(", ".join(thing.en for thing in things), ", ".join(thing.fr for thing in things))


def _way_to_live(seconds: float | None) -> Text:
    if seconds is None:
        return Text("time to live unknown", "délai de mise en service inconnu")
    took = duration(seconds)
    return Text(f"{took.en} from drop to live", f"{took.fr} du dépôt à la mise en service")
