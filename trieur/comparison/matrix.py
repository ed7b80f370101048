"""The decision matrix: criteria with coefficients, notes from 1 to 5, and their weighted sums."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from trieur.costs.wording import Text
from trieur.settings import Backend

LOWEST_NOTE: Final = 1
HIGHEST_NOTE: Final = 5
# The order of the published table.
COLUMNS: Final[tuple[Backend, ...]] = ("comprehend", "camembert")
BACKEND_NAMES: Final[Mapping[Backend, str]] = {"comprehend": "Comprehend", "camembert": "CamemBERT"}


@dataclass(frozen=True)
class Criterion:
    """One row. `reasons` say of each backend what its note comes from, `rule` how notes are given."""

    key: str
    name: Text
    coefficient: float
    notes: Mapping[Backend, float]
    reasons: Mapping[Backend, Text]
    rule: Text | None = None

    def weighted(self, backend: Backend) -> float:
        return self.notes[backend] * self.coefficient


@dataclass(frozen=True)
class Matrix:
    """`source` says where the notes are from."""

    criteria: tuple[Criterion, ...]
    source: Text

    def total(self, backend: Backend) -> float:
        return sum(criterion.weighted(backend) for criterion in self.criteria)

    @property
    def most(self) -> float:
        """What the highest notes throughout would add up to."""
        return HIGHEST_NOTE * sum(criterion.coefficient for criterion in self.criteria)

    @property
    def winner(self) -> Backend | None:
        """None for equal sums."""
        first, second = COLUMNS
        difference = self.total(first) - self.total(second)
        if abs(difference) < 1e-9:
            return None
        return first if difference > 0 else second

    def verdict(self) -> Text:
        """Which has the higher sum, in a sentence."""
        totals = {backend: f"{self.total(backend):g}" for backend in COLUMNS}
        winner = self.winner
        if winner is None:
            [total] = set(totals.values())
            return Text(f"Equal: {total} each, of {self.most:g}.", f"Égalité : {total} chacun, sur {self.most:g}.")
        loser = next(backend for backend in COLUMNS if backend != winner)
        return Text(
            f"{BACKEND_NAMES[winner]}: {totals[winner]} against {totals[loser]}, of {self.most:g}.",
            f"{BACKEND_NAMES[winner]} : {totals[winner]} contre {totals[loser]}, sur {self.most:g}.",
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "source": self.source.en,
            "criteria": [
                {
                    "key": one.key,
                    "name": one.name.en,
                    "coefficient": one.coefficient,
                    "notes": dict(one.notes),
                    "reasons": {backend: reason.en for backend, reason in one.reasons.items()},
                    "rule": None if one.rule is None else one.rule.en,
                }
                for one in self.criteria
            ],
            "totals": {backend: self.total(backend) for backend in COLUMNS},
            "most": self.most,
            "winner": self.winner,
        }


NAMES: Final[Mapping[str, Text]] = {
    "creation": Text("creation", "création"),
    "industrialisation": Text("industrialisation", "industrialisation"),
    "speed": Text("speed", "rapidité"),
    "performance": Text("performance", "performance"),
    "cost": Text("cost", "coût"),
}
COEFFICIENTS: Final[Mapping[str, float]] = {
    "creation": 3,
    "industrialisation": 2,
    "speed": 5,
    "performance": 4,
    "cost": 4,
}
_PUBLISHED_NOTES: Final[Mapping[str, tuple[int, int]]] = {
    "creation": (5, 2),
    "industrialisation": (4, 2),
    "speed": (5, 5),
    "performance": (4, 5),
    "cost": (1, 4),
}


def published() -> Matrix:
    """The matrix as a consultancy published it."""
    return Matrix(
        tuple(
            Criterion(key, NAMES[key], COEFFICIENTS[key], dict(zip(COLUMNS, notes, strict=True)), {})
            for key, notes in _PUBLISHED_NOTES.items()
        ),
        Text(
            "Notes as a consultancy published them; not measured here.",
            "Notes telles que publiées par un cabinet de conseil ; non mesurées ici.",
        ),
    )
