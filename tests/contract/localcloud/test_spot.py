"""Managed spot training whose machine is taken away."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from localcloud import LocalCloud
from tests.contract.localcloud.account import Account
from tests.contract.localcloud.counting import SPOT, Counting


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    state = tmp_path_factory.mktemp("state")
    # Long enough for a container to have begun, wherever this runs.
    with LocalCloud(state, app=None, stop_grace=1, startup_timeout=2, spot_interruption=5) as started:
        yield started


@pytest.fixture(scope="module")
def counting(account: Account, tmp_path_factory: pytest.TempPathFactory) -> Counting:
    return Counting(account, tmp_path_factory.mktemp("counting"))


def test_an_interrupted_job_goes_on_from_its_checkpoints(counting: Counting) -> None:
    job = counting.train("spot", "wait", **SPOT)

    assert job["TrainingJobStatus"] == job["SecondaryStatus"] == "Completed"
    assert job["EnableManagedSpotTraining"] is True
    passed = [transition["Status"] for transition in job["SecondaryStatusTransitions"]]
    once = ["Starting", "Downloading", "Training"]
    assert passed == [*once, "Interrupted", *once, "Uploading", "Completed"]
    assert counting.said("spot") == ["begun at 0", "waiting", "begun at 3"]
    assert counting.kept("spot") == {"deep/count": "5"}
    trainings = [
        transition["EndTime"] - transition["StartTime"]
        for transition in job["SecondaryStatusTransitions"]
        if transition["Status"] in ("Training", "Uploading", "Completed")
    ]
    assert job["BillableTimeInSeconds"] == job["TrainingTimeInSeconds"]
    assert job["BillableTimeInSeconds"] == pytest.approx(sum(part.total_seconds() for part in trainings), abs=1)
    assert job["TrainingStartTime"] == job["SecondaryStatusTransitions"][2]["StartTime"]


def test_a_machine_at_the_full_price_is_not_taken_away(counting: Counting) -> None:
    request = {"HyperParameters": {"sleep": "6"}, "CheckpointConfig": {"S3Uri": "s3://material/checkpoints/paid"}}

    job = counting.account.train("paid", **request)

    assert job["TrainingJobStatus"] == "Completed"
    assert "Interrupted" not in [transition["Status"] for transition in job["SecondaryStatusTransitions"]]
