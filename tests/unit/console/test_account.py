"""The account as the console's place."""

from contextlib import nullcontext
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from tests.unit.comparison import runs
from trieur.account import Account, AccountError, Drop, NotFound
from trieur.account import Run as AccountRun
from trieur.console.account import AccountPlace
from trieur.console.place import REJECTED, NotThere, PlaceError
from trieur.runs import RunStatus
from trieur.settings import ClassifierSettings

BEHIND = {"camembert": "v1-camembert"}


def account(**changes: Any) -> Account:
    """One whose only classifier is trained by both backends, and answers with CamemBERT's model."""
    summary = runs.summary(runs.run("comprehend"), runs.run("camembert", wrong=3), behind=BEHIND)
    fields = {
        "name": "trieur",
        "region": "eu-west-3",
        "is_local": False,
        "deployment": SimpleNamespace(state_machine_arn="arn:aws:states:eu-west-3:123456789012:stateMachine:trieur"),
        "classifiers": lambda: [summary],
        "classifier": lambda _: summary,
        "settings": lambda _: ClassifierSettings(),
        "asking": nullcontext,
    }
    found: Any = SimpleNamespace(**(fields | changes))
    return found  # type: ignore[no-any-return]


def failing(error: Exception) -> Any:
    def fail(*_: Any) -> Any:
        raise error

    return fail


def test_a_classifier_is_what_the_account_says() -> None:
    [facts] = AccountPlace(account()).classifiers()

    assert facts.name == "questions"
    camembert = next(run for run in facts.runs if run.backend == "camembert")
    assert (camembert.status, camembert.ended, camembert.file) == ("LIVE", True, "data.json")
    assert (camembert.accuracy, camembert.macro_f1) == (0.9, 0.9)
    assert (camembert.splits, camembert.has_report, camembert.failed) == ({"test": 30}, True, False)
    assert facts.answering == ("camembert",)


def test_a_refused_dataset_is_no_run() -> None:
    refused = (
        b'{"refused_at": "2026-11-25T12:00:00+00:00", "error": "The file is empty.", "dataset":'
        b' {"key": "datasets/questions/a b.json", "version": "1"}}'
    )
    run = AccountRun.from_rejection("questions", "0" * 16, refused)
    summary = SimpleNamespace(name="questions", runs=(run,), endpoints=())

    [facts] = AccountPlace(account(classifier=lambda _: summary)).classifier("questions").runs

    assert (facts.status, facts.ended, facts.failed, facts.backend) == (REJECTED, True, True, None)
    assert (facts.file, facts.message, facts.has_report) == ("a b.json", "The file is empty.", False)


def test_of_a_training_under_way_the_last_epoch_is_told() -> None:
    training = runs.run("camembert", status=RunStatus.TRAINING, metrics=None)
    lines = [
        "INFO epoch=1 epochs=50 train_loss=1.0 validation_loss=0.9 validation_accuracy=0.5 seconds=1",
        "INFO epoch=2 epochs=50 train_loss=0.8 validation_loss=0.7 validation_accuracy=0.75 seconds=1",
    ]
    logs = SimpleNamespace(
        describe_log_streams=lambda **_: {"logStreams": [{"logStreamName": "stream"}]},
        get_log_events=lambda **asked: {
            "events": [] if "nextToken" in asked else [{"message": line} for line in lines],
            "nextForwardToken": "end",
        },
    )
    place = AccountPlace(account(classifier=lambda _: runs.summary(training), client=lambda _: logs))

    for _ in range(2):
        [facts] = place.classifier("questions").runs
        assert facts.progress is not None
        assert (facts.progress.epoch, facts.progress.most, facts.progress.accuracy) == (2, 50, 0.75)
        assert (facts.ended, facts.has_report) == (False, False)


def test_a_name_without_anything_is_no_error() -> None:
    place = AccountPlace(account(classifier=failing(NotFound("There is no classifier 'nothing'."))))

    assert place.classifier("nothing").runs == ()


def test_what_comes_of_a_drop_can_be_recognised() -> None:
    drop = Drop("questions", "inbox", "datasets/questions/data.json", "3", datetime.now(UTC))
    place = AccountPlace(account(drop=lambda *_: drop))

    dropped = place.drop("questions", "data.json", b"[]")

    assert dropped.run_ids == {drop.refused_id, drop.run_id("camembert"), drop.run_id("comprehend")}


@pytest.mark.parametrize("name", ["classifiers", "classifier", "settings", "report", "drop"])
def test_what_the_account_complains_of_is_told_on(name: str) -> None:
    place = AccountPlace(account(**{name: failing(AccountError("The AWS sign-in has expired."))}))
    arguments = {"classifiers": (), "report": ("a", "b"), "drop": ("a", "b", b"")}.get(name, ("a",))

    with pytest.raises(PlaceError, match=r"^The AWS sign-in has expired\.$"):
        getattr(place, name)(*arguments)


def test_no_report_is_not_there() -> None:
    place = AccountPlace(account(report=failing(NotFound("There is no report of run 1."))))

    with pytest.raises(NotThere):
        place.report("questions", "1")


def test_nothing_to_compare_is_said() -> None:
    place = AccountPlace(account(classifier=lambda _: runs.summary(runs.run("camembert"))))

    with pytest.raises(PlaceError, match="trained run of CamemBERT only"):
        place.compare("questions", lambda _what, _done, _total: None)


def test_whose_account_it_is() -> None:
    assert AccountPlace(account()).title == "123456789012, eu-west-3"
