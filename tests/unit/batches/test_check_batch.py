import json
from typing import Any

import pytest

from tests.unit.batches.bulk import (
    answers,
    complete_classification,
    complete_transform,
    inbox,
    inbox_keys,
    said,
    settings,
    start,
    trained,
)
from tests.unit.world import INBOX, World
from trieur.batches import Batch, BatchReference, BatchStatus
from trieur.pipeline.check_batch import check_batch, fail_batch

LINES = [f"text {number}" if number % 7 else "" for number in range(300)]
TEXTS = "\n".join(LINES).encode()


def begin(world: World, backend: Any, body: bytes = TEXTS, key: str = "batch/questions/texts.txt") -> BatchReference:
    settings(world, backend=backend)
    trained(world, backend)
    (batch_id,) = start(world, world.drop(key, body)).batch_ids
    return BatchReference(classifier="questions", batch_id=batch_id, backend=backend)


def check(world: World, reference: BatchReference) -> Batch:
    return check_batch(reference, world.deployment, world.clients)


def complete(world: World, reference: BatchReference) -> None:
    if reference.backend == "camembert":
        complete_transform(world, reference.batch_id)
    else:
        complete_classification(world)


@pytest.mark.parametrize("backend", ["camembert", "comprehend"])
def test_predictions_lie_beside_the_request_line_by_line(world: World, backend: Any) -> None:
    reference = begin(world, backend)
    assert check(world, reference).status is BatchStatus.RUNNING
    complete(world, reference)
    batch = check(world, reference)

    key = f"batch/questions/texts.txt.{backend}.predictions.jsonl"
    assert batch.status is BatchStatus.COMPLETED
    assert answers(world, key) == [said(line) if line else [] for line in LINES]
    assert batch.predictions == f"s3://{INBOX}/{key}"
    assert "Classified 257 texts" in batch.message
    assert "Blank lines: 43. Texts without a prediction: 0." in batch.message
    assert f"s3://{INBOX}/{key}" in batch.message
    assert batch.job["ended_at"].startswith("2026-11-01")
    assert batch.outcome() == {**reference.model_dump(), "status": "COMPLETED", "message": batch.message}


@pytest.mark.parametrize("backend", ["camembert", "comprehend"])
def test_json_lines_with_ends_of_lines_inside_keep_their_places(world: World, backend: Any) -> None:
    texts = ["a\nb", "", "c\u2028d\r\ne", "é😀"]
    body = "\n".join(json.dumps({"text": text}) for text in texts).encode()
    reference = begin(world, backend, body, "batch/questions/x.jsonl")
    complete(world, reference)
    check(world, reference)

    classes = [
        line[0]["Class"] if line else None
        for line in answers(world, f"batch/questions/x.jsonl.{backend}.predictions.jsonl")
    ]
    flat = ["a b", None, "c d e", "é😀"] if backend == "comprehend" else [text or None for text in texts]
    assert classes == flat


def test_ends_of_lines_that_sagemaker_adds_shift_nothing(world: World) -> None:
    reference = begin(world, "camembert", b"a\n\nb\n")
    complete_transform(world, reference.batch_id, lambda lines: [lines[0], b"", lines[1], b""])
    check(world, reference)

    assert answers(world, "batch/questions/texts.txt.camembert.predictions.jsonl") == [said("a"), [], said("b")]


def test_predictions_are_written_as_the_design_says(world: World) -> None:
    reference = begin(world, "camembert", "é\n".encode())
    complete(world, reference)
    check(world, reference)

    assert inbox(world, "batch/questions/texts.txt.camembert.predictions.jsonl").decode() == (
        '[{"Class": "é", "Probability": 0.9}, {"Class": "other", "Probability": 0.1}]\n'
    )


def test_a_batch_that_has_ended_stays_as_it_is(world: World) -> None:
    reference = begin(world, "camembert")
    complete(world, reference)
    done = check(world, reference)
    calls = len(world.sagemaker.calls)

    assert check(world, reference) == done
    assert fail_batch(reference, "too late", world.deployment, world.clients) == done
    assert len(world.sagemaker.calls) == calls


def test_what_comprehend_leaves_out_or_cannot_do_has_no_prediction(world: World) -> None:
    reference = begin(world, "comprehend", b"a\nb\n\nc\nd\n")

    def spoil(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        by_line = {line["Line"]: line for line in lines}
        failed = {"File": "texts.txt", "Line": "1", "ErrorCode": "DOCUMENT_SIZE_EXCEEDED", "ErrorMessage": "Too long."}
        return [by_line["3"] | {"Classes": []}, failed, by_line["0"]]

    complete_classification(world, spoil)
    batch = check(world, reference)

    assert batch.status is BatchStatus.COMPLETED
    assert answers(world, "batch/questions/texts.txt.comprehend.predictions.jsonl") == [said("a"), [], [], [], []]
    assert "Blank lines: 1. Texts without a prediction: 3." in batch.message


def test_a_multi_label_models_labels_are_predictions_too(world: World) -> None:
    reference = begin(world, "comprehend", b"a\nb\n")
    complete_classification(world, name="Labels")
    check(world, reference)

    assert answers(world, "batch/questions/texts.txt.comprehend.predictions.jsonl") == [said("a"), said("b")]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda lines: lines[:-1], "has 1 answers for 2 texts"),
        (lambda lines: [*lines, lines[0]], "has 3 answers for 2 texts"),
        (lambda lines: [b"<html>", lines[0]], "Answer 1 in s3://artifacts/batches/questions/"),
        (lambda lines: [lines[0], b'{"error": "no"}'], "is not a prediction"),
        (lambda lines: [lines[0], b'[{"Class": "a", "Probability": 7}]'], "is not a prediction"),
    ],
)
def test_an_answer_that_cannot_be_matched_fails_the_batch_and_leaves_nothing(
    world: World, change: Any, words: str
) -> None:
    reference = begin(world, "camembert", b"a\n\nb\n")
    complete_transform(world, reference.batch_id, change)
    batch = check(world, reference)

    assert batch.status is BatchStatus.FAILED
    assert words in batch.message
    assert inbox_keys(world) == ["batch/questions/texts.txt"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda lines: [*lines, lines[0]], "counted from 0, twice"),
        (lambda lines: [lines[0] | {"Line": "2"}], "answers line 2, counted from 0, of 2 texts"),
        (lambda lines: [lines[0] | {"Line": "-1"}], "answers line -1"),
        (lambda lines: [{"File": lines[0]["File"], "Classes": []}], "names no text"),
        (lambda lines: [lines[0] | {"Classes": None}], "is not a prediction"),
    ],
)
def test_an_archive_that_cannot_be_matched_fails_the_batch(world: World, change: Any, words: str) -> None:
    reference = begin(world, "comprehend", b"a\n\nb\n")
    complete_classification(world, change)
    batch = check(world, reference)

    assert batch.status is BatchStatus.FAILED
    assert words in batch.message
    assert inbox_keys(world) == ["batch/questions/texts.txt"]


def test_what_is_no_archive_is_said(world: World) -> None:
    reference = begin(world, "comprehend")
    complete_classification(world)
    (job,) = world.comprehend.jobs.values()
    bucket, key = job["OutputDataConfig"]["S3Uri"].removeprefix("s3://").split("/", 1)
    whole = world.clients.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    world.clients.s3.put_object(Bucket=bucket, Key=key, Body=whole[: len(whole) // 2])
    batch = check(world, reference)

    assert batch.status is BatchStatus.FAILED
    assert "cannot be read as a tar.gz" in batch.message


@pytest.mark.parametrize(
    ("job", "status", "words"),
    [
        ({"TransformJobStatus": "Stopping"}, "RUNNING", "Stopping"),
        ({"TransformJobStatus": "Stopped"}, "FAILED", "was stopped"),
        ({"TransformJobStatus": "Failed", "FailureReason": "Bad data."}, "FAILED", "failed: Bad data."),
        ({"TransformJobStatus": "Failed"}, "FAILED", "gives no reason"),
    ],
)
def test_a_transform_jobs_status_in_our_words(world: World, job: Any, status: str, words: str) -> None:
    reference = begin(world, "camembert")
    world.sagemaker.transform_jobs[f"trieur-questions-{reference.batch_id}"] |= job
    batch = check(world, reference)

    assert (batch.status, words in batch.message) == (status, True)
    assert inbox_keys(world) == ["batch/questions/texts.txt"]


@pytest.mark.parametrize(
    ("job", "status", "words"),
    [
        ({"JobStatus": "SUBMITTED"}, "RUNNING", "SUBMITTED"),
        ({"JobStatus": "IN_PROGRESS"}, "RUNNING", "IN_PROGRESS"),
        ({"JobStatus": "STOP_REQUESTED"}, "RUNNING", "STOP_REQUESTED"),
        ({"JobStatus": "STOPPED"}, "FAILED", "was stopped"),
        ({"JobStatus": "FAILED", "Message": "NO_READ_ACCESS"}, "FAILED", "failed: NO_READ_ACCESS"),
        ({"JobStatus": "FAILED"}, "FAILED", "gives no reason"),
    ],
)
def test_a_classification_jobs_status_in_our_words(world: World, job: Any, status: str, words: str) -> None:
    reference = begin(world, "comprehend")
    next(iter(world.comprehend.jobs.values())).update(job)
    batch = check(world, reference)

    assert (batch.status, words in batch.message) == (status, True)


@pytest.mark.parametrize("backend", ["camembert", "comprehend"])
def test_an_older_versions_predictions_do_not_replace_a_newer_ones(world: World, backend: Any) -> None:
    old = begin(world, backend, b"old\n")
    if backend == "comprehend":
        complete(world, old)
    new = BatchReference(
        classifier="questions",
        batch_id=start(world, world.drop("batch/questions/texts.txt", b"new\n")).batch_ids[0],
        backend=backend,
    )
    complete(world, new)
    check(world, new)
    if backend == "camembert":
        complete(world, old)
    batch = check(world, old)

    key = f"batch/questions/texts.txt.{backend}.predictions.jsonl"
    assert answers(world, key) == [said("new")]
    assert batch.status is BatchStatus.COMPLETED
    assert "has been replaced since" in batch.message
    apart = f"batches/questions/{old.batch_id}/predictions.jsonl"
    assert batch.predictions == f"s3://artifacts/{apart}"
    assert world.json(apart) == said("old")


def test_a_request_deleted_meanwhile_still_gets_its_predictions(world: World) -> None:
    reference = begin(world, "camembert", b"a\n")
    world.clients.s3.delete_object(Bucket=INBOX, Key="batch/questions/texts.txt")
    complete(world, reference)

    assert check(world, reference).status is BatchStatus.COMPLETED
    assert answers(world, "batch/questions/texts.txt.camembert.predictions.jsonl") == [said("a")]


def test_a_version_deleted_for_good_fails_in_words(world: World) -> None:
    drop = world.drop("batch/questions/texts.txt", b"a\n")
    trained(world)
    (batch_id,) = start(world, drop).batch_ids
    world.clients.s3.delete_object(Bucket=INBOX, Key=drop.key, VersionId=drop.version)
    complete_transform(world, batch_id)
    batch = check(world, BatchReference(classifier="questions", batch_id=batch_id, backend="camembert"))

    assert batch.status is BatchStatus.FAILED
    assert "is gone" in batch.message


def test_a_failed_step_fails_the_batch(world: World) -> None:
    reference = begin(world, "camembert")
    batch = fail_batch(reference, "A step failed.", world.deployment, world.clients)

    assert (batch.status, batch.message) == (BatchStatus.FAILED, "A step failed.")


def test_a_batch_nobody_started_is_looked_for_by_name(world: World) -> None:
    with pytest.raises(LookupError, match=r"s3://artifacts/batches/questions/0/batch\.json"):
        check(world, BatchReference(classifier="questions", batch_id="0", backend="camembert"))
