"""The AWS Price List API: which dated prices its products replace, and what is said when it has no answer."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError, NoCredentialsError
from botocore.stub import Stubber

from trieur.costs import PriceListUnavailable, dated_prices, live_prices

M5 = "ml.m5.xlarge"


def product(service: str, usage: str, usd: str, unit: str, description: str, **attributes: str) -> str:
    """One entry of a PriceList, as GetProducts returns it: a JSON text."""
    sku = f"SKU-{usage}"
    dimension = {
        "rateCode": f"{sku}.JRTCKXETXF.6YS6EN2CT7",
        "unit": unit,
        "beginRange": "0",
        "endRange": "Inf",
        "description": description,
        "appliesTo": [],
        "pricePerUnit": {"USD": usd},
    }
    term = {
        "sku": sku,
        "offerTermCode": "JRTCKXETXF",
        "effectiveDate": "2026-11-01T00:00:00Z",
        "priceDimensions": {dimension["rateCode"]: dimension},
        "termAttributes": {},
    }
    return json.dumps(
        {
            "product": {
                "sku": sku,
                "attributes": {"usagetype": usage, "regionCode": "eu-west-1", "servicecode": service, **attributes},
            },
            "serviceCode": service,
            "terms": {"OnDemand": {f"{sku}.JRTCKXETXF": term}},
            "version": "20261120120000",
            "publicationDate": "2026-11-20T12:00:00Z",
        }
    )


HOST = product("AmazonSageMaker", f"EU-Host:{M5}", "0.2600000000", "Hrs", f"$0.26 per Hosting {M5} hour")
TRAIN = product("AmazonSageMaker", f"EU-Train:{M5}", "0.2610000000", "Hrs", f"$0.261 per Training {M5} hour")
NOTEBOOK = product("AmazonSageMaker", f"EU-Notebk:{M5}", "9.0000000000", "Hrs", "per Notebook hour")
FREE = product("AmazonSageMaker", f"EU-Host:{M5}", "0.0000000000", "Hrs", "free")
SERVERLESS = [
    product("AmazonSageMaker", f"EU-ServerlessInf:Mem-{gb}GB", f"{0.000021 * gb:.10f}", "Second", "serverless")
    for gb in range(1, 7)
]
PROVISIONED = product("AmazonSageMaker", "EU-ServerlessInf:Provisioned-Mem-2GB", "0.5", "Second", "provisioned")
UNIT = product("comprehend", "EU-CustomClassification-IU", "0.0006", "Second", "Custom classification inference unit")
SEVERAL = [
    product("comprehend", f"EU-CustomClassTrain-{n}", f"{n}", "Hour", "Custom classification training hour")
    for n in (3, 4)
]
FAR_OFF = product("comprehend", "EU-CustomModelManagement", "500", "Month", "Custom model management")


@pytest.fixture
def stubber() -> Iterator[Stubber]:
    client = boto3.client("pricing", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
    with Stubber(client) as stubber:
        yield stubber


def expected(service: str, **attributes: str) -> dict[str, Any]:
    wanted = {"regionCode": "eu-west-1", **attributes}
    filters = [{"Type": "TERM_MATCH", "Field": field, "Value": value} for field, value in wanted.items()]
    return {"ServiceCode": service, "Filters": filters, "FormatVersion": "aws_v1"}


def answers(stubber: Stubber, instance: list[str], serverless: list[str], comprehend: list[str]) -> None:
    for service, attributes, listed in (
        ("AmazonSageMaker", {"instanceName": M5}, instance),
        ("AmazonSageMaker", {"productFamily": "ML Serverless"}, serverless),
        ("comprehend", {}, comprehend),
    ):
        stubber.add_response(
            "get_products", {"FormatVersion": "aws_v1", "PriceList": listed}, expected(service, **attributes)
        )


def test_what_aws_tells_goes_before_the_dated_prices(stubber: Stubber) -> None:
    answers(stubber, [NOTEBOOK, FREE, HOST, TRAIN], [PROVISIONED, *SERVERLESS], [UNIT])
    live = live_prices(stubber.client, dated_prices(), [M5, M5])
    stubber.assert_no_pending_responses()

    def hour(use: Any) -> float:
        price = live.prices.instance(M5, use)
        assert price is not None
        return price.usd

    assert (hour("hosting"), hour("training"), hour("batch")) == (0.26, 0.261, 0.257)
    assert live.prices.serverless_second(2).usd == pytest.approx(0.000042)
    assert live.prices.usd("comprehend.unit.second") == 0.0006
    found = live.prices.find("comprehend.unit.second")
    assert found is not None
    assert (found.seen, found.source, found.region) == ("2026-11-20", "AWS Price List API", "eu-west-1")
    assert {f"sagemaker.hosting.{M5}", f"sagemaker.training.{M5}", "comprehend.unit.second"} < set(live.replaced)
    assert len(live.replaced) == 3 + 6


def test_what_is_not_told_for_certain_stays_dated_and_is_named(stubber: Stubber) -> None:
    answers(stubber, [], [], [*SEVERAL, FAR_OFF])
    live = live_prices(stubber.client, dated_prices(), [M5])
    assert live.replaced == ()
    assert live.prices.usd("comprehend.training.hour") == 3
    assert live.prices.usd("comprehend.model.month") == 0.5
    said = "\n".join(live.kept)
    for words in ("several prices", "3, 4 $", "500 $", "no comprehend.unit.second", f"hosting on {M5}", "serverless"):
        assert words in said


def test_pages_are_followed(stubber: Stubber) -> None:
    first = {"FormatVersion": "aws_v1", "PriceList": [TRAIN], "NextToken": "more"}
    asked = expected("AmazonSageMaker", instanceName=M5)
    stubber.add_response("get_products", first, asked)
    stubber.add_response("get_products", {"PriceList": [HOST]}, {**asked, "NextToken": "more"})
    for service, attributes in (("AmazonSageMaker", {"productFamily": "ML Serverless"}), ("comprehend", {})):
        stubber.add_response("get_products", {"PriceList": []}, expected(service, **attributes))
    live = live_prices(stubber.client, dated_prices(), [M5])
    assert live.replaced == (f"sagemaker.hosting.{M5}", f"sagemaker.training.{M5}")


def test_a_refusal_names_the_permission(stubber: Stubber) -> None:
    stubber.add_client_error("get_products", "AccessDeniedException", "You may not.")
    with pytest.raises(PriceListUnavailable, match=r"You may not\. \(AccessDeniedException\).*pricing:GetProducts"):
        live_prices(stubber.client, dated_prices(), [M5])


@pytest.mark.parametrize("listed", ["no json", "{}", "[]", '{"product": null}'], ids=["text", "empty", "list", "null"])
def test_an_answer_of_another_form_is_one_sentence(stubber: Stubber, listed: str) -> None:
    stubber.add_response("get_products", {"PriceList": [listed]})
    with pytest.raises(PriceListUnavailable, match="could not be read"):
        live_prices(stubber.client, dated_prices(), [M5])


class Broken:
    def __init__(self, error: Exception) -> None:
        self.error = error

    def get_paginator(self, _name: str) -> "Broken":
        return self

    def paginate(self, **_asked: Any) -> Any:
        raise self.error


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (NoCredentialsError(), "aws configure"),
        (EndpointConnectionError(endpoint_url="https://nowhere"), "could not be read"),
    ],
    ids=["credentials", "network"],
)
def test_no_answer_is_one_sentence(error: Exception, remedy: str) -> None:
    with pytest.raises(PriceListUnavailable, match=remedy):
        live_prices(Broken(error), dated_prices(), [M5])  # type: ignore[arg-type]
