"""Every step may be broken off before or after any call to AWS, and is then tried again."""

from collections.abc import Callable
from typing import TypeVar

import pytest

from tests.unit.faults import Faults
from tests.unit.world import World, examples
from trieur.drops import Drop
from trieur.pipeline.check import check_run
from trieur.pipeline.deploy import deploy_run
from trieur.pipeline.start import Started, start_runs
from trieur.runs import RunReference, RunStatus

T = TypeVar("T")


def follow(world: World, faults: Faults, drop: Drop) -> RunReference:
    """The drop's way from the event to the endpoint."""

    def step(function: Callable[..., T], subject: Drop | RunReference) -> T:
        return faults.retried(function, subject, world.deployment, world.clients)

    started: Started = step(start_runs, drop)
    run = RunReference(classifier="questions", run_id=started.run_ids[0], backend="camembert")
    assert step(check_run, run).status is RunStatus.TRAINING
    world.complete_training(f"trieur-questions-{run.run_id}")
    assert step(check_run, run).status is RunStatus.TRAINED
    assert step(deploy_run, run).status is RunStatus.DEPLOYING
    world.sagemaker.settle("trieur-questions")
    assert step(check_run, run).status is RunStatus.LIVE
    return run


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_step_broken_off_anywhere_is_made_good_by_its_retry(world: World, when: str) -> None:
    faults, runs = Faults(world, when), list[RunReference]()
    while faults.calls >= faults.at:
        faults.at, faults.calls = faults.at + 1, 0
        runs.append(follow(world, faults, world.drop(f"datasets/questions/{faults.at}.json", examples())))

    assert len(runs) > 20
    assert len(world.sagemaker.jobs) == len(world.sagemaker.models) == len(world.sagemaker.configs) == len(runs)
    assert sorted(world.executions()) == sorted(f"questions-{run.run_id}" for run in runs)
    assert len([key for key in world.artifacts() if key.endswith("run.json")]) == len(runs)
    assert world.notifications() == []


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_refusal_broken_off_anywhere_is_told_and_filed(world: World, when: str) -> None:
    faults, drops = Faults(world, when), 0
    while faults.calls >= faults.at:
        faults.at, faults.calls, drops = faults.at + 1, 0, drops + 1
        drop = world.drop(f"datasets/questions/{drops}.json", b"no dataset")
        assert faults.retried(start_runs, drop, world.deployment, world.clients).outcome == "refused"
        assert 1 <= len(world.notifications()) <= 2
        assert len(world.artifacts()) == drops
