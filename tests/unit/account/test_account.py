"""The account: what is read of runs and endpoints, and what a drop becomes."""

import json
from datetime import timedelta

import pytest

from tests.unit.deployed import OUTPUTS, Deployed
from tests.unit.world import ARTIFACTS, INBOX, World, examples
from trieur.account import Account, NotFound, Unreachable, watch
from trieur.runs import RunStatus
from trieur.settings import SettingsRefused


@pytest.mark.usefixtures("deployed")
def test_connecting_reads_the_stack() -> None:
    account = Account.connect()
    assert (account.name, account.region) == ("trieur", "eu-west-1")
    assert (account.inbox, account.artifacts) == (INBOX, ARTIFACTS)
    assert not account.is_local


@pytest.mark.usefixtures("deployed")
def test_a_stack_that_is_not_there_is_said_with_what_to_do() -> None:
    with pytest.raises(Unreachable, match=r"no stack 'Other' in eu-west-1: deploy it .*--stack"):
        Account.connect(stack="Other")


def test_a_stack_of_somebody_elses_or_half_deployed_is_said(deployed: Deployed) -> None:
    deployed.stacks.outputs["Trieur"] = {}
    deployed.stacks.status = "CREATE_IN_PROGRESS"
    with pytest.raises(Unreachable, match=r"'Trieur' \(CREATE_IN_PROGRESS\) has no output InboxBucketName"):
        Account.connect()


def test_nothing_dropped_is_no_classifier(deployed: Deployed) -> None:
    account = deployed.account()
    assert account.classifiers() == []
    with pytest.raises(NotFound, match="none has been dropped yet"):
        account.runs("questions")


def test_a_drop_is_what_the_pipeline_makes_runs_of(deployed: Deployed) -> None:
    account = deployed.account()
    drop = account.drop("questions", "data.json", examples())
    assert drop.uri == f"s3://{INBOX}/datasets/questions/data.json"
    assert account.runs_of(drop) == []
    [started] = deployed.handle(drop)
    assert started.run_id == drop.run_id("camembert")
    [run] = account.runs_of(drop)
    assert (run.run_id, run.backend, run.status) == (started.run_id, "camembert", RunStatus.TRAINING)
    assert (run.key, run.version) == (drop.key, drop.version)
    assert run.dataset is not None
    assert run.dataset.examples == 40
    assert (run.accuracy, run.has_ended, run.succeeded) == (None, False, False)


def test_a_refused_drop_is_one_run_without_a_backend(deployed: Deployed) -> None:
    account = deployed.account()
    drop = account.drop("questions", "data.json", b"[]")
    assert deployed.handle(drop) == []
    [run] = account.runs_of(drop)
    assert (run.run_id, run.backend, run.status) == (drop.refused_id, None, RunStatus.REFUSED)
    assert run.message
    assert (run.has_ended, run.succeeded, run.record) == (True, False, None)
    assert account.runs("questions") == [run]
    assert run.as_json()["examples"] is None


def test_a_live_run_and_its_endpoint(deployed: Deployed) -> None:
    live = deployed.live_run()
    account = deployed.account()
    summary = account.classifier("questions")
    [endpoint] = summary.endpoints
    assert (endpoint.name, endpoint.status, endpoint.run_id) == ("trieur-questions", "InService", live.run_id)
    assert endpoint.answers
    assert summary.live is not None
    assert summary.latest is not None
    assert summary.live.run_id == live.run_id
    assert (summary.live.accuracy, summary.live.macro_f1) == (0.9, 0.88)
    assert summary.live.succeeded
    assert summary.as_json()["endpoints"][0]["backend"] == "camembert"


def test_the_run_that_answers_is_the_one_behind_the_endpoint(deployed: Deployed) -> None:
    first = deployed.live_run(file="a.json")
    account = deployed.account()
    drop = account.drop("questions", "b.json", examples(30))
    [second] = deployed.handle(drop)
    summary = account.classifier("questions")
    assert {run.run_id for run in summary.runs} == {first.run_id, second.run_id}
    assert summary.live is not None
    assert summary.live.run_id == first.run_id


def test_an_endpoint_that_does_not_answer_is_nobodys(deployed: Deployed) -> None:
    deployed.live_run()
    deployed.world.sagemaker.endpoints["trieur-questions"] |= {"EndpointStatus": "Failed", "FailureReason": "No ping."}
    summary = deployed.account().classifier("questions")
    [endpoint] = summary.endpoints
    assert (endpoint.answers, endpoint.reason) == (False, "No ping.")
    assert summary.live is None


def test_comprehend_is_asked_only_where_there_are_runs_of_it(deployed: Deployed) -> None:
    deployed.live_run()
    deployed.account().classifiers()
    assert deployed.world.comprehend.requests == []


def test_classifiers_are_found_in_both_buckets(deployed: Deployed) -> None:
    deployed.live_run("questions")
    account = deployed.account()
    account.drop("waiting", "data.json", examples())
    names_ = [summary.name for summary in account.classifiers()]
    assert names_ == ["questions", "waiting"]
    assert account.runs("waiting") == []
    assert account.classifier("waiting").latest is None


@pytest.mark.parametrize(
    ("asked", "remedy"), [("qestions", "did you mean 'questions'"), ("zzz", "there are questions.")]
)
def test_a_classifier_that_is_not_there_is_said_with_what_is(deployed: Deployed, asked: str, remedy: str) -> None:
    deployed.live_run("questions")
    account = deployed.account()
    for ask in (account.runs, account.classifier, account.report):
        with pytest.raises(NotFound, match=remedy):
            ask(asked)


def test_a_run_by_its_id_or_how_that_begins(deployed: Deployed) -> None:
    first, second = deployed.live_run(file="a.json"), deployed.live_run(file="b.json")
    account = deployed.account()
    assert account.run("questions", first.run_id).run_id == first.run_id
    assert account.run("questions", second.run_id[:8]).run_id == second.run_id
    with pytest.raises(NotFound, match="has no run 'nothing'"):
        account.run("questions", "nothing")
    with pytest.raises(NotFound, match="has no run ''"):
        account.run("questions", "")


def test_a_beginning_of_two_runs_is_of_none(deployed: Deployed) -> None:
    ids = ["0" * 15 + "1", "0" * 15 + "2"]
    for run_id in ids:
        rejected = {"dataset": {"key": "k", "version": "v"}, "error": "No.", "refused_at": "2026-11-01T10:00:00+00:00"}
        key = f"runs/questions/{run_id}/rejected.json"
        deployed.world.clients.s3.put_object(Bucket=ARTIFACTS, Key=key, Body=json.dumps(rejected))
    with pytest.raises(NotFound, match="2 runs of questions begin with '0000'"):
        deployed.account().run("questions", "0000")


def test_the_newest_report_is_had_unless_a_run_is_named(deployed: Deployed) -> None:
    first = deployed.live_run(file="a.json")
    account = deployed.account()
    [unfinished] = deployed.handle(account.drop("questions", "b.json", examples(30)))
    assert account.report("questions") == b"<!doctype html>"
    assert account.reported("questions")[0].run_id == first.run_id
    assert json.loads(account.report("questions", first.run_id, "metrics.json"))["test"]["accuracy"] == 0.9
    with pytest.raises(NotFound, match=f"no report of run {unfinished.run_id}"):
        account.report("questions", unfinished.run_id)


def test_settings_are_the_classifiers_over_the_deployments(deployed: Deployed) -> None:
    account = deployed.account()
    assert account.own_settings("questions") is None
    assert account.settings("questions").training.instance_type == "ml.m5.large"
    changed = account.change_settings("questions", b'{"backend": "both"}')
    assert changed.backends == ("camembert", "comprehend")
    assert account.own_settings("questions") == b'{"backend": "both"}'
    assert account.settings("questions") == changed


def test_settings_that_cannot_be_used_change_nothing(deployed: Deployed) -> None:
    account = deployed.account()
    with pytest.raises(SettingsRefused, match="backend"):
        account.change_settings("questions", b'{"backend": "bert"}')
    assert account.own_settings("questions") is None


def test_watching_ends_when_every_backends_run_has(deployed: Deployed) -> None:
    account = deployed.account()
    account.change_settings("questions", b'{"backend": "both", "comprehend": {"endpoint": "on-demand"}}')
    drop = account.drop("questions", "data.json", examples())
    seen: list[list[tuple[str | None, str]]] = []
    pauses: list[float] = []

    def go_on(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 1:
            deployed.handle(drop)
        elif len(pauses) == 2:
            reference = account.run("questions", drop.run_id("camembert")).record
            assert reference is not None
            deployed.train(reference.reference)
            deployed.go_live(reference.reference)
        else:
            finish_comprehend(deployed.world, drop.run_id("comprehend"))

    for runs in watch(account, drop, ("camembert", "comprehend"), pause=7, sleep=go_on):
        seen.append([(run.backend, run.status.value) for run in runs])

    assert pauses == [7, 7, 7]
    assert seen == [
        [],
        [("camembert", "TRAINING"), ("comprehend", "TRAINING")],
        [("camembert", "LIVE"), ("comprehend", "TRAINING")],
        [("camembert", "LIVE"), ("comprehend", "FAILED")],
    ]


def finish_comprehend(world: World, run_id: str) -> None:
    key = f"runs/questions/{run_id}/run.json"
    record = {**world.json(key), "status": "FAILED"}
    world.clients.s3.put_object(Bucket=ARTIFACTS, Key=key, Body=json.dumps(record))


def test_watching_a_refused_drop_ends_at_once(deployed: Deployed) -> None:
    account = deployed.account()
    drop = account.drop("questions", "data.json", b"[]")
    deployed.handle(drop)
    [[run]] = watch(account, drop, ("camembert", "comprehend"), sleep=lambda _: pytest.fail("there is nothing to come"))
    assert run.status is RunStatus.REFUSED


@pytest.mark.parametrize(("kind", "ended"), [("none", True), ("serverless", False)])
def test_trained_is_an_end_where_no_endpoint_is_wanted(deployed: Deployed, kind: str, ended: bool) -> None:
    account = deployed.account()
    account.change_settings("questions", json.dumps({"endpoint": {"kind": kind}}).encode())
    [reference] = deployed.handle(account.drop("questions", "data.json", examples()))
    deployed.train(reference)
    run = account.run("questions", reference.run_id)
    assert (run.status, run.has_ended, run.succeeded) == (RunStatus.TRAINED, ended, ended)


def test_a_run_whose_idle_endpoint_was_deleted_has_ended(deployed: Deployed) -> None:
    account = deployed.account()
    [reference] = deployed.handle(account.drop("questions", "data.json", examples()))
    trained = deployed.train(reference)
    long_ago = trained.model_copy(update={"updated_at": trained.updated_at - timedelta(hours=2)})
    key = f"{reference.prefix}run.json"
    deployed.world.clients.s3.put_object(Bucket=ARTIFACTS, Key=key, Body=long_ago.model_dump_json().encode())
    assert account.run("questions", reference.run_id).has_ended


def test_alarms_that_ring_are_the_deployments_own(deployed: Deployed) -> None:
    cloudwatch = deployed.world.clients.cloudwatch
    for name, state in (("trieur-RunsFailed", "ALARM"), ("trieur-DeadLetters", "OK"), ("other", "ALARM")):
        cloudwatch.put_metric_alarm(
            AlarmName=name,
            AlarmDescription="A run failed.",
            MetricName="m",
            Namespace="n",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
            Statistic="Sum",
        )
        cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="so")  # type: ignore[arg-type]
    assert [(a.name, a.description) for a in deployed.account().alarms()] == [("trieur-RunsFailed", "A run failed.")]


def test_the_outputs_of_an_older_deployment_will_do(deployed: Deployed) -> None:
    older = {name: value for name, value in OUTPUTS.items() if name != "ClassifierDefaults"}
    account = Account(deployed.session, older)
    assert account.settings("questions").training.instance_type != "ml.m5.large"
