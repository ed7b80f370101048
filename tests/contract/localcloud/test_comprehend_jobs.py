"""Comprehend's asynchronous classification jobs, as plain boto3 sees them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localcloud import LocalCloud
from tests.contract.localcloud.account import ACCOUNT, refused, until
from tests.contract.localcloud.comprehend_account import (
    BUCKET,
    COMPREHEND,
    ComprehendAccount,
    multi_label_rows,
)

LINES = "J'adore le pain !\n\nLa radio est en panne.\r\n   \nOù se trouve la mer ?"


@pytest.fixture(scope="module")
def account(cloud: LocalCloud) -> ComprehendAccount:
    return ComprehendAccount(cloud)


@pytest.fixture(scope="module")
def model(account: ComprehendAccount) -> str:
    arn: str = account.train("sorter")["DocumentClassifierArn"]
    return arn


def request(account: ComprehendAccount, model: str, uri: str, **changes: Any) -> dict[str, Any]:
    return {
        "JobName": "a batch",
        "DocumentClassifierArn": model,
        "InputDataConfig": {"S3Uri": uri, "InputFormat": "ONE_DOC_PER_LINE"},
        "OutputDataConfig": {"S3Uri": f"s3://{BUCKET}/batches/out"},
        "DataAccessRoleArn": account.role,
        **changes,
    }


def describe(account: ComprehendAccount, job_id: str) -> dict[str, Any]:
    properties: dict[str, Any] = account.comprehend.describe_document_classification_job(JobId=job_id)[
        "DocumentClassificationJobProperties"
    ]
    return properties


def run(account: ComprehendAccount, model: str, uri: str, **changes: Any) -> dict[str, Any]:
    """The description of a job once it has ended."""
    started = account.comprehend.start_document_classification_job(**request(account, model, uri, **changes))
    seen: dict[str, Any] = until(
        lambda: describe(account, started["JobId"]), lambda job: job["JobStatus"] in ("COMPLETED", "FAILED")
    )
    return seen


def predictions(account: ComprehendAccount, job: dict[str, Any]) -> list[dict[str, Any]]:
    archive = account.archive(job["OutputDataConfig"]["S3Uri"])
    assert list(archive) == ["predictions.jsonl"]
    return [json.loads(line) for line in archive["predictions.jsonl"].splitlines()]


def test_every_line_with_text_is_classified(account: ComprehendAccount, model: str) -> None:
    uri = account.put("batches/lines.txt", LINES.encode())
    started = account.comprehend.start_document_classification_job(**request(account, model, uri))
    job_id = started["JobId"]

    assert started["JobArn"] == f"{COMPREHEND}:document-classification-job/{job_id}"
    assert started["DocumentClassifierArn"] == model
    assert started["JobStatus"] == "SUBMITTED"
    statuses = set()

    def look() -> dict[str, Any]:
        job = describe(account, job_id)
        statuses.add(job["JobStatus"])
        return job

    job = until(look, lambda job: job["JobStatus"] == "COMPLETED")
    assert statuses <= {"SUBMITTED", "IN_PROGRESS", "COMPLETED"}
    assert "IN_PROGRESS" in statuses
    output = f"s3://{BUCKET}/batches/out/{ACCOUNT}-CLN-{job_id}/output/output.tar.gz"
    assert job == {
        "JobId": job_id,
        "JobArn": started["JobArn"],
        "JobName": "a batch",
        "JobStatus": "COMPLETED",
        "SubmitTime": job["SubmitTime"],
        "EndTime": job["EndTime"],
        "DocumentClassifierArn": model,
        "InputDataConfig": {"S3Uri": uri, "InputFormat": "ONE_DOC_PER_LINE"},
        "OutputDataConfig": {"S3Uri": output},
        "DataAccessRoleArn": account.role,
    }
    found = predictions(account, job)
    assert [(entry["File"], entry["Line"], entry["Classes"][0]["Name"]) for entry in found] == [
        ("lines.txt", "0", "PRAISE"),
        ("lines.txt", "2", "COMPLAINT"),
        ("lines.txt", "4", "QUESTION"),
    ]
    for entry in found:
        assert sum(one["Score"] for one in entry["Classes"]) == pytest.approx(1)


def test_a_job_and_an_endpoint_agree(account: ComprehendAccount, model: str) -> None:
    uri = account.put("batches/agree.txt", b"J'adore le train !")
    (entry,) = predictions(account, run(account, model, uri))
    arn = account.endpoint("agreeing", model)

    answer = account.comprehend.classify_document(EndpointArn=arn, Text="J'adore le train !")
    assert entry["Classes"] == answer["Classes"]
    account.comprehend.delete_endpoint(EndpointArn=arn)


def test_files_can_be_documents(account: ComprehendAccount) -> None:
    multi_label = account.train_on("many", multi_label_rows(16), Mode="MULTI_LABEL")["DocumentClassifierArn"]
    account.put("files/a.txt", "J'adore le pain, quel bonheur !\nOù se trouve-t-il, et pourquoi ?".encode())
    account.put("files/deep/b.txt", b"Le train est en panne, je me plains.")
    config = {"S3Uri": f"s3://{BUCKET}/files/", "InputFormat": "ONE_DOC_PER_FILE"}

    found = predictions(account, run(account, multi_label, "", InputDataConfig=config))

    assert [(entry["File"], entry["Line"]) for entry in found] == [("a.txt", "0"), ("b.txt", "0")]
    labels = [{one["Name"] for one in entry["Labels"] if one["Score"] > 0.5} for entry in found]
    assert labels == [{"PRAISE", "QUESTION"}, {"COMPLAINT"}]


@pytest.mark.parametrize(
    ("name", "body", "format_", "reason"),
    [
        ("latin", "Très\nbien\nça va".encode("latin-1"), "LINE", "INVALID_INPUT: Line 1 of latin is not valid UTF-8."),
        ("million", b"\n" * 1_000_001, "LINE", "INVALID_INPUT: The input has 1000001 lines, a job takes at most"),
        ("large", b"x" * (10 << 20) + b"x", "FILE", "INVALID_INPUT: The file large is larger than 10 MB."),
    ],
)
def test_input_that_cannot_be_classified(
    account: ComprehendAccount, model: str, name: str, body: bytes, format_: str, reason: str
) -> None:
    config = {"S3Uri": account.put(f"bad/{name}", body), "InputFormat": f"ONE_DOC_PER_{format_}"}
    job = run(account, model, "", InputDataConfig=config)

    assert job["JobStatus"] == "FAILED"
    assert job["Message"].startswith(reason)


def test_a_job_without_input_fails(account: ComprehendAccount, model: str) -> None:
    uri = f"s3://{BUCKET}/nothing/here"
    job = run(account, model, uri)

    assert (job["JobStatus"], job["Message"]) == (
        "FAILED",
        f"INVALID_INPUT: There are no objects whose keys begin with {uri}.",
    )


def test_a_request_repeated_makes_one_job(account: ComprehendAccount, model: str) -> None:
    uri = account.put("batches/once.txt", LINES.encode())
    asked = request(account, model, uri, ClientRequestToken="batch-1")
    start = account.comprehend.start_document_classification_job
    first = start(**asked)

    assert start(**asked)["JobId"] == first["JobId"]
    assert refused(start, **{**asked, "JobName": "another"})[0] == "InvalidRequestException"
    assert start(**{**asked, "ClientRequestToken": "batch-2"})["JobId"] != first["JobId"]


def test_jobs_are_listed_by_name_and_status(account: ComprehendAccount, model: str) -> None:
    uri = account.put("batches/listed.txt", LINES.encode())
    jobs = [run(account, model, uri, JobName=f"listed {n}")["JobId"] for n in range(2)]
    listing = account.comprehend.list_document_classification_jobs

    def listed(**filters: Any) -> list[str]:
        found = listing(MaxResults=500, **filters)["DocumentClassificationJobPropertiesList"]
        return [job["JobId"] for job in found]

    assert listed(Filter={"JobName": "listed 1"}) == [jobs[1]]
    assert set(jobs) <= set(listed(Filter={"JobStatus": "COMPLETED"}))
    assert not set(jobs) & set(listed(Filter={"JobStatus": "FAILED"}))
    assert [job for job in listed() if job in jobs] == jobs[::-1]


def test_jobs_that_are_refused(account: ComprehendAccount, model: str) -> None:
    start = account.comprehend.start_document_classification_job
    asked = request(account, model, f"s3://{BUCKET}/any")
    nowhere = f"{COMPREHEND}:document-classifier/none"
    untrained = account.train_on("untrained", b"")["DocumentClassifierArn"]

    without = {member: value for member, value in asked.items() if member != "DocumentClassifierArn"}
    assert refused(start, **without)[0] == "InvalidRequestException"
    assert refused(start, **{**asked, "DocumentClassifierArn": nowhere})[0] == "ResourceNotFoundException"
    assert refused(start, **{**asked, "DocumentClassifierArn": untrained})[0] == "ResourceUnavailableException"
    assert refused(start, **{**asked, "VolumeKmsKeyId": "alias/none"})[0] == "KmsKeyValidationException"
    describe_job = account.comprehend.describe_document_classification_job
    assert refused(describe_job, JobId="0" * 32) == ("JobNotFoundException", f"There is no job {'0' * 32}.")


def test_a_model_a_job_uses_cannot_be_deleted(account: ComprehendAccount) -> None:
    busy = account.train("busy")["DocumentClassifierArn"]
    uri = account.put("batches/long.txt", (LINES.replace("\n\n", "\n") * 2_000).encode())
    started = account.comprehend.start_document_classification_job(**request(account, busy, uri))

    code, message = refused(account.comprehend.delete_document_classifier, DocumentClassifierArn=busy)

    assert code == "ResourceInUseException"
    assert started["JobArn"] in message
    until(lambda: describe(account, started["JobId"]), lambda job: job["JobStatus"] == "COMPLETED")
    account.comprehend.delete_document_classifier(DocumentClassifierArn=busy)


def test_a_jobs_tags_are_its_own(account: ComprehendAccount, model: str) -> None:
    uri = account.put("batches/tagged.txt", LINES.encode())
    asked = request(account, model, uri, Tags=[{"Key": "team", "Value": "tri"}])
    arn = account.comprehend.start_document_classification_job(**asked)["JobArn"]

    assert account.comprehend.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "tri"}]
