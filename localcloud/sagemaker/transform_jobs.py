"""CreateTransformJob, DescribeTransformJob, ListTransformJobs, StopTransformJob."""

from __future__ import annotations

import shutil
import threading
from typing import Any

from localcloud.ministack import Caller
from localcloud.protocol import ApiError, Parameters
from localcloud.roles import Place
from localcloud.sagemaker.events import publish_transform_job
from localcloud.sagemaker.listing import page
from localcloud.sagemaker.model_container import Host
from localcloud.sagemaker.models import Models
from localcloud.sagemaker.tags import Tags
from localcloud.sagemaker.transform_job import TransformJob
from localcloud.sagemaker.transform_run import carry_out
from localcloud.unoffered import refuse

_MOST_MEGABYTES = 100
_UNOFFERED = ("DataProcessing", "DataCaptureConfig", "ExperimentConfig")


class TransformJobs:
    def __init__(self, models: Models, host: Host, tags: Tags) -> None:
        self._models = models
        self._host = host
        self._tags = tags
        self._jobs: dict[str, TransformJob] = {}
        self._lock = threading.Lock()

    def create(self, caller: Caller, parameters: Parameters) -> dict[str, Any]:
        place = Place.of(caller)
        arn = place.arn("transform-job", parameters["TransformJobName"])
        self._refuse_second(arn)
        request = _completed(parameters)
        model = self._models.find(place, request["ModelName"])
        with self._lock:
            self._refuse_second(arn)
            self._tags.create(arn, parameters)
            job = self._jobs[arn] = TransformJob(request, place, model, publish_transform_job)
        threading.Thread(target=self._carry_out, args=(job,), name=f"transform-job-{job.name}", daemon=True).start()
        return {"TransformJobArn": arn}

    def describe(self, caller: Caller, parameters: Parameters) -> dict[str, Any]:
        return self._find(caller, parameters).describe()

    def list(self, caller: Caller, parameters: Parameters) -> dict[str, Any]:
        summaries = [job.summary() for job in list(self._jobs.values()) if job.place == Place.of(caller)]
        return page(
            summaries, parameters, key="TransformJobSummaries", name="TransformJobName", status="TransformJobStatus"
        )

    def stop(self, caller: Caller, parameters: Parameters) -> dict[str, Any]:
        job = self._find(caller, parameters)
        if not job.request_stop():
            raise ApiError(
                "ValidationException",
                f"The request was rejected because the transform job is in status {job.status}.",
            )
        return {}

    def _find(self, caller: Caller, parameters: Parameters) -> TransformJob:
        name = parameters["TransformJobName"]
        job = self._jobs.get(Place.of(caller).arn("transform-job", name))
        if job is None or job.name != name:
            # The model has a ResourceNotFound for this; the service answers with a ValidationException.
            raise ApiError("ValidationException", f"Could not find requested job with name: {name}")
        return job

    def _refuse_second(self, arn: str) -> None:
        if arn in self._jobs:
            raise ApiError(
                "ResourceInUse",
                "Job name must be unique within an AWS account and region, and a job with this name already exists "
                f"({arn})",
            )

    def _carry_out(self, job: TransformJob) -> None:
        carry_out(job, self._host)
        # On AWS the instance is gone by now, and with it what it had not uploaded.
        shutil.rmtree(self._host.folder / job.name, ignore_errors=True)


def _completed(parameters: Parameters) -> Parameters:
    """The request with AWS's defaults. Raises ApiError for what AWS refuses and for what is not offered here."""
    refuse(parameters, _UNOFFERED)
    request = {
        **parameters,
        "TransformInput": {"CompressionType": "None", "SplitType": "None", **parameters["TransformInput"]},
        "TransformOutput": {"AssembleWith": "None", **parameters["TransformOutput"]},
    }
    _check_places(request)
    if parameters["TransformResources"]["InstanceCount"] != 1:
        raise ApiError("ValidationException", "The local AWS transforms on one instance: InstanceCount must be 1.")
    megabytes, concurrent = parameters.get("MaxPayloadInMB"), parameters.get("MaxConcurrentTransforms")
    if megabytes == 0:
        raise ApiError(
            "ValidationException", "MaxPayloadInMB 0 (HTTP chunked encoding) is not offered by the local AWS."
        )
    if (megabytes or 1) * (concurrent or 1) > _MOST_MEGABYTES:
        raise ApiError(
            "ValidationException",
            f"MaxConcurrentTransforms * MaxPayloadInMB must not exceed {_MOST_MEGABYTES} MB, and is "
            f"{concurrent or 1} * {megabytes or 1}.",
        )
    return request


def _check_places(request: Parameters) -> None:
    data, output = request["TransformInput"], request["TransformOutput"]
    source = data["DataSource"]["S3DataSource"]
    if source["S3DataType"] != "S3Prefix":
        raise ApiError("ValidationException", "The local AWS transforms what lies under an S3DataType S3Prefix only.")
    if data["SplitType"] not in ("None", "Line"):
        raise ApiError("ValidationException", f"SplitType {data['SplitType']} is not offered by the local AWS.")
    for uri in (source["S3Uri"], output["S3OutputPath"]):
        if not uri.startswith("s3://"):
            raise ApiError("ValidationException", f"The local AWS reads and writes s3://, not {uri}.")
