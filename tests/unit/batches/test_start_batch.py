import gzip
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.batches.bulk import artifact, batch_executions, inbox, inbox_keys, settings, start, trained
from tests.unit.comprehend_double import ComprehendError
from tests.unit.world import ARTIFACTS, AwsError, World

TEXTS = "Qui est Ada ?\n\nça va ?\u2028oui\r\n".encode()
BOTH = ("camembert", "comprehend")


def record(world: World, batch_id: str) -> Any:
    return world.json(f"batches/questions/{batch_id}/batch.json")


def test_texts_start_a_transform_job_with_the_models_run(world: World) -> None:
    run = trained(world)
    started = start(world, world.drop("batch/questions/texts.txt", TEXTS))

    assert started.outcome == "started"
    (batch_id,) = started.batch_ids
    batch = record(world, batch_id)
    assert (batch["status"], batch["run_id"], batch["backend"]) == ("RUNNING", run.run_id, "camembert")
    assert (batch["request"]["lines"], batch["request"]["blank_lines"]) == (3, 1)
    job = world.sagemaker.transform_jobs[f"trieur-questions-{batch_id}"]
    assert job["ModelName"] == f"trieur-questions-{run.run_id}"
    assert world.sagemaker.models[job["ModelName"]]["PrimaryContainer"]["ModelDataUrl"] == run.training["model"]
    folder = f"s3://{ARTIFACTS}/batches/questions/{batch_id}"
    assert job["TransformInput"] == {
        "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"{folder}/input/texts.jsonl"}},
        "ContentType": "application/jsonlines",
        "SplitType": "Line",
    }
    assert job["TransformOutput"] == {
        "S3OutputPath": f"{folder}/output",
        "Accept": "application/jsonlines",
    }
    assert (job["BatchStrategy"], job["MaxPayloadInMB"]) == ("MultiRecord", 1)
    assert job["TransformResources"] == {"InstanceType": "ml.c6i.xlarge", "InstanceCount": 1}
    body = artifact(world, f"batches/questions/{batch_id}/input/texts.jsonl")
    assert body.isascii()
    assert [json.loads(line) for line in body.split(b"\n") if line] == [
        {"text": "Qui est Ada ?"},
        {"text": "ça va ?\u2028oui"},
    ]
    assert batch_executions(world) == [f"questions-{batch_id}"]
    assert world.executions() == []


def test_texts_start_a_classification_job_of_a_document_a_line(world: World) -> None:
    settings(world, backend="comprehend")
    run = trained(world, "comprehend")
    drop = world.drop("batch/questions/texts.jsonl", b'{"text": "a\\r\\nb\\u0085c"}\n\n"d"\n')
    (batch_id,) = start(world, drop).batch_ids

    assert artifact(world, f"batches/questions/{batch_id}/input/texts.txt") == b"a b c\nd\n"
    (request,) = world.comprehend.asked("StartDocumentClassificationJob")
    folder = f"s3://{ARTIFACTS}/batches/questions/{batch_id}"
    tags = request.pop("Tags")
    assert request == {
        "JobName": f"trieur-questions-{batch_id}",
        "DocumentClassifierArn": (
            f"arn:aws:comprehend:eu-west-1:123456789012:document-classifier/trieur-questions/version/{run.run_id}"
        ),
        "InputDataConfig": {"S3Uri": f"{folder}/input/texts.txt", "InputFormat": "ONE_DOC_PER_LINE"},
        "OutputDataConfig": {"S3Uri": f"{folder}/output/"},
        "DataAccessRoleArn": "arn:aws:iam::123456789012:role/comprehend",
        "ClientRequestToken": batch_id,
    }
    assert {"Key": "trieur:batch", "Value": batch_id} in tags
    assert record(world, batch_id)["job"]["id"] in world.comprehend.jobs
    assert batch_executions(world) == [f"questions-{batch_id}"]


def test_comprehend_encrypts_with_the_deployments_key(world: World) -> None:
    settings(world, backend="comprehend")
    trained(world, "comprehend")
    key = "arn:aws:kms:eu-west-1:123456789012:key/1"
    world.deployment = world.deployment.model_copy(update={"comprehend_kms_key_arn": key})
    start(world, world.drop("batch/questions/texts.txt", TEXTS))

    (request,) = world.comprehend.asked("StartDocumentClassificationJob")
    assert request["VolumeKmsKeyId"] == request["OutputDataConfig"]["KmsKeyId"] == key


def test_settings_choose_the_machine(world: World) -> None:
    settings(world, batch={"instance_type": "ml.g4dn.xlarge"})
    trained(world)
    (batch_id,) = start(world, world.drop("batch/questions/texts.txt", TEXTS)).batch_ids

    job = world.sagemaker.transform_jobs[f"trieur-questions-{batch_id}"]
    assert job["TransformResources"]["InstanceType"] == "ml.g4dn.xlarge"


def test_both_backends_classify_the_same_texts(world: World) -> None:
    settings(world, backend="both")
    for backend in BOTH:
        trained(world, backend, "ab"[BOTH.index(backend)] * 16)
    started = start(world, world.drop("batch/questions/texts.txt.gz", gzip.compress(TEXTS)))

    assert len(set(started.batch_ids)) == 2
    assert [record(world, batch_id)["backend"] for batch_id in started.batch_ids] == list(BOTH)
    assert sorted(batch_executions(world)) == sorted(f"questions-{batch_id}" for batch_id in started.batch_ids)
    assert len(world.sagemaker.transform_jobs) == len(world.comprehend.jobs) == 1


def test_the_same_drop_again_changes_nothing(world: World) -> None:
    trained(world)
    drop = world.drop("batch/questions/texts.txt", TEXTS)
    first = start(world, drop)
    before = record(world, first.batch_ids[0])

    assert start(world, drop) == first
    assert record(world, first.batch_ids[0]) == before
    assert len(world.sagemaker.transform_jobs) == len(batch_executions(world)) == 1


def test_a_later_model_does_not_take_over_a_batch(world: World) -> None:
    trained(world, run_id="a" * 16)
    drop = world.drop("batch/questions/texts.txt", TEXTS)
    (batch_id,) = start(world, drop).batch_ids
    trained(world, run_id="b" * 16, day=1)
    start(world, drop)

    assert record(world, batch_id)["run_id"] == "a" * 16


def test_each_version_of_a_file_is_a_batch_of_its_own_and_an_older_one_none(world: World) -> None:
    trained(world)
    old = world.drop("batch/questions/texts.txt", b"a\n")
    new = world.drop("batch/questions/texts.txt", b"b\n")

    assert start(world, old).outcome == "ignored"
    assert start(world, new).outcome == "started"
    assert len(world.sagemaker.transform_jobs) == 1


@pytest.mark.parametrize(
    "key",
    [
        "batch/questions/texts.txt.camembert.predictions.jsonl",
        "batch/questions/texts.txt.rejected.json",
        "batch/questions/",
        "datasets/questions/texts.txt",
    ],
)
def test_answers_and_folders_start_nothing(world: World, key: str) -> None:
    trained(world)
    drop = world.drop(key, b"a\n")
    before = inbox_keys(world)

    assert start(world, drop).outcome == "ignored"
    assert inbox_keys(world) == before
    assert not world.sagemaker.transform_jobs
    assert world.notifications() == []


@pytest.mark.parametrize(
    ("key", "body", "reason"),
    [
        ("batch/questions/texts.txt", b"\n", "The file holds no text"),
        ("batch/questions/texts.jsonl", b"oui\n", "Line 1 is not valid JSON"),
        ("batch/questions/texts.csv", b"a\n", "use .txt"),
        ("batch/Questions/texts.txt", b"a\n", "cannot name a classifier"),
        ("batch/texts.txt", b"a\n", "belongs to no classifier"),
        (f"batch/questions/{'x' * 1000}.txt", b"a\n", "shorter name"),
    ],
)
def test_what_no_backend_can_classify_is_refused_beside_the_file(
    world: World, key: str, body: bytes, reason: str
) -> None:
    settings(world, backend="both")
    trained(world)
    drop = world.drop(key, body)

    refused = start(world, drop)
    assert refused.outcome == start(world, drop).outcome == "refused"
    (answer,) = [other for other in inbox_keys(world) if other != key]
    assert answer.endswith(".rejected.json")
    rejection = json.loads(inbox(world, answer))
    assert reason in rejection["error"]
    assert rejection["request"]["version"] == drop.version
    (told,) = world.notifications()
    assert reason in told["Message"]
    assert told["MessageAttributes"]["status"]["Value"] == "REFUSED"
    assert batch_executions(world) == []


def test_settings_that_cannot_be_read_refuse_the_texts(world: World) -> None:
    settings(world, backend="camembertt")
    assert start(world, world.drop("batch/questions/texts.txt", TEXTS)).outcome == "refused"
    assert "backend" in json.loads(inbox(world, "batch/questions/texts.txt.rejected.json"))["error"]


def test_a_corrected_file_that_is_wrong_again_is_told_again(world: World) -> None:
    for body, reason in ((b"oui\n", "Line 1"), (b'"oui"\n7\n', "Line 2")):
        start(world, world.drop("batch/questions/texts.jsonl", body))
        assert reason in json.loads(inbox(world, "batch/questions/texts.jsonl.rejected.json"))["error"]
    assert len(world.notifications()) == 2


def test_a_refusal_that_somebody_wrote_over_is_written_again(world: World) -> None:
    drop = world.drop("batch/questions/texts.txt", b"\n")
    world.drop("batch/questions/texts.txt.rejected.json", b"[]")
    start(world, drop)
    assert "error" in json.loads(inbox(world, "batch/questions/texts.txt.rejected.json"))


def test_a_backend_without_a_model_is_refused_while_the_other_goes_on(world: World) -> None:
    settings(world, backend="both")
    trained(world)
    started = start(world, world.drop("batch/questions/texts.txt", TEXTS))

    assert started.outcome == "started"
    assert "Classifying 2 texts" in started.message
    assert "no model on comprehend that passed its gate: drop a dataset first" in started.message
    assert len(batch_executions(world)) == len(world.sagemaker.transform_jobs) == 1
    rejection = json.loads(inbox(world, "batch/questions/texts.txt.comprehend.rejected.json"))
    assert rejection["backend"] == "comprehend"
    (told,) = world.notifications()
    assert told["Subject"] == "Trieur: batch of questions REFUSED (comprehend)"


def test_a_classifier_nobody_knows_is_refused(world: World) -> None:
    refused = start(world, world.drop("batch/answers/texts.txt", TEXTS))
    assert refused.outcome == "refused"
    assert "Classifier answers has no model on camembert" in refused.message


def test_a_region_without_comprehend_refuses(world: World) -> None:
    settings(world, backend="comprehend")
    trained(world, "comprehend")
    world.deployment = world.deployment.model_copy(update={"comprehend_role_arn": ""})

    refused = start(world, world.drop("batch/questions/texts.txt", TEXTS))
    assert (refused.outcome, refused.batch_ids) == ("refused", ())
    assert "no Amazon Comprehend" in refused.message


@pytest.mark.parametrize("backend", BOTH)
def test_what_a_service_refuses_for_good_is_refused_and_not_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch, backend: Any
) -> None:
    settings(world, backend="both")
    for name in BOTH:
        trained(world, name, "ab"[BOTH.index(name)] * 16)
    drop = world.drop("batch/questions/texts.txt", TEXTS)
    with monkeypatch.context() as refusing:
        if backend == "camembert":

            def no_such_machine(_: Any) -> None:
                raise AwsError("ValidationException", "Value 'ml.x' failed to satisfy constraint: Member must be ...")

            refusing.setattr(world.sagemaker, "CreateTransformJob", no_such_machine)
        else:
            error = ComprehendError("InvalidRequestException", "NO_WRITE_ACCESS_TO_OUTPUT")
            world.comprehend.errors["StartDocumentClassificationJob"] = [error]
        started = start(world, drop)
    again = start(world, drop)

    assert started.outcome == again.outcome == "started"
    assert len(started.batch_ids) == len(again.batch_ids) == 1
    rejection = json.loads(inbox(world, f"batch/questions/texts.txt.{backend}.rejected.json"))
    assert "refuses the" in rejection["error"]
    assert len(world.notifications()) == 1
    assert len(batch_executions(world)) == 1
    statuses = {
        batch["backend"]: batch["status"]
        for key in world.artifacts("batches/")
        if "batch.json" in key
        for batch in [world.json(key)]
    }
    assert statuses == {**dict.fromkeys(BOTH, "RUNNING"), backend: "FAILED"}


def test_a_failure_of_aws_on_one_backend_stops_the_event_but_not_the_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings(world, backend="both")
    for name in BOTH:
        trained(world, name, "ab"[BOTH.index(name)] * 16)
    drop = world.drop("batch/questions/texts.txt", TEXTS)
    with monkeypatch.context() as failing:

        def broken(_: Any) -> None:
            raise AwsError("InternalFailure", "Try again.")

        failing.setattr(world.sagemaker, "CreateTransformJob", broken)
        with pytest.raises(ClientError, match="Try again"):
            start(world, drop)
    assert len(batch_executions(world)) == len(world.comprehend.jobs) == 1

    assert start(world, drop).outcome == "started"
    assert len(batch_executions(world)) == 2
    assert len(world.sagemaker.transform_jobs) == len(world.comprehend.jobs) == 1
    assert world.notifications() == []
