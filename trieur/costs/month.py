"""A month of one load, served in every way."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Final

from trieur.costs.crossovers import Crossover, cheapest, crossovers
from trieur.costs.load import Load
from trieur.costs.prices import Prices
from trieur.costs.tariff import Way
from trieur.costs.ways import Machines, Unpriced, ways_of
from trieur.costs.wording import Text
from trieur.settings import BatchSettings, EndpointSettings, TrainingSettings

DEFAULT_MACHINES: Final = Machines(
    hosting=(EndpointSettings().instance_type, "ml.m5.xlarge"),
    batch=BatchSettings().instance_type,
    training=TrainingSettings().instance_type,
)


@dataclass(frozen=True)
class ItemCost:
    """A part of what a way costs, US dollars a month, and the sum that it comes from; `is_shared` where every way of
    the backend has it."""

    name: Text
    usd: float
    detail: Text
    is_shared: bool


@dataclass(frozen=True)
class WayCost:
    """What a month of the load costs one way. `total` is infinite where the way cannot serve the load."""

    key: str
    title: Text
    backend: str
    at_once: bool
    total: float
    items: tuple[ItemCost, ...]
    notes: tuple[Text, ...]

    @property
    def feasible(self) -> bool:
        return math.isfinite(self.total)


@dataclass(frozen=True)
class Month:
    """Every way to serve `load`, and where another becomes the cheapest."""

    load: Load
    prices: Prices
    tariffs: tuple[Way, ...]
    unpriced: tuple[Unpriced, ...]

    @cached_property
    def ways(self) -> tuple[WayCost, ...]:
        """Those that answer at once first, each kind from the cheapest to the dearest."""
        found = [_cost(way, self.load.questions) for way in self.tariffs]
        return tuple(sorted(found, key=lambda way: (not way.at_once, way.total)))

    def cheapest(self, *, at_once: bool) -> WayCost | None:
        """None where no way can serve the load."""
        way = cheapest(self._kind(at_once), self.load.questions)
        return None if way is None else _cost(way, self.load.questions)

    def crossovers(self, *, at_once: bool) -> tuple[Crossover, ...]:
        return tuple(crossovers(self._kind(at_once)))

    def title(self, key: str) -> Text:
        return next(way.title for way in self.tariffs if way.key == key)

    def as_json(self) -> dict[str, Any]:
        """What scripts are told: US dollars, null for what cannot serve the load."""
        return {
            "region": self.prices.region,
            "prices_seen": self.prices.seen,
            "currency": "USD",
            "usd_per_eur": self.prices.usd_per_eur,
            "load": asdict(self.load),
            "ways": [self._as_json(way) for way in self.ways],
            "crossovers": [
                {"at_once": at_once, "questions_a_month": one.questions, "before": one.before, "after": one.after}
                for at_once in (True, False)
                for one in self.crossovers(at_once=at_once)
            ],
            "not_priced": [one.instance_type for one in self.unpriced],
            "prices": {
                name: {"usd": price.usd, "region": price.region, "seen": price.seen, "source": price.source}
                for name, price in self.prices.listed()
            },
        }

    def _as_json(self, way: WayCost) -> dict[str, Any]:
        best = self.cheapest(at_once=way.at_once)
        return {
            "key": way.key,
            "title": way.title.en,
            "backend": way.backend,
            "at_once": way.at_once,
            "usd": way.total if way.feasible else None,
            "eur": self.prices.in_eur(way.total) if way.feasible else None,
            "cheapest": best is not None and best.key == way.key,
            "items": [{"name": item.name.en, "usd": item.usd, "detail": item.detail.en} for item in way.items],
            "notes": [note.en for note in way.notes],
        }

    def _kind(self, at_once: bool) -> Sequence[Way]:
        return [way for way in self.tariffs if way.at_once == at_once]


def month_of(
    load: Load, prices: Prices, *, machines: Machines = DEFAULT_MACHINES, has_comprehend: bool = True
) -> Month:
    """A month of `load` at `prices` on `machines`; without Comprehend where the region has none."""
    ways, unpriced = ways_of(load, prices, machines, has_comprehend=has_comprehend)
    return Month(load=load, prices=prices, tariffs=ways, unpriced=unpriced)


def _cost(way: Way, questions: float) -> WayCost:
    return WayCost(
        key=way.key,
        title=way.title,
        backend=way.backend,
        at_once=way.at_once,
        total=way.usd(questions),
        items=tuple(_items(way, questions)),
        notes=way.notes,
    )


def _items(way: Way, questions: float) -> Iterator[ItemCost]:
    if questions <= way.most:
        yield from (ItemCost(part.name, part.usd(questions), part.detail, part.is_shared) for part in way.parts)
