"""Today's prices, from the AWS Price List API (GetProducts), in place of the dated ones.

Its products tell themselves apart by their usage type, such as `EU-Host:ml.m5.xlarge`, `EU-ServerlessInf:Mem-2GB`.
Nothing is kept between calls.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from trieur.costs.prices import Price, Prices

if TYPE_CHECKING:
    from mypy_boto3_pricing import PricingClient
    from mypy_boto3_pricing.type_defs import FilterTypeDef

# The API is in few regions, and tells the prices of all.
ENDPOINT_REGION: Final = "us-east-1"
SOURCE: Final = "AWS Price List API"

_USES: Final = {"Host": "hosting", "Train": "training", "Tsform": "batch", "AsyncInf": "asynchronous"}
_INSTANCE: Final = re.compile(r"(?:^|-)(?P<use>Host|Train|Tsform|AsyncInf):(?P<type>ml\.[\w.-]+)$")
_SERVERLESS: Final = re.compile(r"(?:^|-)ServerlessInf:Mem-(?P<memory>[1-6])GB$")
# How Comprehend's usage types are spelt is not known here: they are known by words that all have to occur.
_COMPREHEND: Final = {
    "comprehend.training.hour": ("custom", "classif", "train"),
    "comprehend.model.month": ("custom", "model", "manag"),
    "comprehend.unit.second": ("custom", "classif", "inference", "unit"),
    "comprehend.bulk.100-characters": ("custom", "classif", "async"),
}
# A price so many times the dated one, or as much less, is of another unit than it seems.
_IMPLAUSIBLE: Final = 10


class PriceListUnavailable(Exception):
    """The price list could not be read; one sentence for people."""


@dataclass(frozen=True)
class LivePrices:
    """`prices` with those that AWS told; `replaced` are their names, `kept` why others are still the dated ones."""

    prices: Prices
    replaced: tuple[str, ...]
    kept: tuple[str, ...]


def live_prices(client: "PricingClient", prices: Prices, instance_types: Iterable[str]) -> LivePrices:
    """Ask for what SageMaker (for `instance_types`) and Comprehend cost in the region of `prices`.

    `client` is boto3's `pricing` in ENDPOINT_REGION. Raises PriceListUnavailable.
    """
    wanted = tuple(dict.fromkeys(instance_types))
    found: dict[str, Price] = {}
    kept: list[str] = []
    try:
        for name in wanted:
            found |= _instance_prices(_products(client, "AmazonSageMaker", prices.region, instanceName=name), prices)
        found |= _serverless_prices(
            _products(client, "AmazonSageMaker", prices.region, productFamily="ML Serverless"), prices
        )
        comprehend = list(_products(client, "comprehend", prices.region))
    except NoCredentialsError as error:
        raise PriceListUnavailable(
            "AWS's price list needs credentials, and none were found: run `aws configure`, or do without --live."
        ) from error
    except ClientError as error:
        code, said = error.response["Error"]["Code"], error.response["Error"]["Message"]
        raise PriceListUnavailable(
            f"AWS's price list could not be read: {said} ({code}); it takes the permission pricing:GetProducts."
        ) from error
    except (BotoCoreError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise PriceListUnavailable(f"AWS's price list could not be read: {error}.") from error
    for name, words in _COMPREHEND.items():
        told = _comprehend_price(name, words, comprehend, prices)
        if isinstance(told, Price):
            found[name] = told
        else:
            kept.append(told)
    for name in wanted:
        if f"sagemaker.hosting.{name}" not in found:
            kept.append(f"AWS lists no price of hosting on {name} in {prices.region}.")
    if not any(name.startswith("sagemaker.serverless.") for name in found):
        kept.append(f"AWS lists no price of serverless inference in {prices.region}.")
    return LivePrices(prices.with_prices(found), tuple(sorted(found)), tuple(kept))


@dataclass(frozen=True)
class _Product:
    usage: str
    words: str
    """Everything that names it, in small letters."""
    usd: float
    """Of the first unit."""
    seen: str


def _products(client: "PricingClient", service: str, region: str, **attributes: str) -> Iterator[_Product]:
    """The products on demand of a service in a region."""
    filters: list[FilterTypeDef] = [
        {"Type": "TERM_MATCH", "Field": field, "Value": value}
        for field, value in {"regionCode": region, **attributes}.items()
    ]
    pages = client.get_paginator("get_products").paginate(ServiceCode=service, Filters=filters, FormatVersion="aws_v1")
    for page in pages:
        for listed in page["PriceList"]:
            yield from _on_demand(json.loads(listed))


def _on_demand(document: Mapping[str, Any]) -> Iterator[_Product]:
    attributes = document["product"]["attributes"]
    for term in document["terms"].get("OnDemand", {}).values():
        dimensions = [one for one in term["priceDimensions"].values() if one.get("beginRange", "0") == "0"]
        for dimension in dimensions:
            if "USD" in dimension["pricePerUnit"]:
                words = " ".join([*map(str, attributes.values()), dimension["description"], dimension["unit"]])
                yield _Product(
                    usage=attributes["usagetype"],
                    words=words.lower(),
                    usd=float(dimension["pricePerUnit"]["USD"]),
                    seen=document["publicationDate"][:10],
                )


def _instance_prices(products: Iterable[_Product], prices: Prices) -> dict[str, Price]:
    return {
        f"sagemaker.{_USES[match['use']]}.{match['type']}": _price(product, prices)
        for product in products
        if product.usd > 0 and (match := _INSTANCE.search(product.usage))
    }


def _serverless_prices(products: Iterable[_Product], prices: Prices) -> dict[str, Price]:
    return {
        f"sagemaker.serverless.{match['memory']}gb.second": _price(product, prices)
        for product in products
        if product.usd > 0 and (match := _SERVERLESS.search(product.usage))
    }


def _comprehend_price(name: str, words: tuple[str, ...], products: Iterable[_Product], prices: Prices) -> Price | str:
    """The price, or the sentence that says why it is not taken."""
    matching = [product for product in products if product.usd > 0 and all(word in product.words for word in words)]
    amounts = {product.usd for product in matching}
    if not matching:
        return f"AWS's list shows no {name} in {prices.region}."
    if len(amounts) > 1:
        return f"AWS's list shows several prices that may be {name}: {', '.join(f'{a:g}' for a in sorted(amounts))} $."
    [usd] = amounts
    dated = prices.usd(name)
    if not dated / _IMPLAUSIBLE < usd < dated * _IMPLAUSIBLE:
        return f"AWS's list shows {usd:g} $ for {name}, too far from the dated {dated:g} $ to be of the same unit."
    return _price(matching[0], prices)


def _price(product: _Product, prices: Prices) -> Price:
    return Price(product.usd, prices.region, product.seen, SOURCE)
