"""The ways to serve a classifier, each with what a month of a load makes it cost."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from trieur.costs.fixed import month_of_runs
from trieur.costs.load import MONTH_HOURS, Load
from trieur.costs.prices import Price, Prices, Use
from trieur.costs.tariff import Part, Way, steps
from trieur.costs.wording import Text, both

# The limits of the settings: instances and inference units of one endpoint.
MOST_INSTANCES: Final = 100
MOST_UNITS: Final = 10
# One inference unit of Comprehend.
UNIT_DOCUMENTS: Final = 2.0
UNIT_CHARACTERS: Final = 100.0
# Asynchronously, characters are paid by the hundred, and three hundreds at least a document.
BULK_CHARACTERS: Final = 100
BULK_LEAST_UNITS: Final = 3
# A machine of a job is paid while it starts; an asynchronous endpoint's also while it waits before it goes.
START_SECONDS: Final = 240.0
WAIT_SECONDS: Final = 900.0
# Idle Comprehend endpoints are looked for every ten minutes.
FOUND_AFTER_HOURS: Final = 1 / 6
GIGABYTE: Final = 1e9

_INSTANCES = Text("instances", "instances")
_DATA = Text("data", "données")
_COMPUTING = Text("computing", "calcul")


@dataclass(frozen=True)
class Unpriced:
    """An instance type whose price nobody has told."""

    instance_type: str

    @property
    def sentence(self) -> Text:
        return both(
            "No price is known of {name}: give it (--instance {name}=USD, an hour) or ask AWS (--live).",
            "Aucun prix n'est connu pour {name} : donnez-le (--instance {name}=USD, par heure) ou demandez-le à AWS"
            " (--live).",
            name=self.instance_type,
        )


@dataclass(frozen=True)
class Machines:
    """The instance types that real-time endpoints, batches and trainings are reckoned with."""

    hosting: tuple[str, ...]
    batch: str
    training: str


def ways_of(
    load: Load, prices: Prices, machines: Machines, *, has_comprehend: bool
) -> tuple[tuple[Way, ...], tuple[Unpriced, ...]]:
    """Every way that a price is known for, and the instance types that none is known for."""
    hosts = [name for name in machines.hosting if prices.instance(name, "hosting")]
    unknown = [name for name in machines.hosting if name not in hosts]
    camembert = month_of_runs("camembert", load, prices, machines.training)
    ways = [_serverless(load, prices, camembert)]
    for name in hosts:
        ways.extend(_real_time(load, prices, name, camembert))
    if prices.instance(machines.batch, "batch"):
        ways.append(_batch(load, prices, machines.batch, camembert))
    else:
        unknown.append(machines.batch)
    ways.extend(_asynchronous(load, prices, name, camembert) for name in hosts)
    if has_comprehend:
        comprehend = month_of_runs("comprehend", load, prices, machines.training)
        ways.extend(_comprehend_real_time(load, prices, comprehend))
        ways.append(_comprehend_bulk(load, prices, comprehend))
    return tuple(ways), tuple(Unpriced(name) for name in dict.fromkeys(unknown))


def bulk_units(characters: float) -> int:
    """What Comprehend counts an asynchronous document of so many characters as."""
    return max(BULK_LEAST_UNITS, steps(characters, BULK_CHARACTERS))


def _serverless(load: Load, prices: Prices, runs: tuple[Part, ...]) -> Way:
    second = prices.serverless_second(load.memory_gb)
    per_question = load.milliseconds / 1000 * second.usd
    computing = Part(
        _COMPUTING,
        both(
            "{questions} × {seconds} s × {memory} GB × {price} $",
            "{questions} × {seconds} s × {memory} Go × {price} $",
            questions=load.questions,
            seconds=load.milliseconds / 1000,
            memory=load.memory_gb,
            price=second.usd / load.memory_gb,
        ),
        per_question=per_question,
    )
    return Way(
        key="serverless",
        title=both(
            "SageMaker serverless, {memory} GB", "SageMaker serverless, {memory} Go", memory=float(load.memory_gb)
        ),
        backend="camembert",
        at_once=True,
        parts=(computing, _data(load, prices), *runs),
        most=load.most_of(load.max_concurrency * 1000 / load.milliseconds),
        notes=tuple(_of_another_region(second, prices)),
    )


def _real_time(load: Load, prices: Prices, name: str, runs: tuple[Part, ...]) -> Iterator[Way]:
    price = _price(prices, name, "hosting")
    capacity = load.most_of(1000 / load.milliseconds)
    number = steps(load.questions, capacity)

    def way(key: str, title: Text, hours: float, notes: Sequence[Text]) -> Way:
        part = Part(
            _INSTANCES,
            both("{n} × {hours} h × {price} $", "{n} × {hours} h × {price} $", n=number, hours=hours, price=price.usd),
            per_step=hours * price.usd,
            capacity=capacity,
        )
        return Way(
            key=key,
            title=title,
            backend="camembert",
            at_once=True,
            parts=(part, _data(load, prices), *runs),
            most=MOST_INSTANCES * capacity,
            notes=(*_of_another_region(price, prices), *notes),
        )

    yield way(
        f"real-time {name}",
        both("SageMaker real time, {name}", "SageMaker temps réel, {name}", name=name),
        MONTH_HOURS,
        (),
    )
    if not load.is_always_on:
        by_hand = Text(
            "Trieur deletes no SageMaker endpoint by itself: a schedule of yours has to.",
            "Trieur ne supprime pas de lui-même un endpoint SageMaker : à vous de le planifier.",
        )
        title = both(
            "SageMaker real time, {name}, {hours} h a week",
            "SageMaker temps réel, {name}, {hours} h par semaine",
            name=name,
            hours=load.hours_a_week,
        )
        yield way(f"real-time-hours {name}", title, load.hours_on, [by_hand])


def _comprehend_real_time(load: Load, prices: Prices, runs: tuple[Part, ...]) -> Iterator[Way]:
    hour = prices.usd("comprehend.unit.second") * 3600
    capacity = load.most_of(min(UNIT_DOCUMENTS, UNIT_CHARACTERS / load.characters))
    units = steps(load.questions, capacity)

    def part(name: Text, hours: float) -> Part:
        return Part(
            name,
            both("{n} × {hours} h × {price} $", "{n} × {hours} h × {price} $", n=units, hours=hours, price=hour),
            per_step=hours * hour,
            capacity=capacity,
        )

    def way(key: str, title: Text, *parts: Part) -> Way:
        return Way(
            key=key, title=title, backend="comprehend", at_once=True, parts=(*parts, *runs), most=MOST_UNITS * capacity
        )

    name = Text("inference units", "unités d'inférence")
    yield way(
        "comprehend-real-time", Text("Comprehend real time", "Comprehend temps réel"), part(name, float(MONTH_HOURS))
    )
    if not load.is_always_on:
        idle = load.starts_a_week / 7 * 30 * (load.idle_hours + FOUND_AFTER_HOURS) if load.idle_hours else 0.0
        waiting = Text("idle until deleted", "inactif avant suppression")
        yield way(
            "comprehend-hours",
            both(
                "Comprehend real time, {hours} h a week",
                "Comprehend temps réel, {hours} h par semaine",
                hours=load.hours_a_week,
            ),
            part(name, load.hours_on),
            *([part(waiting, idle)] if idle else []),
        )


def _asynchronous(load: Load, prices: Prices, name: str, runs: tuple[Part, ...]) -> Way:
    # Dated lists do not always tell the uses of an instance apart: AWS asks the same for all of them.
    price = prices.instance(name, "asynchronous") or _price(prices, name, "hosting")
    title = both("SageMaker asynchronous, {name}", "SageMaker asynchrone, {name}", name=name)
    not_ours = Text("Trieur deploys no such endpoint.", "Trieur ne déploie pas de tel endpoint.")
    parts = _of_jobs(load, price, START_SECONDS + WAIT_SECONDS)
    return Way(
        key=f"asynchronous {name}",
        title=title,
        backend="camembert",
        at_once=False,
        parts=(*parts, *runs),
        notes=(*_of_another_region(price, prices), not_ours),
    )


def _batch(load: Load, prices: Prices, name: str, runs: tuple[Part, ...]) -> Way:
    price = _price(prices, name, "batch")
    return Way(
        key=f"batch {name}",
        title=both("SageMaker batch transform, {name}", "SageMaker batch transform, {name}", name=name),
        backend="camembert",
        at_once=False,
        parts=(*_of_jobs(load, price, START_SECONDS), *runs),
        notes=tuple(_of_another_region(price, prices)),
    )


def _of_jobs(load: Load, price: Price, wasted: float) -> tuple[Part, Part]:
    """A machine that answers in jobs, each with so many seconds in which it answers nothing."""
    starting = both(
        "{jobs} × {minutes} min × {price} $/h",
        "{jobs} × {minutes} min × {price} $/h",
        jobs=load.jobs,
        minutes=wasted / 60,
        price=price.usd,
    )
    computing = both(
        "{questions} × {seconds} s × {price} $/h",
        "{questions} × {seconds} s × {price} $/h",
        questions=load.questions,
        seconds=load.milliseconds / 1000,
        price=price.usd,
    )
    return (
        Part(
            Text("starting and waiting", "démarrage et attente"),
            starting,
            fixed=load.jobs * wasted / 3600 * price.usd,
        ),
        Part(_COMPUTING, computing, per_question=load.milliseconds / 3_600_000 * price.usd),
    )


def _comprehend_bulk(load: Load, prices: Prices, runs: tuple[Part, ...]) -> Way:
    units, price = bulk_units(load.characters), prices.usd("comprehend.bulk.100-characters")
    part = Part(
        Text("characters", "caractères"),
        both(
            "{questions} × {units} units of 100 characters × {price} $",
            "{questions} × {units} unités de 100 caractères × {price} $",
            questions=load.questions,
            units=units,
            price=price,
        ),
        per_question=units * price,
    )
    return Way(
        key="comprehend-bulk",
        title=Text("Comprehend asynchronous", "Comprehend asynchrone"),
        backend="comprehend",
        at_once=False,
        parts=(part, *runs),
    )


def _data(load: Load, prices: Prices) -> Part:
    gigabytes, price = (load.characters + load.answer_bytes) / GIGABYTE, prices.usd("sagemaker.data.gb")
    return Part(
        _DATA,
        both(
            "{gb} GB in and out × {price} $",
            "{gb} Go en entrée et sortie × {price} $",
            gb=gigabytes * load.questions,
            price=price,
        ),
        per_question=gigabytes * price,
    )


def _price(prices: Prices, name: str, use: Use) -> Price:
    price = prices.instance(name, use)
    assert price is not None, "ways are made of priced instances only"
    return price


def _of_another_region(price: Price, prices: Prices) -> Iterator[Text]:
    if price.region != prices.region:
        yield both(
            "The price is that of {other}: {region}'s is not known here.",
            "Le prix est celui de {other} : celui de {region} n'est pas connu ici.",
            other=price.region,
            region=prices.region,
        )
