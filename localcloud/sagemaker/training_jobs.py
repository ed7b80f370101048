"""CreateTrainingJob, DescribeTrainingJob, ListTrainingJobs, StopTrainingJob."""

from __future__ import annotations

import shutil
import threading
from typing import Any

from localcloud.images import ImageCatalogue
from localcloud.ministack import Caller
from localcloud.protocol import ApiError, Parameters
from localcloud.roles import Place, RoleRefused, Roles, RoleSession
from localcloud.sagemaker.events import publish_training_job
from localcloud.sagemaker.listing import page
from localcloud.sagemaker.tags import Tags
from localcloud.sagemaker.training_job import TrainingJob
from localcloud.sagemaker.training_requests import completed
from localcloud.sagemaker.training_run import Workshop, carry_out
from localcloud.transfer import TransferFailed, has_objects, split_uri


class TrainingJobs:
    def __init__(self, roles: Roles, images: ImageCatalogue, workshop: Workshop, tags: Tags) -> None:
        self._roles = roles
        self._images = images
        self._workshop = workshop
        self._tags = tags
        self._jobs: dict[str, TrainingJob] = {}
        self._lock = threading.Lock()

    def create(self, caller: Caller, parameters: Parameters) -> dict[str, Any]:
        place = Place.of(caller)
        arn = place.arn("training-job", parameters["TrainingJobName"])
        self._refuse_second(arn)
        request = completed(parameters)
        session = self._assume(request["RoleArn"], place, arn)
        for channel in request["InputDataConfig"]:
            _require_objects(session, channel["DataSource"]["S3DataSource"]["S3Uri"])
        with self._lock:
            self._refuse_second(arn)
            self._tags.create(arn, parameters)
            job = self._jobs[arn] = TrainingJob(request, place, publish_training_job)
        image = self._images.find(request["AlgorithmSpecification"]["TrainingImage"])
        threading.Thread(
            target=self._carry_out, args=(job, session, image), name=f"training-job-{job.name}", daemon=True
        ).start()
        return {"TrainingJobArn": arn}

    def describe(self, caller: Caller, parameters: Parameters) -> dict[str, Any]:
        return self._find(caller, parameters).describe()

    def list(self, caller: Caller, parameters: Parameters) -> dict[str, Any]:
        summaries = [job.summary() for job in list(self._jobs.values()) if job.place == Place.of(caller)]
        return page(
            summaries, parameters, key="TrainingJobSummaries", name="TrainingJobName", status="TrainingJobStatus"
        )

    def stop(self, caller: Caller, parameters: Parameters) -> dict[str, Any]:
        job = self._find(caller, parameters)
        if not job.request_stop():
            raise ApiError(
                "ValidationException",
                f"The request was rejected because the training job is in status {job.status}.",
            )
        return {}

    def _find(self, caller: Caller, parameters: Parameters) -> TrainingJob:
        arn = Place.of(caller).arn("training-job", parameters["TrainingJobName"])
        job = self._jobs.get(arn)
        if job is None or job.name != parameters["TrainingJobName"]:
            # The model has a ResourceNotFound for this; the service answers with a ValidationException.
            raise ApiError("ValidationException", "Requested resource not found.")
        return job

    def _refuse_second(self, arn: str) -> None:
        if arn in self._jobs:
            raise ApiError(
                "ResourceInUse",
                "Training job names must be unique within an AWS account and region, and a training job with this "
                f"name already exists ({arn})",
            )

    def _assume(self, role_arn: str, place: Place, arn: str) -> RoleSession:
        try:
            return self._roles.assume(role_arn, place, arn)
        except RoleRefused:
            raise ApiError(
                "ValidationException",
                f"Could not assume role {role_arn}. Please ensure that the role exists and allows principal "
                "'sagemaker.amazonaws.com' to assume the role.",
            ) from None

    def _carry_out(self, job: TrainingJob, session: RoleSession, image: Any) -> None:
        carry_out(job, session, image, self._workshop)
        # On AWS the instance is gone by now, and what it did not upload with it.
        shutil.rmtree(self._workshop.folder / job.name, ignore_errors=True)


def _require_objects(session: RoleSession, uri: str) -> None:
    try:
        if has_objects(session.client("s3"), uri):
            return
    except TransferFailed:
        pass
    bucket, region = split_uri(uri)[0], session.place.region
    raise ApiError(
        "ValidationException",
        f'No S3 objects found under S3 URL "{uri}" given in input data source. Please ensure that the bucket exists '
        f"in the selected region ({region}), that objects exist under that S3 prefix, and that the role "
        f'"{session.role_arn}" has "s3:ListBucket" permissions on bucket "{bucket}".',
    )
