import pytest

from tests.unit.batches.bulk import trained
from tests.unit.world import ARTIFACTS, World
from trieur.backends import backend_named
from trieur.pipeline.answering import ANSWERING, answering_run, newest_run
from trieur.runs import RunStatus, RunStore
from trieur.settings import Backend

A, B, C = ("a" * 16, "b" * 16, "c" * 16)


def answering(world: World, backend: Backend = "camembert") -> str | None:
    store = RunStore(world.clients.s3, ARTIFACTS)
    run = answering_run("questions", backend, backend_named(backend, world.deployment, world.clients), store)
    return run.run_id if run else None


def test_without_runs_nothing_answers_and_no_endpoint_is_asked(world: World) -> None:
    assert answering(world) is None
    assert world.sagemaker.calls == []


@pytest.mark.parametrize("status", [RunStatus.TRAINED, RunStatus.DEPLOYING, RunStatus.LIVE])
def test_the_newest_dataset_answers_whatever_the_run_ids(world: World, status: RunStatus) -> None:
    for day, run_id in enumerate((B, C, A)):
        trained(world, "camembert", run_id, day=day, status=status)

    assert answering(world) == A


@pytest.mark.parametrize("status", [RunStatus.TRAINING, RunStatus.FAILED, RunStatus.REFUSED, RunStatus.ROLLED_BACK])
def test_a_run_without_a_usable_model_does_not_answer(world: World, status: RunStatus) -> None:
    trained(world, "camembert", A, day=0)
    trained(world, "camembert", B, day=1, status=status)
    trained(world, "camembert", C, day=2, passed=False)

    assert answering(world) == A


@pytest.mark.parametrize("status", [RunStatus.FAILED, RunStatus.REFUSED])
def test_a_model_that_could_not_be_deployed_answers_where_there_is_no_other(world: World, status: RunStatus) -> None:
    trained(world, "camembert", A, day=0, status=status)
    trained(world, "camembert", B, day=1, status=status)
    trained(world, "camembert", C, day=2, status=status, passed=False)

    assert answering(world) == B


def test_each_backend_has_its_own(world: World) -> None:
    trained(world, "camembert", A)
    assert newest_run("questions", "comprehend", RunStore(world.clients.s3, ARTIFACTS), ANSWERING) is None


def test_what_the_endpoint_answers_with_comes_before_what_is_newer(world: World) -> None:
    trained(world, "camembert", A, day=0, status=RunStatus.LIVE)
    trained(world, "camembert", B, day=1)
    world.sagemaker.endpoints["trieur-questions"] = {
        "EndpointStatus": "InService",
        "EndpointConfigName": f"trieur-questions-{A}",
    }

    assert answering(world) == A


def test_an_endpoint_with_a_model_of_no_run_does_not_count(world: World) -> None:
    trained(world, "camembert", A)
    world.sagemaker.endpoints["trieur-questions"] = {
        "EndpointStatus": "InService",
        "EndpointConfigName": f"trieur-questions-{C}",
    }

    assert answering(world) == A


def test_runs_beyond_one_page_of_the_listing_count(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    s3, pages = world.clients.s3, []
    whole = s3.get_paginator

    def small_pages(operation: str):
        paginator = whole(operation)
        paginate = paginator.paginate
        paginator.paginate = lambda **request: pages.append(1) or paginate(**request, PaginationConfig={"PageSize": 2})
        return paginator

    for day in range(5):
        trained(world, "camembert", f"{day}" * 16, day=day)
    monkeypatch.setattr(s3, "get_paginator", small_pages)

    assert answering(world) == "4" * 16
    assert pages
