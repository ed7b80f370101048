"""Two runs compared: which, judged by what, and said in every form of output."""

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.comparison.runs import DROPPED, EXAMPLES, answering, asks, failing, lines, run, store, summary
from trieur.comparison import Comparison, NothingToCompare, compare, find_pair, html, markdown
from trieur.comparison.rows import column_heads, paired_sentence
from trieur.costs import Load, dated_prices
from trieur.latency import summarise
from trieur.runs import Run, RunStatus
from trieur.settings import Backend

TIMES: Mapping[Backend, list[float]] = {"comprehend": [100, 110, 120], "camembert": [450, 500, 460]}


def compared(*records: Run, objects: Any = None, **options: Any) -> Comparison:
    pair = find_pair(summary(*(records or (run("comprehend"), run("camembert"))), behind=options.pop("behind", None)))
    return compare(
        pair,
        objects or store(),  # type: ignore[arg-type]
        ask=options.pop("ask", asks(answering({1, 2, 3}), answering({3}))),
        latency=options.pop("latency", lambda backend: summarise(TIMES[backend])),
        load=Load(),
        prices=dated_prices(),
        **options,
    )


def test_both_are_asked_the_same_examples() -> None:
    told: list[tuple[str, int, int]] = []
    found = compared(progress=lambda *said: told.append(said))
    theirs, ours = (found.sides[backend].quality for backend in ("comprehend", "camembert"))  # type: ignore[index]
    assert (theirs.right, ours.right, theirs.examples) == (27, 29, 30)
    assert theirs.accuracy.value == 0.9
    assert (theirs.accuracy.low, theirs.accuracy.high) == pytest.approx((0.7438, 0.9654), abs=1e-4)
    assert theirs.macro_f1.low is not None
    assert theirs.macro_f1.high is not None
    assert theirs.macro_f1.low < theirs.macro_f1.value < theirs.macro_f1.high
    assert found.paired is not None
    assert (found.paired.only_comprehend, found.paired.only_camembert, found.paired.p_value) == (0, 2, 0.5)
    assert told[29] == ("Asking Comprehend", 30, 30)
    assert told[-1] == ("Asking CamemBERT", 30, 30)


def test_what_was_measured_becomes_notes() -> None:
    found = compared(run("comprehend", minutes=70), run("camembert", minutes=14))
    by_key = {one.key: dict(one.notes) for one in found.matrix.criteria}
    assert by_key == {
        # 70 minutes from drop to live.
        "creation": {"comprehend": 4, "camembert": 2},
        "industrialisation": {"comprehend": 4, "camembert": 2},
        # 110 and 460 ms.
        "speed": {"comprehend": 5, "camembert": 4},
        # 0.9 and 0.967, of which macro-F1 is a little less.
        "performance": {"comprehend": 3, "camembert": 4},
        # 1,298 $, and serverless.
        "cost": {"comprehend": 1, "camembert": 5},
    }


def test_a_month_is_that_of_the_settings() -> None:
    real_time = {"endpoint": {"kind": "real-time", "instance_type": "ml.m5.xlarge"}}
    found = compared(run("comprehend"), run("camembert", settings=real_time))
    month = found.sides["camembert"].month
    assert month is not None
    assert (month.key, round(month.total)) == ("real-time ml.m5.xlarge", 185)
    unpriced = compared(
        run("comprehend"),
        run("camembert", settings={"endpoint": {"kind": "real-time", "instance_type": "ml.c7i.large"}}),
    )
    assert unpriced.sides["camembert"].month is None
    assert "cost" not in {one.key for one in unpriced.matrix.criteria}


def test_refused_texts_are_wrong_and_counted() -> None:
    found = compared(ask=asks(answering((), refused={4, 5}), answering(())))
    quality = found.sides["comprehend"].quality
    assert (quality.right, quality.refused) == (28, 2)
    assert "2 refused" in markdown(found.matrix, found)


def test_many_examples_are_asked_in_part() -> None:
    found = compared(most=10)
    assert found.sides["camembert"].quality.examples == 10
    # Every third: 0, 3, 6, ...: only 3 is answered wrongly by both.
    assert found.sides["comprehend"].quality.right == found.sides["camembert"].quality.right == 9


def test_several_labels_are_all_to_be_right() -> None:
    records = run("comprehend", mode="multi-label"), run("camembert", mode="multi-label")
    found = compared(*records, objects=store("multi-label"))
    assert found.sides["comprehend"].quality.right == 27


RECORDED = lines(
    {"index": n, "prediction": [{"Class": label if n > 4 else "C", "Probability": 1.0}] if n else []}
    for n, (_, label) in reversed(list(enumerate(EXAMPLES)))
)
ERRORS = lines({"text": EXAMPLES[n][0], "actual": [EXAMPLES[n][1]], "predicted": ["C"]} for n in (7, 8))


def test_without_an_endpoint_recorded_answers_are_judged() -> None:
    objects = store(
        **{
            "runs__questions__v1-comprehend__evaluation__predictions.jsonl": RECORDED,
            "runs__questions__v1-camembert__report__errors.jsonl": ERRORS,
        }
    )
    found = compared(objects=objects, behind={})
    assert {backend: side.quality.source for backend, side in found.sides.items()} == {
        "comprehend": "recorded",
        "camembert": "recorded",
    }
    assert found.paired is not None
    assert (found.paired.only_comprehend, found.paired.only_camembert) == (2, 5)
    assert found.sides["comprehend"].latency is None
    said = "\n".join(caveat.en for caveat in found.caveats)
    assert "`trieur start questions --backend comprehend` starts one" in said
    assert "answers are those recorded then" in said


@pytest.mark.parametrize(
    ("objects", "wrong"),
    [
        ({}, 2),
        ({"runs__questions__v1-camembert__report__errors.jsonl": ERRORS}, 3),
        ({"runs__questions__v1-comprehend__evaluation__predictions.jsonl": RECORDED.splitlines(keepends=True)[0]}, 2),
    ],
    ids=["nothing", "errors-left-out", "a-sample"],
)
def test_what_was_not_recorded_in_full_is_not_guessed(objects: dict[str, bytes], wrong: int) -> None:
    found = compared(run("comprehend"), run("camembert", wrong=wrong), objects=store(**objects), behind={})
    for side in found.sides.values():
        assert side.quality.source == "metrics"
    quality = found.sides["camembert"].quality
    assert (quality.right, quality.macro_f1.low) == (30 - wrong, 0.7)
    assert found.paired is None
    assert paired_sentence(found).en.startswith("No paired test")


def test_an_endpoint_that_fails_is_said_and_does_not_end_it() -> None:
    found = compared(ask=asks(failing, answering(())))
    assert found.sides["comprehend"].quality.source == "metrics"
    assert found.sides["camembert"].quality.right == 30
    assert "Comprehend was not asked: The endpoint failed: look at its log." in found.caveats[1].en


def test_an_endpoint_of_another_run_is_not_asked() -> None:
    found = compared(behind={"comprehend": "v9-comprehend", "camembert": "v1-camembert"})
    assert found.sides["comprehend"].quality.source == "metrics"
    assert found.sides["camembert"].quality.source == "endpoint"


def test_latency_that_cannot_be_measured_is_said() -> None:
    def broken(backend: Backend) -> Any:
        return failing([]) if backend == "camembert" else summarise([1.0])

    found = compared(latency=broken)
    assert found.sides["camembert"].latency is None
    assert "CamemBERT was not timed" in found.caveats[-1].en
    assert "speed" not in {one.key for one in found.matrix.criteria}


def test_the_newest_version_of_both_is_taken() -> None:
    later = {"dropped_at": DROPPED + timedelta(days=1)}
    old = run("comprehend"), run("camembert")
    new = run("comprehend", version="v2", **later), run("camembert", version="v2", **later)
    newest = run("camembert", version="v3", dropped_at=DROPPED + timedelta(days=2))
    pair = find_pair(summary(newest, *new, *old, behind={"camembert": "v3-camembert", "comprehend": "v2-comprehend"}))
    assert {backend: one.run_id for backend, one in pair.runs.items()} == {
        "comprehend": "v2-comprehend",
        "camembert": "v2-camembert",
    }
    assert pair.answering == {"comprehend"}


@pytest.mark.parametrize(
    ("records", "said"),
    [
        ((), "no trained run of either backend: run `trieur settings questions backend=both`"),
        ((run("camembert"),), "a trained run of CamemBERT only, none of Comprehend: run `trieur settings"),
        (
            (run("camembert"), run("comprehend", status=RunStatus.FAILED, message="Too few.")),
            r"none of Comprehend \(its run v1-comprehend is FAILED: Too few\.\)",
        ),
        ((run("camembert"), run("comprehend", version="v2")), "each has its own"),
        (
            (run("camembert"), run("comprehend", status=RunStatus.TRAINING, metrics=None)),
            "Comprehend is still training run v1-comprehend",
        ),
    ],
    ids=["none", "one", "failed", "versions", "training"],
)
def test_why_there_is_nothing_to_compare(records: tuple[Run, ...], said: str) -> None:
    with pytest.raises(NothingToCompare, match=said) as caught:
        find_pair(summary(*records))
    assert caught.value.exit_code == 1


def test_a_stand_in_is_marked_in_every_form() -> None:
    found = compared(is_local=True)
    assert column_heads(found)["comprehend"].en == "Comprehend (stand-in)"
    assert column_heads(found)["camembert"].en == "CamemBERT"
    for form in (markdown(found.matrix, found), html(found.matrix, found)):
        assert re.search(r"Comprehend (\\\()?\(?stand-in", form)
        assert "its accuracy is not Amazon" in form
        assert "times are this machine" in form
        assert "are a stand-in's: its sum says nothing of the service" in form.replace("&#x27;", "'")
    french = html(found.matrix, found, "fr")
    assert "Comprehend (substitut)" in french
    document = json.loads(json.dumps(found.as_json(), allow_nan=False))
    assert document["backends"]["comprehend"]["stand_in"] is True
    assert document["backends"]["camembert"]["stand_in"] is False
    assert document["local"] is True


def test_a_model_from_scratch_is_said_but_is_no_stand_in() -> None:
    found = compared(run("comprehend", note=None), run("camembert", note="Trained from scratch."))
    assert column_heads(found)["camembert"].en == "CamemBERT"
    assert [caveat.en for caveat in found.caveats] == ["CamemBERT: Trained from scratch."]


def test_markdown_cannot_be_broken_into() -> None:
    found = compared(run("comprehend", note="a | b\n# <script>*x*"), run("camembert"))
    written = markdown(found.matrix, found)
    assert "a \\| b # \\<script\\>\\*x\\*" in written
    tables = [line for line in written.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in tables} == {4, 5}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_opens_without_a_network_and_escapes(language: Any) -> None:
    found = compared(run("comprehend", note="<script>alert(1)</script>"), run("camembert"))
    page = html(found.matrix, found, language)
    assert f'<html lang="{language}">' in page
    assert "<script" not in page
    assert "http" not in page
    assert page.count('scope="row"') == 8 + 5 + 1
    assert page.count('tabindex="0"') == 2
    assert ("p = 0.5" in page, "p = 0,5" in page) == (language == "en", language == "fr")
