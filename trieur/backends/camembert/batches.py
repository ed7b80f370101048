"""Batches: our inference container in a SageMaker transform job, without an endpoint."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, cast

from botocore.exceptions import ClientError

from trieur import names
from trieur.backends.base import BatchRefused, BatchState
from trieur.backends.camembert.models import create_model
from trieur.backends.camembert.refusals import refusal
from trieur.backends.camembert.resources import run_tags
from trieur.batches import Batch, BatchStatus
from trieur.deployment import Clients, Deployment
from trieur.objects import JSON_LINES, ObjectStore
from trieur.predictions import MalformedPrediction, Prediction, from_json
from trieur.runs import Run

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.literals import TransformInstanceTypeType
    from mypy_boto3_sagemaker.type_defs import DescribeTransformJobResponseTypeDef

# A request's. Every text fits (trieur.batch_texts.MAX_TEXT_BYTES), and no more than 80,000 of the shortest do: the
# container takes 6 MB and 100,000 texts (containers/serve/README.md).
PAYLOAD_MB: Final = 1
# The whole payload in short questions takes a small machine about two minutes.
REQUEST_SECONDS: Final = 1800

_TEXTS: Final = "texts.jsonl"
# SageMaker's words differ between its operations.
_NO_SUCH_JOB: Final = ("Could not find requested job", "Requested resource not found")


class CamembertBatches:
    """See `trieur.backends.base.Batches`."""

    def __init__(self, deployment: Deployment, clients: Clients) -> None:
        self._deployment = deployment
        self._sagemaker = clients.sagemaker
        self._artifacts = ObjectStore(clients.s3, deployment.artifacts_bucket)

    def start(self, batch: Batch, run: Run, texts: Sequence[str]) -> dict[str, Any]:
        name = names.run_resource(self._deployment.name, batch.classifier, batch.batch_id)
        # In ASCII: whatever splits the lines, only a line feed can end one.
        records = (json.dumps({"text": text}).encode() + b"\n" for text in texts)
        self._artifacts.upload(f"{batch.reference.prefix}input/{_TEXTS}", records, JSON_LINES)
        model = create_model(self._deployment, self._sagemaker, run)
        try:
            arn = self._create_job(name, model, batch, run)
        except ClientError as error:
            # The same batch may have been started before.
            job = self._find_job(name)
            if job is None:
                said = refusal(error)
                if said is None:
                    raise
                raise BatchRefused(f"SageMaker refuses the transform job: {said}.") from error
            arn = job["TransformJobArn"]
        return {"job": name, "arn": arn, "model": model, "instance_type": batch.settings.instance_type}

    def state(self, batch: Batch) -> BatchState:
        job = self._sagemaker.describe_transform_job(TransformJobName=batch.job["job"])
        facts = _job_facts(job)
        match job["TransformJobStatus"]:
            case "InProgress" | "Stopping":
                return BatchState(BatchStatus.RUNNING, f"Classifying: {job['TransformJobStatus']}.", facts)
            case "Completed":
                return BatchState(BatchStatus.COMPLETED, "The transform job has completed.", facts)
            case "Stopped":
                return BatchState(BatchStatus.FAILED, "The transform job was stopped.", facts)
            case _:
                reason = job.get("FailureReason", "SageMaker gives no reason.")
                return BatchState(BatchStatus.FAILED, f"The transform job failed: {reason}", facts)

    def predictions(self, batch: Batch) -> Iterator[Prediction | None]:
        key, number = f"{batch.reference.prefix}output/{_TEXTS}.out", 0
        # An answer is never blank; a line feed more than ours would be SageMaker's, from putting requests together.
        answers = (line for line in self._artifacts.lines(key) if line.strip())
        for number, line in enumerate(answers, start=1):
            yield self._prediction(line, key, number)
        if number != batch.request.texts:
            raise MalformedPrediction(
                f"{self._deployment.artifact_uri(key)} has {number:,} answers for {batch.request.texts:,} texts, so"
                " that which belongs to which cannot be told."
            )

    def _prediction(self, line: bytes, key: str, number: int) -> Prediction | None:
        try:
            return from_json(json.loads(line))
        except (ValueError, KeyError, TypeError) as error:
            raise MalformedPrediction(
                f"Answer {number:,} in {self._deployment.artifact_uri(key)} is not a prediction: {line[:200]!r}."
            ) from error

    def _create_job(self, name: str, model: str, batch: Batch, run: Run) -> str:
        folder = self._deployment.artifact_uri(batch.reference.prefix)
        return self._sagemaker.create_transform_job(
            TransformJobName=name,
            ModelName=model,
            BatchStrategy="MultiRecord",
            MaxPayloadInMB=PAYLOAD_MB,
            ModelClientConfig={"InvocationsTimeoutInSeconds": REQUEST_SECONDS},
            TransformInput={
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"{folder}input/{_TEXTS}"}},
                "ContentType": JSON_LINES,
                "SplitType": "Line",
            },
            # Not assembled by line: the container ends each of its lines itself.
            TransformOutput={"S3OutputPath": f"{folder}output", "Accept": JSON_LINES},
            TransformResources={
                "InstanceType": cast("TransformInstanceTypeType", batch.settings.instance_type),
                "InstanceCount": 1,
            },
            Tags=[*run_tags(run), {"Key": "trieur:batch", "Value": batch.batch_id}],
        )["TransformJobArn"]

    def _find_job(self, name: str) -> "DescribeTransformJobResponseTypeDef | None":
        try:
            return self._sagemaker.describe_transform_job(TransformJobName=name)
        except ClientError as error:
            if any(words in str(error) for words in _NO_SUCH_JOB):
                return None
            raise


def _job_facts(job: "DescribeTransformJobResponseTypeDef") -> dict[str, Any]:
    facts: dict[str, Any] = {"job_status": job["TransformJobStatus"]}
    for name, value in (("started_at", job.get("TransformStartTime")), ("ended_at", job.get("TransformEndTime"))):
        if isinstance(value, datetime):
            facts[name] = value.isoformat()
    return facts
