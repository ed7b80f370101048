"""Carries out one training job: fetch, train, keep, exactly in SageMaker's order and with its reasons."""

from __future__ import annotations

import contextlib
import logging
import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from localcloud.containers import Container, Launch, Runner
from localcloud.containers.base import stop
from localcloud.images import Image, ImageError
from localcloud.roles import RoleSession
from localcloud.sagemaker.checkpoints import Checkpoints
from localcloud.sagemaker.container_log import ContainerLog, Metric
from localcloud.sagemaker.opt_ml import OptMl
from localcloud.sagemaker.training_clock import Clock, Ending
from localcloud.sagemaker.training_job import TrainingJob
from localcloud.transfer import TransferFailed, download_prefix, upload_archive

_logger = logging.getLogger("localcloud")
_LOG_GROUP = "/aws/sagemaker/TrainingJobs"
_CARRY_SECONDS = 0.5
_WATCH_SECONDS = 0.05


class JobFailed(Exception):
    """A FailureReason."""


@dataclass(frozen=True)
class Workshop:
    """Where and how jobs are carried out."""

    runner: Runner
    folder: Path
    logs: Path
    stop_grace: float
    spot_interruption: float | None


def carry_out(job: TrainingJob, session: RoleSession, image: Image | None, workshop: Workshop) -> None:
    """Runs the job to its end, which is always a final status and never an exception."""
    try:
        _run(job, session, image, workshop)
    except JobFailed as error:
        job.end("Failed", "Failed", "Training job failed", str(error))
    except Exception:
        _logger.exception("The training job %s met an error of the local AWS itself", job.name)
        job.end("Failed", "Failed", "Training job failed", "InternalServerError: We encountered an internal error.")


def _run(job: TrainingJob, session: RoleSession, image: Image | None, workshop: Workshop) -> None:
    if image is None or not session.may_pull(image):
        raise JobFailed(
            "ClientError: Cannot pull algorithm container. Either the image does not exist or its permissions are "
            "incorrect."
        )
    s3 = session.client("s3")
    clock = Clock(job.request, workshop.spot_interruption)
    log: ContainerLog | None = None
    while True:
        opt_ml = _new_disk(job, workshop)
        checkpoints = _checkpoints(job, s3, opt_ml)
        _download(job, s3, opt_ml, checkpoints)
        if job.stop_requested.is_set():
            job.end("Stopped", "Stopped", "Training job stopped")
            return
        job.move("Training", "Training image download completed. Training in progress.")
        container = _start(job, image, opt_ml, workshop)
        log = log or _open_log(job, session, workshop)
        with checkpoints.kept() if checkpoints else contextlib.nullcontext():
            exit_code, ending = _watch(job, container, log, clock, workshop.stop_grace)
        failed = exit_code != 0 and ending is Ending.BY_ITSELF and not job.stop_requested.is_set()
        _keep_checkpoints(job, checkpoints, needed=not failed)
        if ending is not Ending.INTERRUPTED or job.stop_requested.is_set():
            break
        job.move("Interrupted", "Training job interrupted: the spot instance was reclaimed")
        job.move("Starting", "Starting the training job")
    if failed:
        _keep(job, s3, opt_ml, model=False)
        raise JobFailed(f"AlgorithmError: {opt_ml.failure()}, exit code: {exit_code}")
    if ending is not Ending.OUT_OF_WAIT:
        job.move("Uploading", "Uploading generated training model")
    _keep(job, s3, opt_ml, model=True)
    if ending is Ending.OUT_OF_TIME:
        job.end("Stopped", "MaxRuntimeExceeded", "Training job runtime exceeded MaxRuntimeInSeconds provided")
    elif ending is Ending.OUT_OF_WAIT:
        job.end("Stopped", "MaxWaitTimeExceeded", "Training job wait time exceeded MaxWaitTimeInSeconds provided")
    elif job.stop_requested.is_set():
        job.end("Stopped", "Stopped", "Training job stopped")
    else:
        job.end("Completed", "Completed", "Training job completed")


def _new_disk(job: TrainingJob, workshop: Workshop) -> OptMl:
    """The /opt/ml of a machine that has done nothing yet: what an interrupted one had is gone with it."""
    folder = workshop.folder / job.name
    shutil.rmtree(folder, ignore_errors=True)
    opt_ml = OptMl(folder / "ml")
    opt_ml.prepare_training(job.request)
    return opt_ml


def _checkpoints(job: TrainingJob, s3: object, opt_ml: OptMl) -> Checkpoints | None:
    config = job.request.get("CheckpointConfig")
    return Checkpoints(s3, config, opt_ml.root) if config else None


def _download(job: TrainingJob, s3: object, opt_ml: OptMl, checkpoints: Checkpoints | None) -> None:
    job.move("Downloading", "Downloading input data")
    try:
        for channel in job.request["InputDataConfig"]:
            uri = channel["DataSource"]["S3DataSource"]["S3Uri"]
            download_prefix(s3, uri, opt_ml.channel(channel["ChannelName"]))
        if checkpoints:
            checkpoints.restore()
    except TransferFailed as error:
        raise JobFailed(f"ClientError: Data download failed:Unable to download object {error}") from None


def _start(job: TrainingJob, image: Image, opt_ml: OptMl, workshop: Workshop) -> Container:
    launch = Launch(
        name=job.name,
        image=image,
        verb="train",
        opt_ml=opt_ml.root,
        output=_output(job, workshop),
        environment={
            **(job.request.get("Environment") or {}),
            "TRAINING_JOB_NAME": job.name,
            "TRAINING_JOB_ARN": job.arn,
            "AWS_REGION": job.place.region,
            "AWS_DEFAULT_REGION": job.place.region,
        },
        network_isolated=job.request.get("EnableNetworkIsolation", False),
    )
    try:
        return workshop.runner.start(launch)
    except ImageError as error:
        raise JobFailed(f"ClientError: {error}") from None


def _open_log(job: TrainingJob, session: RoleSession, workshop: Workshop) -> ContainerLog:
    definitions = job.request["AlgorithmSpecification"].get("MetricDefinitions") or []
    job.metrics = [Metric(definition["Name"], re.compile(definition["Regex"])) for definition in definitions]
    stream = f"{job.name}/algo-1-{int(job.created.timestamp())}"
    return ContainerLog(session, _LOG_GROUP, stream, _output(job, workshop), job.metrics)


def _output(job: TrainingJob, workshop: Workshop) -> Path:
    return workshop.logs / f"training-job-{job.name}.log"


def _watch(job: TrainingJob, container: Container, log: ContainerLog, clock: Clock, grace: float) -> tuple[int, Ending]:
    """Waits for the container's end, brought about when asked for or due: its exit code, and why it ended."""
    clock.start()
    next_carry, ending = 0.0, Ending.BY_ITSELF
    while (exit_code := container.exit_code()) is None:
        order = Ending.STOPPED if job.stop_requested.is_set() else clock.due()
        if order is not None:
            ending = order
            if ending is Ending.OUT_OF_WAIT:
                job.begin_stop()
            exit_code = stop(container, grace)
            break
        if time.monotonic() > next_carry:
            log.carry()
            next_carry = time.monotonic() + _CARRY_SECONDS
        job.stop_requested.wait(_WATCH_SECONDS)
    clock.stop()
    log.carry(last=True)
    return exit_code, ending


def _keep_checkpoints(job: TrainingJob, checkpoints: Checkpoints | None, *, needed: bool) -> None:
    """The last sync of a container that has ended. When its checkpoints are needed, the job fails without them."""
    try:
        if checkpoints:
            checkpoints.sync()
    except TransferFailed as error:
        if needed:
            raise JobFailed(f"ClientError: Artifact upload failed:Unable to upload object {error}") from None
        _logger.warning("The checkpoints of the failed training job %s were not kept: %s", job.name, error)


def _keep(job: TrainingJob, s3: object, opt_ml: OptMl, *, model: bool) -> None:
    kms_key = job.request["OutputDataConfig"].get("KmsKeyId")
    archives = [(opt_ml.output_data, job.output_uri)] if any(opt_ml.output_data.iterdir()) else []
    if model:
        archives.append((opt_ml.model, job.model_uri))
    for folder, uri in archives:
        try:
            upload_archive(s3, folder, uri, kms_key)
        except TransferFailed as error:
            # What the algorithm said outweighs that its output could not be kept.
            if model:
                raise JobFailed(f"ClientError: Artifact upload failed:Unable to upload object {error}") from None
            _logger.warning("The output of the failed training job %s was not kept: %s", job.name, error)
