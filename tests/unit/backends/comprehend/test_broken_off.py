"""Every step on Comprehend may be broken off before or after any call to AWS, and is then tried again."""

from collections.abc import Callable

import pytest

from tests.unit.backends.comprehend.runs import stored
from tests.unit.faults import Faults
from tests.unit.world import World, examples
from trieur.pipeline.check import check_run
from trieur.pipeline.deploy import deploy_run
from trieur.pipeline.start import start_runs
from trieur.runs import Run, RunReference, RunStatus

SETTINGS = b'{"backend": "comprehend", "comprehend": {"endpoint": "on-demand"}}'


def follow(world: World, faults: Faults, key: str) -> Run:
    """The drop's way from the event to the evaluated endpoint."""

    def step(function: Callable[..., Run], subject: RunReference) -> Run:
        return faults.retried(function, subject, world.deployment, world.clients)

    started = faults.retried(start_runs, world.drop(key, examples()), world.deployment, world.clients)
    run = RunReference(classifier="questions", run_id=started.run_ids[0], backend="comprehend")
    assert step(check_run, run).status is RunStatus.TRAINING
    world.complete_classifier(run.run_id)
    assert step(check_run, run).status is RunStatus.TRAINED
    assert step(deploy_run, run).status is RunStatus.DEPLOYING
    world.comprehend.settle("trieur-questions")
    assert step(check_run, run).status is RunStatus.LIVE
    return stored(world, run.run_id)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_step_broken_off_anywhere_is_made_good_by_its_retry(world: World, when: str) -> None:
    world.drop("datasets/questions/classifier.json", SETTINGS)
    faults, runs = Faults(world, when), list[Run]()
    while faults.calls >= faults.at:
        faults.at, faults.calls = faults.at + 1, 0
        runs.append(follow(world, faults, f"datasets/questions/{faults.at}.json"))

    assert len(runs) > 30
    assert len(world.comprehend.classifiers) == len(runs)
    assert len(world.comprehend.endpoints) == 1
    assert sorted(world.executions()) == sorted(f"questions-{run.run_id}" for run in runs)
    assert world.notifications() == []
    figures = [run.metrics["test"] for run in runs if run.metrics]
    assert len(figures) == len(runs)
    assert all(test == figures[0] for test in figures), "nothing is counted twice, nothing is lost"
