"""`trieur compare` and `trieur cost` as a person runs them, against the local AWS; Comprehend is a stand-in there."""

from pathlib import Path

from tests.e2e.conftest import Command, Live


def test_both_backends_are_compared_on_the_same_examples(command: Command, live: Live, tmp_path: Path) -> None:
    page, text = tmp_path / "compared.html", tmp_path / "compared.md"
    found = command.json(
        *("compare", live.name, "--local", "--series", "1", "--pause", "0", "--examples", "30"),
        *("--html", str(page), "--markdown", str(text)),
    )

    sides = found["backends"]
    assert {backend: side["run_id"] for backend, side in sides.items()} == {
        backend: run["run_id"] for backend, run in live.runs.items()
    }
    for side in sides.values():
        assert side["quality"]["source"] == "endpoint"
        assert side["quality"]["examples"] == 30
        assert side["quality"]["accuracy"]["low"] < side["quality"]["accuracy"]["value"]
        assert side["latency_ms"]["requests"] == 10
        assert side["month"]["usd"] > 0
        assert side["seconds_to_live"] > 0
    rights = {backend: side["quality"]["right"] for backend, side in sides.items()}
    only = found["paired"]["only_comprehend_right"], found["paired"]["only_camembert_right"]
    assert only[0] - only[1] == rights["comprehend"] - rights["camembert"]
    assert [one["key"] for one in found["matrix"]["criteria"]] == [
        *("creation", "industrialisation", "speed", "performance", "cost"),
    ]
    # A figure of the stand-in is never shown without saying whose it is.
    assert (sides["comprehend"]["stand_in"], sides["camembert"]["stand_in"]) == (True, False)
    for file in (page, text):
        assert "stand-in" in file.read_text(encoding="utf-8")


def test_what_is_trained_by_nobody_cannot_be_compared(command: Command, live: Live) -> None:
    said = command.run("compare", f"{live.name}s", "--local", code=1)
    assert f"'{live.name}s'" in said


def test_a_classifiers_costs_are_reckoned_with_its_settings(command: Command, live: Live) -> None:
    found = command.json("cost", live.name, "--local")
    assert found["load"]["memory_gb"] == 2
    [note] = found["notes"]
    assert f"trieur-{live.name}" in note
    cheapest = [way["key"] for way in found["ways"] if way["cheapest"]]
    assert cheapest[0] == "serverless"
