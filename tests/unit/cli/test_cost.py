"""`trieur cost`: tables, files and JSON, and what wrong usage is told."""

import json
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from typer.testing import CliRunner, Result

from trieur import costs
from trieur.cli.main import app
from trieur.costs.traffic import traffic_of
from trieur.settings import ClassifierSettings


def run(*arguments: str, columns: int = 120) -> Result:
    return CliRunner(env={"COLUMNS": str(columns), "NO_COLOR": "1"}).invoke(app, ["cost", *arguments])


def document(*arguments: str) -> dict[str, Any]:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_the_chatbots_month_is_shown() -> None:
    result = run()
    assert result.exit_code == 0, result.output
    for said in (
        "432,000 questions",
        "SageMaker serverless, 2 GB  cheapest",
        "1,298.16",
        "432,000 × 0.1 s × 2 GB × 0.00002 $",
        "From 18,360,000 questions a month (425 a minute) on: SageMaker real time, ml.c6i.large",
        "questions a month",
        "Each way of comprehend: training 1.62",
        "Prices as seen in 2026-11",
    ):
        assert said in result.stdout
    # The plot shows each way's letter.
    plot = [line.partition("|")[2] for line in result.stdout.splitlines() if "|" in line]
    assert {"A", "B", "C", "D", ":"} <= set("".join(plot))


@pytest.mark.parametrize("columns", [20, 40, 60, 200])
def test_any_terminal_will_do(columns: int) -> None:
    assert run(columns=columns).exit_code == 0


def test_options_make_the_load() -> None:
    found = document(
        *("--per-minute", "20", "--hours", "50", "--characters", "120", "--milliseconds", "50", "--peak", "3"),
        *("--memory", "4", "--trainings", "2", "--idle-hours", "0", "--instance", "ml.t2.medium"),
        *("--instance", "ml.c7i.large=0.09", "--prices-of", "us-east-1", "--usd-per-eur", "1.2"),
    )
    assert found["load"]["questions"] == pytest.approx(20 * 60 * 50 / 7 * 30)
    wanted = {"hours_a_week": 50, "characters": 120, "milliseconds": 50, "peak": 3, "memory_gb": 4, "trainings": 2}
    assert wanted.items() <= found["load"].items()
    keys = {way["key"] for way in found["ways"]}
    assert {"real-time ml.t2.medium", "real-time-hours ml.c7i.large", "comprehend-hours"} <= keys
    by_key = {way["key"]: way for way in found["ways"]}
    assert by_key["real-time ml.c7i.large"]["items"][0]["usd"] == pytest.approx(0.09 * 720)
    assert by_key["serverless"]["eur"] == pytest.approx(by_key["serverless"]["usd"] / 1.2)
    assert found["region"] == "us-east-1"


def test_a_region_without_comprehend() -> None:
    assert {way["backend"] for way in document("--prices-of", "eu-west-3")["ways"]} == {"camembert"}


@pytest.mark.parametrize(("name", "begins"), [("plot.svg", "<svg "), ("page.HTML", "<!doctype html>")])
def test_the_plot_is_written(tmp_path: Path, name: str, begins: str) -> None:
    file = tmp_path / name
    result = run("--plot", str(file), "--language", "fr")
    assert result.exit_code == 0, result.output
    content = file.read_text(encoding="utf-8")
    assert content.startswith(begins)
    assert "Réponse immédiate" in content


def test_no_profile_of_aws_is_needed_where_aws_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "of-nobody")
    assert document()["region"] == "eu-west-1"


def test_published_figures_are_shown_with_what_makes_them_up() -> None:
    shown = run("--published", columns=160).stdout
    for said in ("1,296.00 USD", "4,000 units of 100 characters", "37.25 EUR", "stay unexplained"):
        assert said in shown
    figures = {figure["key"]: figure for figure in document("--published")["figures"]}
    assert figures["comprehend-office-week"]["computed"] == pytest.approx(90)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--questions", "1", "--per-minute", "1"], 2, "exclude each other"),
        (["--questions", "0"], 2, "questions is 0"),
        (["--hours", "169"], 2, "168 hours"),
        (["--peak", "0.1"], 2, "peak is 0.1"),
        (["--instance", "t2.medium"], 2, "'t2.medium' is no instance type"),
        (["--instance", "ml.t2.medium=much"], 2, "'much' is no price"),
        (["--instance", "ml.t2.medium=-1"], 2, "more than 0"),
        (["--usd-per-eur", "0"], 2, "--usd-per-eur 0"),
        (["--prices-of", "Ireland"], 2, "'Ireland' is not the name of an AWS region"),
        (["--plot", "plot.png"], 2, "ends in .svg or .html"),
        (["--plot", "/nowhere/at/all.svg"], 2, "cannot be written"),
        (["--local"], 2, "--local needs a CLASSIFIER"),
        (["--published", "questions"], 2, "leave CLASSIFIER out."),
        (["--published", "--plot", "costs.svg"], 2, "leave --plot out."),
        (["--published", "--live"], 2, "leave --live out."),
    ],
    ids=lambda one: "-".join(one) if isinstance(one, list) else None,
)
def test_wrong_usage_is_one_sentence(arguments: list[str], code: int, said: str) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_live_prices_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def told(_client: Any, prices: costs.Prices, wanted: Any) -> costs.LivePrices:
        assert "ml.m5.xlarge" in wanted
        name = "comprehend.unit.second"
        return costs.LivePrices(
            prices.with_prices({name: costs.Price(0.001, "eu-west-1", "2026-11-20", "list")}), (name,), ("Not all.",)
        )

    monkeypatch.setattr(costs, "live_prices", told)
    found = document("--live")
    assert next(way for way in found["ways"] if way["key"] == "comprehend-real-time")["items"][0]["usd"] == 2592
    assert found["notes"] == [
        "Prices that AWS lists today: comprehend.unit.second. All others are of 2026-11.",
        "Not all.",
    ]


def test_no_live_prices_are_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> costs.LivePrices:
        raise costs.PriceListUnavailable("AWS's price list could not be read: no.")

    monkeypatch.setattr(costs, "live_prices", fails)
    result = run("--live", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"].startswith("AWS's price list could not be read: no. Without --live")


class Account:
    """One classifier, with an endpoint or without, and what CloudWatch counted."""

    region = "eu-west-1"
    name = "trieur"

    def __init__(self, calls: list[float] | None) -> None:
        self.calls = calls
        self.clients = SimpleNamespace(
            sagemaker=SimpleNamespace(
                describe_endpoint=lambda **_: {"CreationTime": datetime.now(UTC) - timedelta(days=15)}
            ),
            cloudwatch=self,
        )

    def asking(self) -> Any:
        return nullcontext()

    def classifier(self, _name: str) -> Any:
        return SimpleNamespace(runs=[SimpleNamespace(backend="comprehend", metrics={})] * 3)

    def settings(self, _name: str) -> ClassifierSettings:
        return ClassifierSettings.model_validate({"endpoint": {"memory_mb": 4096, "instance_type": "ml.m5.large"}})

    def endpoints(self, _name: str) -> Any:
        return () if self.calls is None else (SimpleNamespace(backend="camembert", name="trieur-questions"),)

    def get_paginator(self, _name: str) -> Any:
        hours = [datetime(2026, 11, 1, hour, tzinfo=UTC) for hour in range(len(self.calls or []))]
        results = [
            {"Id": "calls", "Timestamps": hours, "Values": self.calls},
            {"Id": "latency", "Timestamps": hours, "Values": [50_000.0 for _ in hours]},
        ]
        return SimpleNamespace(paginate=lambda **_: [{"MetricDataResults": results}])


def test_a_classifier_is_reckoned_with_its_own_settings_and_load(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trieur.cli.cost.connect", lambda *_: Account([400.0, 100.0]))
    found = document("questions")
    assert found["load"]["questions"] == pytest.approx(1000, rel=1e-3)
    assert {"memory_gb": 4, "milliseconds": 50, "versions": 3}.items() <= found["load"].items()
    assert "real-time ml.m5.large" in {way["key"] for way in found["ways"]}
    assert found["notes"] == ["CloudWatch counted 500 calls of trieur-questions in 15.0 days."]


@pytest.mark.parametrize(
    ("calls", "said"), [(None, "has no SageMaker endpoint"), ([], "counted no call")], ids=["endpoint", "calls"]
)
def test_without_a_load_it_is_the_chatbots(
    monkeypatch: pytest.MonkeyPatch, calls: list[float] | None, said: str
) -> None:
    monkeypatch.setattr("trieur.cli.cost.connect", lambda *_: Account(calls))
    found = document("questions")
    assert found["load"]["questions"] == 432_000
    assert said in found["notes"][0]


def test_cloudwatch_is_asked_for_the_endpoints_own_time() -> None:
    client = boto3.client("cloudwatch", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    now = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
    hour = datetime(2026, 11, 20, 8, tzinfo=UTC)
    with Stubber(client) as stubber:
        for values in ([], [(hour, 90.0)]):
            stubber.add_response(
                "get_metric_data",
                {
                    "MetricDataResults": [
                        {"Id": "calls", "Timestamps": [t for t, _ in values], "Values": [v for _, v in values]},
                        {"Id": "latency", "Timestamps": [], "Values": []},
                    ]
                },
            )
        since = now - timedelta(days=3)
        assert traffic_of(client, "trieur-questions", "AllTraffic", since=since, now=now) is None
        seen = traffic_of(client, "trieur-questions", "AllTraffic", since=since, now=now)
    assert seen is not None
    assert (seen.questions_a_month, seen.milliseconds, seen.days) == (900, None, 3)
