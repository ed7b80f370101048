"""StartDocumentClassificationJob, DescribeDocumentClassificationJob, ListDocumentClassificationJobs.

Amazon has no operation that stops such a job.
"""

from __future__ import annotations

import json
import logging
import secrets
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from operator import itemgetter
from pathlib import Path
from typing import Any

from localcloud.comprehend.classifier_requests import check_keys
from localcloud.comprehend.classifiers import Classifiers
from localcloud.comprehend.data_access import DataAccess, DataRefused
from localcloud.comprehend.job import Job
from localcloud.comprehend.listing import page
from localcloud.comprehend.permissions import job_arn
from localcloud.comprehend.refusals import invalid
from localcloud.comprehend.tags import Tags
from localcloud.comprehend.tokens import RequestTokens
from localcloud.comprehend.workers import Workers
from localcloud.ministack import Caller
from localcloud.protocol import ApiError, Parameters
from localcloud.roles import Place, Roles
from localcloud.unoffered import refuse

_logger = logging.getLogger("localcloud")
_PROCESS = "localcloud.comprehend.classification_process"
_JOBS_AT_ONCE = 2


class Jobs:
    def __init__(self, classifiers: Classifiers, roles: Roles, workers: Workers, folder: Path, tags: Tags) -> None:
        self._classifiers = classifiers
        self._roles = roles
        self._workers = workers
        self._folder = folder
        self._tags = tags
        self._jobs: dict[str, Job] = {}
        self._tokens = RequestTokens()
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._work = ThreadPoolExecutor(max_workers=_JOBS_AT_ONCE, thread_name_prefix="classification-job")
        classifiers.report_uses(self._use)

    def start(self, caller: Caller, parameters: Parameters) -> dict[str, Any]:
        place = Place.of(caller)
        refuse(parameters, ("FlywheelArn",), "InvalidRequestException")
        refuse(parameters["InputDataConfig"], ("DocumentReaderConfig",), "InvalidRequestException")
        classifier_arn = parameters.get("DocumentClassifierArn")
        if not classifier_arn:
            raise invalid("DocumentClassifierArn is required.")
        check_keys((parameters.get("VolumeKmsKeyId"), parameters["OutputDataConfig"].get("KmsKeyId")), place)
        with self._lock:
            made = self._tokens.made_by(place, parameters)
            if made is not None:
                return _answer(self._jobs[made])
            classifier = self._classifiers.usable(classifier_arn)
            job_id = secrets.token_hex(16)
            arn = job_arn(place, job_id)
            job = Job(job_id, arn, parameters, place, classifier)
            self._tags.create(arn, parameters)
            self._jobs[arn] = job
            self._tokens.note(place, parameters, arn)
        answer = _answer(job)
        self._work.submit(self._carry_out, job)
        return answer

    def describe(self, caller: Caller, parameters: Parameters) -> dict[str, Any]:
        job = self._jobs.get(job_arn(Place.of(caller), parameters["JobId"]))
        if job is None:
            raise ApiError("JobNotFoundException", f"There is no job {parameters['JobId']}.")
        return {"DocumentClassificationJobProperties": job.describe()}

    def list(self, caller: Caller, parameters: Parameters) -> dict[str, Any]:
        return page(
            [job.describe() for job in list(self._jobs.values()) if job.place == Place.of(caller)],
            parameters,
            key="DocumentClassificationJobPropertiesList",
            time="SubmitTime",
            equal={
                "JobName": lambda described: described.get("JobName"),
                "JobStatus": itemgetter("JobStatus"),
            },
        )

    def close(self) -> None:
        self._closing.set()
        self._work.shutdown(wait=False, cancel_futures=True)

    def _carry_out(self, job: Job) -> None:
        work = self._folder / "jobs" / job.id
        try:
            job.begin()
            self._classify(job, work)
            job.end("COMPLETED")
        except DataRefused as error:
            job.end("FAILED", str(error))
        except Exception:
            _logger.exception("The job %s met an error of the local AWS itself", job.arn)
            job.end("FAILED", "INTERNAL_SERVER_ERROR: The job met an error of the local AWS itself.")
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def _classify(self, job: Job, work: Path) -> None:
        access = DataAccess(self._roles, job.request, job.place, job.arn)
        access.fetch([(job.request["InputDataConfig"]["S3Uri"], work / "input")])
        request = {"model": str(job.classifier.model_file), "format": job.input_format}
        (work / "request.json").write_text(json.dumps(request))
        if not self._workers.work(_PROCESS, work, f"document-classification-job-{job.id}", self._closing):
            raise DataRefused("INTERNAL_SERVER_ERROR: The local AWS is ending.")
        result: dict[str, Any] = json.loads((work / "result.json").read_text())
        if "error" in result:
            raise DataRefused(f"INVALID_INPUT: {result['error']}")
        access.leave(work / "archive", job.output_uri, job.request["OutputDataConfig"].get("KmsKeyId"))

    def _use(self, classifier_arn: str) -> str | None:
        using = [j.arn for j in list(self._jobs.values()) if j.unfinished and j.classifier.arn == classifier_arn]
        return f"The document classifier {classifier_arn} is used by {', '.join(using)}." if using else None


def _answer(job: Job) -> dict[str, Any]:
    return {
        "JobId": job.id,
        "JobArn": job.arn,
        "JobStatus": job.status,
        "DocumentClassifierArn": job.classifier.arn,
    }
