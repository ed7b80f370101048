"""What AWS asks: the prices of `prices.json`, of one region, each with where it is from.

Names of prices: `sagemaker.<use>.<instance type>` an hour (use `hosting`, `training`, `batch`, `asynchronous`, or
`instance` for every use), `sagemaker.serverless.gb-second`, `sagemaker.data.gb`, `comprehend.training.hour`,
`comprehend.model.month`, `comprehend.unit.second`, `comprehend.bulk.100-characters`, and those of the pipeline's parts.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

FILE: Final = Path(__file__).with_name("prices.json")
DEFAULT_REGION: Final = "eu-west-1"

Use = Literal["hosting", "training", "batch", "asynchronous"]


class UnknownRegion(ValueError):
    """No AWS region is named so; one sentence for people."""


class UnknownPrice(LookupError):
    """A price is neither in the file nor given; one sentence for people."""


@dataclass(frozen=True)
class Price:
    """`usd` a unit, as seen in `region` at `seen` (a year and month, or a day)."""

    usd: float
    region: str
    seen: str
    source: str


@dataclass(frozen=True)
class Prices:
    """The prices of `region`. What the file does not have of it is taken from the other regions, in their order."""

    region: str
    seen: str
    usd_per_eur: float
    exchange: str
    tables: tuple[Mapping[str, Price], ...]

    def find(self, name: str) -> Price | None:
        return next((table[name] for table in self.tables if name in table), None)

    def usd(self, name: str) -> float:
        """US dollars of the price named so. Raises UnknownPrice."""
        price = self.find(name)
        if price is None:
            raise UnknownPrice(f"No price is known of {name}.")
        return price.usd

    def instance(self, instance_type: str, use: Use) -> Price | None:
        """The price of an hour of one instance, or None where it is known of no region."""
        names = (f"sagemaker.{use}.{instance_type}", f"sagemaker.instance.{instance_type}")
        return next((table[name] for table in self.tables for name in names if name in table), None)

    def serverless_second(self, memory_gb: int) -> Price:
        """The price of a second of a serverless endpoint of so much memory. Raises UnknownPrice."""
        own = self.find(f"sagemaker.serverless.{memory_gb}gb.second")
        if own is not None:
            return own
        name = "sagemaker.serverless.gb-second"
        price = self.find(name)
        if price is None:
            raise UnknownPrice(f"No price is known of {name}.")
        return replace(price, usd=price.usd * memory_gb)

    def instance_types(self) -> tuple[str, ...]:
        """Every instance type of which a price is known, in alphabetical order."""
        found = {match[1] for table in self.tables for name in table if (match := re.search(r"\.(ml\..+)$", name))}
        return tuple(sorted(found))

    def in_eur(self, usd: float) -> float:
        return usd / self.usd_per_eur

    def with_prices(self, prices: Mapping[str, Price]) -> "Prices":
        """These prices, `prices` going before them."""
        return replace(self, tables=(prices, *self.tables))

    def with_instances(self, per_hour: Mapping[str, float]) -> "Prices":
        """These prices with what somebody says an hour of instance types costs, whatever they are used for."""
        return self.with_prices(
            {
                f"sagemaker.{use}.{name}": Price(usd, self.region, self.seen, "given")
                for name, usd in per_hour.items()
                for use in ("hosting", "training", "batch", "asynchronous")
            }
        )

    def with_rate(self, usd_per_eur: float) -> "Prices":
        return replace(self, usd_per_eur=usd_per_eur, exchange="given")

    def listed(self) -> Iterator[tuple[str, Price]]:
        """Every price that goes before others of its name, by name."""
        names = sorted({name for table in self.tables for name in table})
        for name in names:
            price = self.find(name)
            assert price is not None
            yield name, price


def has_comprehend(region: str) -> bool:
    """Whether AWS offers Comprehend there, as botocore's list of endpoints has it."""
    from botocore.loaders import create_loader
    from botocore.regions import EndpointResolver

    # No session: that wants the profile of AWS_PROFILE to be there, and no AWS is asked.
    return region in EndpointResolver(create_loader().load_data("endpoints")).get_available_endpoints("comprehend")


def dated_prices(region: str = DEFAULT_REGION) -> Prices:
    """The prices of the dated file. Raises UnknownRegion for what no region can be named."""
    if re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", region) is None:
        raise UnknownRegion(f"{region!r} is not the name of an AWS region, such as {DEFAULT_REGION}.")
    document = json.loads(FILE.read_text(encoding="utf-8"))
    sources, seen, exchange = document["sources"], document["seen"], document["exchange"]
    tables = {
        place: {name: Price(usd, place, seen, sources[source]) for name, (usd, source) in table.items()}
        for place, table in document["prices"].items()
    }
    order = [region, *(place for place in tables if place != region)]
    return Prices(
        region=region,
        seen=seen,
        usd_per_eur=exchange["usd_per_eur"],
        exchange=f"{exchange['source']}, {exchange['date']}",
        tables=tuple(tables.get(place, {}) for place in order),
    )
