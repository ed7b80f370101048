import csv
import io
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.backends.comprehend.runs import artifact, multi_label_examples, split, started, stored
from tests.unit.comprehend_double import ACCOUNT, ComprehendError, classifier_arn
from tests.unit.world import ARTIFACTS, World, examples
from trieur.backends.base import TrainingRefused
from trieur.backends.comprehend.training import ComprehendTraining
from trieur.deployment import Deployment
from trieur.runs import RunStatus

KEY_ARN = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/0123"


def training(world: World, **changes: Any) -> ComprehendTraining:
    deployment: Deployment = world.deployment.model_copy(update=changes)
    return ComprehendTraining(deployment, world.clients)


def rows(document: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(document.decode(), newline="")))


def test_a_drop_starts_a_version_of_the_classifier(world: World) -> None:
    run = started(world)

    (request,) = world.comprehend.asked("CreateDocumentClassifier")
    assert request["DocumentClassifierName"] == "trieur-questions"
    assert request["VersionName"] == run.run_id
    assert request["LanguageCode"] == "fr"
    assert request["Mode"] == "MULTI_CLASS"
    assert request["DataAccessRoleArn"] == world.deployment.comprehend_role_arn
    assert request["InputDataConfig"] == {
        "DataFormat": "COMPREHEND_CSV",
        "S3Uri": f"s3://{ARTIFACTS}/{run.reference.prefix}input/train.csv",
        "TestS3Uri": f"s3://{ARTIFACTS}/{run.reference.prefix}input/test.csv",
    }
    assert request["OutputDataConfig"] == {"S3Uri": f"s3://{ARTIFACTS}/{run.reference.prefix}output/"}
    assert not {"VolumeKmsKeyId", "ModelKmsKeyId"} & request.keys()
    arn = classifier_arn("trieur-questions", run.run_id)
    assert world.comprehend.tags[arn] == [
        {"Key": "trieur:classifier", "Value": "questions"},
        {"Key": "trieur:run", "Value": run.run_id},
    ]
    assert run.training == {"arn": arn, "document_classifier": "trieur-questions", "version": run.run_id}


def test_it_trains_on_train_and_validation_and_tests_on_the_pipelines_test_split(world: World) -> None:
    run = started(world)

    for name, splits in (("train", ("train", "validation")), ("test", ("test",))):
        written = rows(artifact(world, f"{run.reference.prefix}input/{name}.csv"))
        assert written == [[row["label"], row["text"]] for row in split(world, run, *splits)]
        assert written


def test_several_labels_are_joined_by_a_character_of_none(world: World) -> None:
    dataset = json.loads(multi_label_examples())
    renamed = [{**row, "labels": [f"{label}|x" for label in row["labels"]]} for row in dataset]
    run = started(world, json.dumps(renamed).encode())

    (request,) = world.comprehend.asked("CreateDocumentClassifier")
    assert request["Mode"] == "MULTI_LABEL"
    assert request["InputDataConfig"]["LabelDelimiter"] == "~"
    written = rows(artifact(world, f"{run.reference.prefix}input/test.csv"))
    assert written == [["~".join(row["labels"]), row["text"]] for row in split(world, run, "test")]
    assert any("~" in labels for labels, _ in written)


@pytest.mark.parametrize("language", ["de", "en", "es", "fr", "it", "pt"])
def test_each_language_of_comprehend_is_asked_for(world: World, language: str) -> None:
    started(world, language=language)

    (request,) = world.comprehend.asked("CreateDocumentClassifier")
    assert request["LanguageCode"] == language


def test_with_a_key_everything_is_encrypted_by_it(world: World) -> None:
    run = started(world)
    world.comprehend.classifiers.clear()
    training(world, comprehend_kms_key_arn=KEY_ARN).start(run)

    request = world.comprehend.asked("CreateDocumentClassifier")[-1]
    assert request["OutputDataConfig"]["KmsKeyId"] == KEY_ARN
    assert request["VolumeKmsKeyId"] == request["ModelKmsKeyId"] == KEY_ARN


def test_starting_again_changes_nothing(world: World) -> None:
    run = started(world)
    writes = world.clients.s3.head_object(Bucket=ARTIFACTS, Key=f"{run.reference.prefix}input/train.csv")

    assert training(world).start(run) == run.training

    assert len(world.comprehend.asked("CreateDocumentClassifier")) == 1
    again = world.clients.s3.head_object(Bucket=ARTIFACTS, Key=f"{run.reference.prefix}input/train.csv")
    assert again["LastModified"] == writes["LastModified"]


def test_an_attempt_that_was_quicker_is_found(world: World) -> None:
    run = started(world)
    missing = ComprehendError("ResourceNotFoundException", "Could not find specified resource.")
    world.comprehend.errors["DescribeDocumentClassifier"] = [missing]
    world.comprehend.errors["CreateDocumentClassifier"] = [ComprehendError("ResourceInUseException", "In use.")]

    assert training(world).start(run) == run.training


def test_a_name_in_use_by_nothing_of_ours_is_tried_again(world: World) -> None:
    run = started(world)
    world.comprehend.classifiers.clear()
    world.comprehend.errors["CreateDocumentClassifier"] = [ComprehendError("ResourceInUseException", "In use.")]
    with pytest.raises(ClientError, match="In use"):
        training(world).start(run)


@pytest.mark.parametrize(
    "code",
    [
        "InvalidRequestException",
        "KmsKeyValidationException",
        "ResourceLimitExceededException",
        "UnsupportedLanguageException",
    ],
)
def test_what_amazon_would_say_again_refuses_the_run_in_its_words(world: World, code: str) -> None:
    world.comprehend.errors["CreateDocumentClassifier"] = [ComprehendError(code, "Not like this. " + "x" * 900)]
    run = started(world)

    assert run.status is RunStatus.REFUSED
    assert run.message.startswith("Amazon Comprehend refuses the training: Not like this.")
    assert len(run.message) < 500


@pytest.mark.parametrize("code", ["TooManyRequestsException", "ThrottlingException", "InternalServerException"])
def test_what_passes_is_tried_again(world: World, code: str) -> None:
    world.comprehend.errors["CreateDocumentClassifier"] = [ComprehendError(code, "Later.")]
    with pytest.raises(ClientError, match="Later"):
        started(world)


def test_a_region_without_comprehend_is_named(world: World) -> None:
    run = started(world)
    with pytest.raises(TrainingRefused, match=r"not offered in eu-west-1: set the backend camembert"):
        training(world, comprehend_role_arn="").start(run)


def test_too_few_documents_of_a_label_refuse_the_run(world: World) -> None:
    run = started(world, comprehend={"minimum_documents": 30})

    assert run.status is RunStatus.REFUSED
    assert "The setting comprehend.minimum_documents is that number." in run.message
    assert not world.comprehend.classifiers


def test_a_label_without_a_test_example_refuses_the_run(world: World) -> None:
    run = started(world)
    world.comprehend.classifiers.clear()
    only_a = "".join(json.dumps(row) + "\n" for row in split(world, run, "test") if row["label"] == "A")
    world.clients.s3.put_object(Bucket=ARTIFACTS, Key=run.splits["test"].key, Body=only_a.encode())
    with pytest.raises(TrainingRefused, match='test split has no example of "B"'):
        training(world).start(run)
    assert not world.comprehend.classifiers


@pytest.mark.parametrize(
    ("described", "status", "message"),
    [
        ({"Status": "SUBMITTED"}, RunStatus.TRAINING, "Training: SUBMITTED."),
        ({"Status": "TRAINING"}, RunStatus.TRAINING, "Training: TRAINING."),
        ({"Status": "STOP_REQUESTED"}, RunStatus.TRAINING, "Training: STOP_REQUESTED."),
        ({"Status": "TRAINED"}, RunStatus.TRAINED, "Training has completed."),
        (
            {"Status": "TRAINED_WITH_WARNING", "Message": "3 documents were skipped."},
            RunStatus.TRAINED,
            "Training has completed with a warning: 3 documents were skipped.",
        ),
        ({"Status": "IN_ERROR", "Message": "No access."}, RunStatus.FAILED, "No access."),
        ({"Status": "IN_ERROR"}, RunStatus.FAILED, "Training failed, and Comprehend gives no reason."),
        ({"Status": "STOPPED"}, RunStatus.FAILED, "Training was stopped."),
        ({"Status": "DELETING"}, RunStatus.FAILED, "The document classifier is DELETING in Comprehend."),
    ],
)
def test_each_of_comprehends_statuses_is_said_in_the_pipelines(
    world: World, described: dict[str, str], status: RunStatus, message: str
) -> None:
    run = started(world)
    world.comprehend.classifiers[run.training["arn"]] |= described

    state = training(world).state(run)

    assert (state.status, state.message) == (status, message)
    assert state.facts["service_status"] == described["Status"]
    assert state.facts.get("message") == described.get("Message")


def test_a_classifier_that_is_gone_has_failed(world: World) -> None:
    run = started(world)
    world.comprehend.classifiers.clear()

    state = training(world).state(run)

    assert (state.status, state.message) == (RunStatus.FAILED, "The document classifier was deleted from Comprehend.")


def test_the_record_says_what_became_of_the_training(world: World) -> None:
    run = started(world)
    world.complete_classifier(run.run_id)

    facts = training(world).state(run).facts

    assert facts["billable_seconds"] == 1800
    assert facts["started_at"] == "2026-11-01T10:00:00+00:00"
    assert facts["ended_at"] == "2026-11-01T10:30:00+00:00"
    assert facts["output"].endswith("output/output.tar.gz")
    assert facts["reported"]["EvaluationMetrics"]["Accuracy"] == 0.9
    assert facts["data_format"] == "COMPREHEND_CSV"
    json.dumps(facts)


def test_an_end_of_a_line_in_a_text_becomes_a_blank(world: World) -> None:
    dataset = json.loads(examples())
    run = started(world, json.dumps([{**row, "text": f"{row['text']}\nbis"} for row in dataset]).encode())

    written = rows(artifact(world, f"{run.reference.prefix}input/test.csv"))
    assert {text.rpartition(" ")[2] for _, text in written} == {"bis"}
    assert stored(world, run.run_id).status is RunStatus.TRAINING
