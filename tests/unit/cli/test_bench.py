"""`trieur bench`: what is asked, and what is said of it."""

import json

import pytest

from tests.unit.cli.live import Command, endpoint, lines_of
from tests.unit.runtime_double import container_error
from trieur.latency import QUESTIONS


def test_it_repeats_the_published_measurement(command: Command) -> None:
    result = command.run("bench", "questions", "--series", "2", "--requests", "3", "--pause", "0.01", "--json")

    [line] = lines_of(result)
    told = json.loads(line)
    assert {name: told[name] for name in ("classifier", "backend", "endpoint", "kind", "local")} == {
        "classifier": "questions",
        "backend": "camembert",
        "endpoint": "trieur-questions",
        "kind": "serverless",
        "local": False,
    }
    assert (told["paused"]["pause_seconds"], told["back_to_back"]["pause_seconds"]) == (0.01, 0)
    for way in ("paused", "back_to_back"):
        assert [one["requests"] for one in told[way]["series"]] == [3, 3]
        assert told[way]["all"]["requests"] == 6
        assert 0 < told[way]["all"]["lowest"] <= told[way]["all"]["p50"] <= told[way]["all"]["highest"]
    assert (told["published"]["paused_mean_ms"], told["published"]["back_to_back_mean_ms"]) == (344, 345)
    assert [texts for _, texts in command.double.asked] == [[text] for text in QUESTIONS[:7]] * 2


def test_people_get_a_table_beside_the_published_figures(command: Command) -> None:
    command.account.endpoints = [endpoint("comprehend", kind="on-demand")]
    command.account.is_local = True
    command.double.comprehend = {"trieur-questions"}

    shown = lines_of(
        command.run("bench", "questions", "--series", "1", "--requests", "2", "--pause", "0.25", "--text", "Qui ?")
    )

    assert shown[0] == "trieur-questions: comprehend, a stand-in for Amazon's, on-demand, on the local AWS"
    assert shown[1].split() == ["Milliseconds", "requests", "mean", "±", "sd", "p50", "p90", "p99", "published"]
    assert [line.split()[-1] for line in shown[2:] if "apart" in line or "back to back" in line] == ["106", "309"]
    assert shown[2].startswith("0.25 s apart")
    assert {texts[0] for _, texts in command.double.asked} == {"Qui ?"}


def test_many_at_once(command: Command) -> None:
    command.double.seconds = 0.05

    result = command.run("bench", "questions", "--throughput", "--connections", "3", "--seconds", "0.3", "--json")

    told = json.loads(lines_of(result)[0])["throughput"]
    assert told["connections"] == 3
    assert told["requests"] == told["latency_ms"]["requests"] == len(command.double.asked) - 1
    assert told["requests_per_second"] == pytest.approx(told["requests"] / told["seconds"], rel=0.01)
    assert 1 < command.double.most_at_once <= 3

    shown = lines_of(command.run("bench", "questions", "--throughput", "--seconds", "0.1"))
    assert shown[0] == "trieur-questions: camembert, serverless, in eu-west-1"
    assert "requests a second" in shown[1]


def test_an_endpoint_that_fails_is_no_measurement(command: Command) -> None:
    command.double.refuses = lambda _texts: container_error(500, "It broke.")

    for arguments in ((), ("--throughput",)):
        result = command.run("bench", "questions", *arguments)
        assert lines_of(result, 1) == []
        assert "failed (500): It broke." in result.stderr


@pytest.mark.parametrize(
    "arguments", [("--series", "0"), ("--requests", "0"), ("--pause", "-1"), ("--seconds", "0")], ids=lambda a: a[0]
)
def test_wrong_usage(command: Command, arguments: tuple[str, ...]) -> None:
    assert command.run("bench", "questions", *arguments).exit_code == 2
    assert command.double.asked == []
