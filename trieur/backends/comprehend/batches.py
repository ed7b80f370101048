"""Batches: Comprehend's asynchronous classification of a document a line, without an endpoint."""

import json
import logging
import tempfile
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import IO, TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from trieur import names
from trieur.backends import output_archive
from trieur.backends.base import BatchRefused, BatchState
from trieur.backends.comprehend.flattening import flattened
from trieur.backends.comprehend.resources import amazons_words, error_code, model_arn, run_tags
from trieur.batches import Batch, BatchStatus
from trieur.deployment import Clients, Deployment
from trieur.objects import ObjectStore
from trieur.predictions import MalformedPrediction, Prediction, from_comprehend
from trieur.runs import Run

if TYPE_CHECKING:
    from mypy_boto3_comprehend.type_defs import (
        DocumentClassificationJobPropertiesTypeDef,
        OutputDataConfigTypeDef,
        StartDocumentClassificationJobRequestTypeDef,
    )

logger = logging.getLogger(__name__)

# Comprehend would say these again.
_IN_VAIN: Final = (
    "InvalidRequestException",
    "KmsKeyValidationException",
    "ResourceNotFoundException",
    "ResourceUnavailableException",
)


class ComprehendBatches:
    """See `trieur.backends.base.Batches`."""

    def __init__(self, deployment: Deployment, clients: Clients) -> None:
        self._deployment = deployment
        self._clients = clients
        self._artifacts = ObjectStore(clients.s3, deployment.artifacts_bucket)

    def start(self, batch: Batch, run: Run, texts: Sequence[str]) -> dict[str, Any]:
        if not self._deployment.comprehend_role_arn:
            raise BatchRefused("There is no Amazon Comprehend in this deployment's region: use the backend camembert.")
        key = f"{batch.reference.prefix}input/texts.txt"
        lines = (flattened(text).encode() + b"\n" for text in texts)
        self._artifacts.upload(key, lines, "text/plain; charset=utf-8")
        request = self._request(batch, run, self._deployment.artifact_uri(key))
        try:
            job = self._clients.comprehend.start_document_classification_job(**request)
        except ClientError as error:
            if error_code(error) not in _IN_VAIN:
                raise
            raise BatchRefused(f"Comprehend refuses the classification job: {amazons_words(error)}.") from error
        return {
            "job": request["JobName"],
            "id": job["JobId"],
            "arn": job["JobArn"],
            "model": request["DocumentClassifierArn"],
        }

    def state(self, batch: Batch) -> BatchState:
        job = self._clients.comprehend.describe_document_classification_job(JobId=batch.job["id"])[
            "DocumentClassificationJobProperties"
        ]
        status, facts = job["JobStatus"], _job_facts(job)
        match status:
            case "COMPLETED":
                return BatchState(BatchStatus.COMPLETED, "The classification job has completed.", facts)
            case "FAILED":
                reason = job.get("Message", "Comprehend gives no reason.")
                return BatchState(BatchStatus.FAILED, f"The classification job failed: {reason}", facts)
            case "STOPPED":
                return BatchState(BatchStatus.FAILED, "The classification job was stopped.", facts)
            case _:
                return BatchState(BatchStatus.RUNNING, f"Classifying: {status}.", facts)

    def predictions(self, batch: Batch) -> Iterator[Prediction | None]:
        bucket, _, key = batch.job["output"].removeprefix("s3://").partition("/")
        # On disk: Comprehend promises no order, and leaves lines out.
        with tempfile.TemporaryFile() as answers:
            starts = array("q", [-1]) * batch.request.texts
            for line in output_archive.read_lines(self._clients.s3, bucket, key):
                if line.strip():
                    _file_answer(line, answers, starts, batch.job["output"])
            yield from _answers_in_order(answers, starts)

    def _request(self, batch: Batch, run: Run, input_uri: str) -> "StartDocumentClassificationJobRequestTypeDef":
        name = names.run_resource(self._deployment.name, batch.classifier, batch.batch_id)
        key = self._deployment.comprehend_kms_key_arn
        output: OutputDataConfigTypeDef = {
            "S3Uri": self._deployment.artifact_uri(f"{batch.reference.prefix}output/"),
        }
        request: StartDocumentClassificationJobRequestTypeDef = {
            "JobName": name,
            "DocumentClassifierArn": model_arn(self._deployment, run),
            "InputDataConfig": {"S3Uri": input_uri, "InputFormat": "ONE_DOC_PER_LINE"},
            "OutputDataConfig": output,
            "DataAccessRoleArn": self._deployment.comprehend_role_arn,
            # Repeated, it gets the job that was started before.
            "ClientRequestToken": batch.batch_id,
            "Tags": [*run_tags(run), {"Key": "trieur:batch", "Value": batch.batch_id}],
        }
        if key:
            output["KmsKeyId"] = request["VolumeKmsKeyId"] = key
        return request


def _file_answer(line: bytes, answers: IO[bytes], starts: "array[int]", where: str) -> None:
    """Keep the answer to one text, and where it starts."""
    try:
        number = int(json.loads(line)["Line"])
    except (ValueError, KeyError, TypeError) as error:
        raise MalformedPrediction(f"{where} holds a line that names no text: {line[:200]!r}.") from error
    if not 0 <= number < len(starts):
        raise MalformedPrediction(f"{where} answers line {number:,}, counted from 0, of {len(starts):,} texts.")
    if starts[number] >= 0:
        raise MalformedPrediction(f"{where} answers line {number:,}, counted from 0, twice.")
    starts[number] = answers.tell()
    answers.write(line if line.endswith(b"\n") else line + b"\n")


def _answers_in_order(answers: IO[bytes], starts: "array[int]") -> Iterator[Prediction | None]:
    failed: Counter[str] = Counter()
    for start in starts:
        if start < 0:
            failed["no answer"] += 1
            yield None
            continue
        # Answers that lie in order are read through without going back and forth.
        if answers.tell() != start:
            answers.seek(start)
        answer = json.loads(answers.readline())
        if "ErrorCode" in answer:
            failed[answer["ErrorCode"]] += 1
            yield None
        else:
            yield from_comprehend(answer)
    if failed:
        logger.warning("texts without a prediction", extra={"reasons": dict(failed)})


def _job_facts(job: "DocumentClassificationJobPropertiesTypeDef") -> dict[str, Any]:
    facts: dict[str, Any] = {"job_status": job["JobStatus"]}
    for name, value in (("started_at", job.get("SubmitTime")), ("ended_at", job.get("EndTime"))):
        if value is not None:
            facts[name] = value.isoformat()
    if job["JobStatus"] == "COMPLETED":
        facts["output"] = job["OutputDataConfig"]["S3Uri"]
    return facts
