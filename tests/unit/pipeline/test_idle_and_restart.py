"""Endpoints on demand: deleted when nobody asks them, and started again without training."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.comprehend_double import ComprehendError, endpoint_arn
from tests.unit.world import World, examples
from trieur.pipeline import restart
from trieur.pipeline.check import check_run
from trieur.pipeline.deploy import deploy_run
from trieur.pipeline.idle import Expired, expire_idle_endpoints
from trieur.pipeline.restart import StartedEndpoint, start_endpoint
from trieur.pipeline.start import start_runs
from trieur.runs import Run, RunReference, RunStatus, RunStore

ON_DEMAND = {"backend": "comprehend", "comprehend": {"endpoint": "on-demand", "idle_hours": 2}}
ENDPOINT = "trieur-questions"
MOMENT = datetime.now(UTC).replace(microsecond=0)


def settle(world: World, **settings: Any) -> None:
    world.drop("datasets/questions/classifier.json", json.dumps(ON_DEMAND | settings).encode())


def trained(world: World, count: int = 20) -> RunReference:
    """A run on Comprehend whose model passed the gate."""
    started = start_runs(world.drop("datasets/questions/drop.json", examples(count)), world.deployment, world.clients)
    run = RunReference(classifier="questions", run_id=started.run_ids[0], backend="comprehend")
    world.complete_classifier(run.run_id)
    assert check(world, run).status is RunStatus.TRAINED
    return run


def go_live(world: World, run: RunReference) -> None:
    assert deploy_run(run, world.deployment, world.clients).status is RunStatus.DEPLOYING
    world.comprehend.settle(ENDPOINT)
    assert check(world, run).status is RunStatus.LIVE


def live(world: World) -> RunReference:
    settle(world)
    run = trained(world)
    go_live(world, run)
    return run


def check(world: World, run: RunReference) -> Run:
    return check_run(run, world.deployment, world.clients)


def idle_for(world: World, hours: float) -> list[Expired]:
    world.comprehend.endpoints[endpoint_arn(ENDPOINT)]["LastModifiedTime"] = MOMENT - timedelta(hours=hours)
    return expire_idle_endpoints(MOMENT, world.deployment, world.clients)


def called(world: World, ago: timedelta) -> None:
    dimensions = [{"Name": "EndpointArn", "Value": endpoint_arn(ENDPOINT)}]
    metric: Any = {
        "MetricName": "ConsumedInferenceUnits",
        "Dimensions": dimensions,
        "Timestamp": MOMENT - ago,
        "Value": 1.0,
    }
    world.clients.cloudwatch.put_metric_data(Namespace="AWS/Comprehend", MetricData=[metric])


def start(world: World, detail: Any = None, request_id: str = "one") -> StartedEndpoint:
    detail = {"classifier": "questions"} if detail is None else detail
    return start_endpoint(detail, request_id, world.deployment, world.clients)


def test_an_endpoint_nobody_asks_is_deleted_and_told(world: World) -> None:
    run = live(world)

    [expired] = idle_for(world, hours=2.1)

    assert world.comprehend.endpoints == {}
    assert expired.endpoint == ENDPOINT
    asleep = check(world, run)
    assert (asleep.status, asleep.message, asleep.endpoint) == (RunStatus.TRAINED, expired.message, None)
    assert "trieur start questions --backend comprehend" in expired.message
    [told] = world.notifications()
    assert told["Message"] == expired.message
    assert expire_idle_endpoints(MOMENT, world.deployment, world.clients) == []


def test_a_young_endpoint_stays(world: World) -> None:
    live(world)
    assert idle_for(world, hours=1.9) == []


def test_an_endpoint_that_is_asked_stays(world: World) -> None:
    live(world)
    called(world, timedelta(minutes=119))
    assert idle_for(world, hours=30) == []


def test_calls_of_long_ago_do_not_count(world: World) -> None:
    live(world)
    called(world, timedelta(minutes=125))
    assert len(idle_for(world, hours=30)) == 1


def test_an_endpoint_being_deployed_or_updated_stays(world: World) -> None:
    settle(world)
    deploy_run(trained(world), world.deployment, world.clients)
    assert idle_for(world, hours=30) == []
    world.comprehend.settle(ENDPOINT)
    assert idle_for(world, hours=30) == [], "it is in service, and its evaluation has not begun"


def test_endpoints_of_others_stay(world: World) -> None:
    live(world)
    endpoint = world.comprehend.endpoints[endpoint_arn(ENDPOINT)]
    for model in (
        "trieur-questions/version/0123456789abcdef",
        "trieur-questions",
        "sorter-questions/version/0123456789abcdef",
    ):
        endpoint["ModelArn"] = f"arn:aws:comprehend:eu-west-1:123456789012:document-classifier/{model}"
        assert idle_for(world, hours=30) == []


def test_an_endpoint_that_somebody_made_of_our_model_stays(world: World) -> None:
    live(world)
    own = world.comprehend.endpoints[endpoint_arn(ENDPOINT)]
    theirs = endpoint_arn("somebody-elses")
    world.comprehend.endpoints = {
        theirs: {**own, "EndpointArn": theirs, "LastModifiedTime": MOMENT - timedelta(days=9)}
    }

    assert expire_idle_endpoints(MOMENT, world.deployment, world.clients) == []
    assert list(world.comprehend.endpoints) == [theirs]


def test_an_endpoint_that_could_not_be_deleted_is_met_again(world: World) -> None:
    run = live(world)
    world.comprehend.errors["DeleteEndpoint"] = [ComprehendError("InternalServerException", "Sorry.")] * 6
    with pytest.raises(world.clients.comprehend.exceptions.InternalServerException):
        idle_for(world, hours=30)
    world.comprehend.errors.clear()

    assert len(idle_for(world, hours=30)) == 1
    assert world.comprehend.endpoints == {}
    assert check(world, run).status is RunStatus.TRAINED


def test_an_expired_endpoint_starts_again_without_training(world: World) -> None:
    run = live(world)
    idle_for(world, hours=30)

    started = start(world)

    assert (started.outcome, started.run_id) == ("starting", run.run_id)
    assert len(world.executions()) == 2
    go_live(world, run)
    assert len(world.comprehend.asked("CreateDocumentClassifier")) == 1
    assert len(world.comprehend.asked("ClassifyDocument")) == check(world, run).splits["test"].examples, (
        "what the endpoint had answered before is not asked again"
    )


def test_the_same_request_twice_starts_it_once(world: World) -> None:
    live(world)
    idle_for(world, hours=30)

    assert start(world) == start(world)
    assert len(world.executions()) == 2


def test_while_it_starts_another_request_changes_nothing(world: World) -> None:
    run = live(world)
    idle_for(world, hours=30)
    start(world)
    deploy_run(run, world.deployment, world.clients)

    again = start(world, request_id="two")

    assert again.outcome == "starting"
    assert len(world.executions()) == 2
    assert check(world, run).status is RunStatus.DEPLOYING


def test_an_endpoint_that_answers_is_left_alone(world: World) -> None:
    run = live(world)

    started = start(world)

    assert (started.outcome, started.run_id) == ("live", run.run_id)
    assert started.message.endswith(f"answers already, with run {run.run_id}.")
    assert len(world.executions()) == 1


def test_settings_that_an_endpoint_in_service_has_not_are_told(world: World) -> None:
    live(world)
    settle(world, comprehend={"endpoint": "on-demand", "idle_hours": 8})

    started = start(world)

    assert started.outcome == "live"
    assert "count from its next start or dataset on" in started.message


def test_it_starts_with_the_settings_of_now(world: World) -> None:
    world.drop("datasets/questions/classifier.json", b'{"backend": "comprehend"}')
    run = trained(world)
    assert deploy_run(run, world.deployment, world.clients).status is RunStatus.TRAINED
    assert world.comprehend.endpoints == {}
    settle(world, comprehend={"endpoint": "on-demand", "inference_units": 3})

    assert start(world).outcome == "starting"

    go_live(world, run)
    assert world.comprehend.endpoints[endpoint_arn(ENDPOINT)]["CurrentInferenceUnits"] == 3


@pytest.mark.parametrize(
    ("settings", "detail", "reason"),
    [
        ({"comprehend": {}}, {"classifier": "questions"}, "on-demand"),
        ({}, {"classifier": "Questions"}, "Name the classifier"),
        ({}, {}, "Name the classifier"),
        ({}, None, "Name the classifier"),
        ({}, ["questions"], "Name the classifier"),
        ({}, {"classifier": "questions", "backend": "bert"}, '"bert"'),
        ({}, {"classifier": ""}, "Name the classifier"),
        ({}, {"classifier": "one\ntwo"}, "Name the classifier"),
        ({"backend": "both"}, {"classifier": "questions"}, "name the backend"),
        ({}, {"classifier": "questions"}, "drop a dataset first"),
        ({"language": "xx"}, {"classifier": "questions"}, "language"),
    ],
)
def test_what_cannot_be_started_is_refused_and_told(
    world: World, settings: dict[str, Any], detail: Any, reason: str
) -> None:
    settle(world, **settings)

    refused = start_endpoint(detail, "one", world.deployment, world.clients)

    assert refused.outcome == "refused"
    assert reason in refused.message
    [told] = world.notifications()
    assert told["Message"] == refused.message
    assert world.executions() == []


def test_a_model_that_failed_its_gate_is_not_started(world: World) -> None:
    settle(world, gate={"min_accuracy": 0.99})
    started = start_runs(world.drop("datasets/questions/drop.json", examples()), world.deployment, world.clients)
    run = RunReference(classifier="questions", run_id=started.run_ids[0], backend="comprehend")
    world.complete_classifier(run.run_id)
    assert check(world, run).status is RunStatus.REFUSED

    assert start(world).outcome == "refused"


def test_a_model_that_could_not_be_deployed_is_started_once_it_can_be(world: World) -> None:
    settle(world)
    run = trained(world)
    world.comprehend.errors["CreateEndpoint"] = [ComprehendError("ResourceLimitExceededException", "Ten at most.")]
    assert deploy_run(run, world.deployment, world.clients).status is RunStatus.REFUSED

    assert start(world).outcome == "starting"

    go_live(world, run)


def test_a_run_that_failed_after_its_gate_is_started(world: World) -> None:
    settle(world)
    run = trained(world)
    deploy_run(run, world.deployment, world.clients)
    world.comprehend.endpoints.clear()
    assert check(world, run).status is RunStatus.FAILED

    assert start(world).outcome == "starting"

    go_live(world, run)


def test_the_same_request_after_its_execution_has_ended_changes_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = live(world)
    idle_for(world, hours=30)
    start(world)
    deploy_run(run, world.deployment, world.clients)
    world.comprehend.endpoints.clear()
    failed = check(world, run)
    assert failed.status is RunStatus.FAILED
    monkeypatch.setattr(restart, "follow", lambda *_args, **_options: False)

    assert start(world).outcome == "refused"

    after = check(world, run)
    assert (after.status, after.message) == (failed.status, failed.message)


def abandon(world: World, run: RunReference) -> None:
    """The run's execution dies, and hours pass."""
    store = RunStore(world.clients.s3, world.deployment.artifacts_bucket)
    stale = store.read(run).model_copy(update={"updated_at": MOMENT - timedelta(hours=4)})
    store.put(f"{run.prefix}run.json", stale.model_dump_json(), "application/json")


def test_a_run_whose_execution_died_is_started_anew(world: World) -> None:
    settle(world)
    run = trained(world)
    deploy_run(run, world.deployment, world.clients)
    world.comprehend.endpoints.clear()
    abandon(world, run)

    assert start(world).outcome == "starting"

    assert len(world.executions()) == 2
    go_live(world, run)


def test_the_endpoint_of_a_run_whose_execution_died_is_deleted_when_idle(world: World) -> None:
    settle(world)
    run = trained(world)
    deploy_run(run, world.deployment, world.clients)
    world.comprehend.settle(ENDPOINT)
    abandon(world, run)

    assert len(idle_for(world, hours=30)) == 1
    assert world.comprehend.endpoints == {}
    assert check(world, run).status is RunStatus.TRAINED


def test_without_a_model_no_service_is_asked(world: World) -> None:
    """A region may be without Comprehend."""
    settle(world)

    assert start(world).outcome == "refused"

    assert world.comprehend.requests == []


def test_an_endpoint_that_cannot_be_deleted_does_not_keep_another(world: World) -> None:
    run = live(world)
    before = check(world, run)
    stubborn = world.comprehend.endpoints.pop(endpoint_arn(ENDPOINT))
    world.drop("datasets/other/classifier.json", json.dumps(ON_DEMAND).encode())
    drop = world.drop("datasets/other/drop.json", examples())
    started = start_runs(drop, world.deployment, world.clients)
    other = RunReference(classifier="other", run_id=started.run_ids[0], backend="comprehend")
    world.complete_classifier(other.run_id, classifier="other")
    check(world, other)
    deploy_run(other, world.deployment, world.clients)
    world.comprehend.settle("trieur-other")
    assert check(world, other).status is RunStatus.LIVE
    idle = world.comprehend.endpoints.pop(endpoint_arn("trieur-other"))
    world.comprehend.endpoints |= {endpoint_arn(ENDPOINT): stubborn, endpoint_arn("trieur-other"): idle}
    for endpoint in world.comprehend.endpoints.values():
        endpoint["LastModifiedTime"] = MOMENT - timedelta(hours=30)
    world.comprehend.errors["DeleteEndpoint"] = [ComprehendError("ResourceInUseException", "It is being updated.")]

    with pytest.raises(ClientError, match="being updated"):
        expire_idle_endpoints(MOMENT, world.deployment, world.clients)

    assert list(world.comprehend.endpoints) == [endpoint_arn(ENDPOINT)]
    after = check(world, run)
    assert (after.status, after.message, after.endpoint) == (before.status, before.message, before.endpoint)
    assert check(world, other).status is RunStatus.TRAINED


@pytest.mark.parametrize(("hours", "period"), [(1, 60), (24 * 20, 300), (24 * 100, 3600)])
def test_calls_are_looked_for_in_periods_that_cloudwatch_still_has(world: World, hours: int, period: int) -> None:
    settle(world, comprehend={"endpoint": "on-demand", "idle_hours": hours})
    go_live(world, trained(world))
    asked: list[Any] = []
    world.clients.cloudwatch.meta.events.register(
        "provide-client-params.cloudwatch.GetMetricData", lambda params, **_: asked.append(params)
    )

    idle_for(world, hours=hours + 1)

    assert asked[0]["MetricDataQueries"][0]["MetricStat"]["Period"] == period


def test_who_is_answered_is_not_told_again(world: World) -> None:
    settle(world)

    refused = start_endpoint({"classifier": "questions"}, "one", world.deployment, world.clients, answered=True)

    assert refused.outcome == "refused"
    assert world.notifications() == []
