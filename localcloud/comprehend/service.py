"""Answers Comprehend's requests."""

from __future__ import annotations

from collections.abc import Iterable

from localcloud.comprehend.classification import Classification
from localcloud.comprehend.classifiers import Classifiers
from localcloud.comprehend.endpoints import Endpoints
from localcloud.comprehend.jobs import Jobs
from localcloud.comprehend.permissions import needed_grants
from localcloud.comprehend.tags import Tags
from localcloud.comprehend.workers import Workers
from localcloud.grants import Grant
from localcloud.ministack import Caller
from localcloud.options import Options
from localcloud.protocol import Parameters
from localcloud.roles import COMPREHEND, Place, Roles
from localcloud.service import JsonService, Operation
from localcloud.state import StateFolder

_TARGET = "Comprehend_20171127."


class Comprehend(JsonService):
    def __init__(self, options: Options, state: StateFolder, endpoint_url: str) -> None:
        roles = Roles(endpoint_url, COMPREHEND, "Comprehend")
        self._tags = Tags()
        self._workers = Workers(state.processes, state.logs)
        self._classifiers = Classifiers(roles, self._workers, state.comprehend, self._tags)
        self._endpoints = Endpoints(self._classifiers, roles, self._tags)
        self._jobs = Jobs(self._classifiers, roles, self._workers, state.comprehend, self._tags)
        classification = Classification(self._endpoints, throttled=options.comprehend_throughput)
        operations: dict[str, Operation] = {
            "CreateDocumentClassifier": self._classifiers.create,
            "DescribeDocumentClassifier": self._classifiers.describe,
            "ListDocumentClassifiers": self._classifiers.list,
            "ListDocumentClassifierSummaries": self._classifiers.summaries,
            "StopTrainingDocumentClassifier": self._classifiers.stop,
            "DeleteDocumentClassifier": self._classifiers.delete,
            "CreateEndpoint": self._endpoints.create,
            "DescribeEndpoint": self._endpoints.describe,
            "ListEndpoints": self._endpoints.list,
            "UpdateEndpoint": self._endpoints.update,
            "DeleteEndpoint": self._endpoints.delete,
            "ClassifyDocument": classification.classify,
            "StartDocumentClassificationJob": self._jobs.start,
            "DescribeDocumentClassificationJob": self._jobs.describe,
            "ListDocumentClassificationJobs": self._jobs.list,
            "TagResource": self._tags.tag,
            "UntagResource": self._tags.untag,
            "ListTagsForResource": self._tags.list,
        }
        super().__init__("comprehend", "Comprehend", _TARGET, operations)

    def grants(self, operation: str, parameters: Parameters, caller: Caller) -> Iterable[Grant]:
        return needed_grants(operation, parameters, Place.of(caller), self._tags.by_arn)

    def close(self) -> None:
        for part in (self._classifiers, self._endpoints, self._jobs, self._workers):
            part.close()
        super().close()
