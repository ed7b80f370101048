"""Carries out one transform job: fetch, ask, put together, upload, with SageMaker's own reasons when it fails."""

from __future__ import annotations

import contextlib
import datetime
import gzip
import logging
import os
import threading
import zlib
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from io import BufferedIOBase
from pathlib import Path
from typing import Any

from localcloud.containers import Container
from localcloud.containers.base import stop
from localcloud.images import ImageError
from localcloud.roles import RoleSession
from localcloud.sagemaker.container_log import ContainerLog
from localcloud.sagemaker.model_container import Host, ModelUnusable, Unhealthy
from localcloud.sagemaker.transform_job import TransformJob
from localcloud.sagemaker.transform_requests import Manner, RequestFailed, ask, execution_parameters
from localcloud.transfer import TransferFailed, download_object, keys_below, relative_key, split_uri, upload_object

_logger = logging.getLogger("localcloud")
_LOG_GROUP = "/aws/sagemaker/TransformJobs"
_INSTANCE = "i-00000000000000000"
_STARTUP_SECONDS = 1800.0
_CARRY_SECONDS = 0.5
_SEE_LOGS = "See job logs for more information"
_VARIABLES = {
    "MaxPayloadInMB": "SAGEMAKER_MAX_PAYLOAD_IN_MB",
    "BatchStrategy": "SAGEMAKER_BATCH_STRATEGY",
    "MaxConcurrentTransforms": "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS",
}
_STRATEGIES = {"MultiRecord": "MULTI_RECORD", "SingleRecord": "SINGLE_RECORD"}


class TransformFailed(Exception):
    """A FailureReason."""


def carry_out(job: TransformJob, host: Host) -> None:
    """Runs the job to its end, which is always a final status and never an exception."""
    try:
        failure = _run(job, host)
    except (TransformFailed, ModelUnusable, ImageError) as error:
        failure = str(error) if isinstance(error, TransformFailed) else f"ClientError: {error}"
    except Exception:
        _logger.exception("The transform job %s met an error of the local AWS itself", job.name)
        failure = "InternalServerError: We encountered an internal error. Please try again."
    job.end(failure)


def _run(job: TransformJob, host: Host) -> str | None:
    """The FailureReason, None when every object was transformed."""
    session = host.assume(job.model, job.place, job.arn)
    folder, output = host.folder / job.name, host.logs / f"transform-job-{job.name}.log"
    launch = host.prepare(job.name, job.model, session, folder / "ml", output, _environment(job))
    keys = _keys(job, session)
    job.start()
    stream = f"{job.name}/{_INSTANCE}-{int(job.created.timestamp())}"
    log = ContainerLog(session, _LOG_GROUP, stream, output, [])
    try:
        container = host.start(launch, _STARTUP_SECONDS, job.stop_requested)
    except Unhealthy:
        raise TransformFailed(f"AlgorithmError: {_SEE_LOGS}") from None
    finally:
        log.carry(last=True)
    ended = threading.Event()
    watch = threading.Thread(target=_watch, args=(job, container, log, ended, host.stop_grace), daemon=True)
    watch.start()
    try:
        return _Transform(job, session, container, folder, _DataLog(session, stream)).every(keys)
    finally:
        ended.set()
        watch.join()


def _watch(
    job: TransformJob, container: Container, log: ContainerLog, ended: threading.Event, stop_grace: float
) -> None:
    """Carries the log, and ends the container when the job has ended or is to: who waits for an answer then fails."""
    while not ended.wait(_CARRY_SECONDS) and not job.stop_requested.is_set():
        log.carry()
    stop(container, stop_grace)
    log.carry(last=True)


def _environment(job: TransformJob) -> dict[str, str]:
    """What SageMaker tells the container. Of the last three, only what the request itself says."""
    told = {name: str(job.request[member]) for member, name in _VARIABLES.items() if job.request.get(member)}
    if "BatchStrategy" in job.request:
        told["SAGEMAKER_BATCH_STRATEGY"] = _STRATEGIES[job.request["BatchStrategy"]]
    return {**(job.request.get("Environment") or {}), **told, "SAGEMAKER_BATCH": "true"}


def _keys(job: TransformJob, session: RoleSession) -> list[str]:
    try:
        keys = list(keys_below(session.client("s3"), job.source))
    except TransferFailed as error:
        raise TransformFailed(f"ClientError: Unable to list objects {error}") from None
    if not keys:
        raise TransformFailed(f"ClientError: S3 key: {job.source} matched no files on s3")
    return keys


class _DataLog:
    """The stream in which SageMaker itself says what became of each object."""

    def __init__(self, session: RoleSession, stream: str) -> None:
        # What this stream holds is said, none of it carried from a file.
        self._log = ContainerLog(session, _LOG_GROUP, f"{stream}/data-log", Path(os.devnull), [])

    def say(self, message: str, of: str | None = None) -> None:
        moment = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")
        for line in message.split("\n"):
            self._log.say(f"{moment}:[sagemaker logs]: {f'{of}: ' if of else ''}{line}")


class _Transform:
    def __init__(
        self, job: TransformJob, session: RoleSession, container: Container, folder: Path, log: _DataLog
    ) -> None:
        self._job = job
        self._s3: Any = session.client("s3")
        self._container = container
        self._source, self._result = folder / "source", folder / "result"
        self._log = log

    def every(self, keys: list[str]) -> str | None:
        """Transforms each object; the reason of the first that failed. One that fails does not keep the others."""
        try:
            manner = Manner.of(self._job.request, execution_parameters(self._container.port))
        except RequestFailed as error:
            self._log.say(str(error))
            return f"{error.kind}: {_SEE_LOGS}"
        self._log.say(
            f"MaxConcurrentTransforms={manner.concurrent}, MaxPayloadInMB={manner.megabytes}, "
            f"BatchStrategy={_STRATEGIES[manner.strategy]}"
        )
        failures = []
        for key in keys:
            if self._job.stop_requested.is_set():
                return None
            try:
                self._object(key, manner)
            except RequestFailed as error:
                if not self._job.stop_requested.is_set():
                    self._log.say(str(error), of=f"{split_uri(self._job.source)[0]}/{key}")
                    failures.append(f"{error.kind}: {_SEE_LOGS}")
                if self._container.exit_code() is not None:
                    break
            except TransferFailed as error:
                failures.append(f"ClientError: Unable to read or write object {error}")
        return failures[0] if failures else None

    def _object(self, key: str, manner: Manner) -> None:
        bucket, prefix = split_uri(self._job.source)
        download_object(self._s3, bucket, key, self._source)
        line = self._job.request["TransformOutput"]["AssembleWith"] == "Line"
        try:
            with _opened(self._source, self._job) as content, self._result.open("wb") as result:
                for answer in self._answers(content, manner):
                    result.write(answer)
                    if line:
                        result.write(b"\n")
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise RequestFailed("ClientError", f"ClientError: The object is no whole gzip file: {error}") from None
        if self._job.stop_requested.is_set():
            return
        output = self._job.request["TransformOutput"]
        uri = f"{output['S3OutputPath'].rstrip('/')}/{relative_key(key, prefix)}.out"
        upload_object(self._s3, self._result, uri, output.get("KmsKeyId"))

    def _answers(self, content: BufferedIOBase, manner: Manner) -> Iterator[bytes]:
        """The answers in the order of the records, as many under way at once as the manner says."""
        waiting: deque[Future[bytes]] = deque()
        with ThreadPoolExecutor(manner.concurrent, thread_name_prefix="transform") as pool:
            for body in manner.payloads(content):
                if self._job.stop_requested.is_set():
                    return
                if len(waiting) == manner.concurrent:
                    yield waiting.popleft().result()
                waiting.append(pool.submit(ask, self._container.port, body, manner, self._job.stop_requested))
            while waiting:
                yield waiting.popleft().result()


@contextlib.contextmanager
def _opened(source: Path, job: TransformJob) -> Iterator[BufferedIOBase]:
    with source.open("rb") as plain:
        if job.request["TransformInput"]["CompressionType"] == "None":
            yield plain
            return
        with gzip.GzipFile(fileobj=plain) as unpacked:
            yield unpacked
