"""CreateDocumentClassifier, Describe-, List- (and its summaries), StopTraining- and DeleteDocumentClassifier."""

from __future__ import annotations

import secrets
import shutil
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from operator import itemgetter
from pathlib import Path
from typing import Any

from localcloud.comprehend.classifier import Classifier
from localcloud.comprehend.classifier_requests import check_request
from localcloud.comprehend.listing import page
from localcloud.comprehend.permissions import classifier_arn
from localcloud.comprehend.refusals import in_use, not_found, unavailable
from localcloud.comprehend.tags import Tags
from localcloud.comprehend.tokens import RequestTokens
from localcloud.comprehend.training import carry_out
from localcloud.comprehend.workers import Workers
from localcloud.ministack import Caller
from localcloud.paging import cut_page
from localcloud.protocol import Parameters
from localcloud.roles import Place, Roles

_TRAININGS_AT_ONCE = 2
_PAGE = 100

# Why a classifier cannot be deleted yet, or None.
Uses = Callable[[str], str | None]


class Classifiers:
    def __init__(self, roles: Roles, workers: Workers, folder: Path, tags: Tags) -> None:
        self._roles = roles
        self._workers = workers
        self._folder = folder
        self._tags = tags
        self._classifiers: dict[str, Classifier] = {}
        self._tokens = RequestTokens()
        self._uses: list[Uses] = []
        self._lock = threading.Lock()
        self._work = ThreadPoolExecutor(max_workers=_TRAININGS_AT_ONCE, thread_name_prefix="classifier-training")

    def create(self, caller: Caller, parameters: Parameters) -> dict[str, Any]:
        place = Place.of(caller)
        check_request(parameters, place)
        arn = classifier_arn(place, parameters)
        with self._lock:
            if self._tokens.made_by(place, parameters) == arn:
                return {"DocumentClassifierArn": arn}
            if arn in self._classifiers:
                raise in_use(f"A document classifier with this name and version exists already: {arn}.")
            unique = secrets.token_hex(16)
            folder = self._folder / "classifiers" / unique
            classifier = Classifier(arn, parameters, place, folder, unique)
            self._tags.create(arn, parameters)
            self._classifiers[arn] = classifier
            self._tokens.note(place, parameters, arn)
        folder.mkdir(parents=True)
        self._work.submit(carry_out, classifier, self._roles, self._workers)
        return {"DocumentClassifierArn": arn}

    def describe(self, _caller: Caller, parameters: Parameters) -> dict[str, Any]:
        return {"DocumentClassifierProperties": self.find(parameters["DocumentClassifierArn"]).describe()}

    def list(self, caller: Caller, parameters: Parameters) -> dict[str, Any]:
        return page(
            [classifier.describe() for classifier in self._of(Place.of(caller))],
            parameters,
            key="DocumentClassifierPropertiesList",
            time="SubmitTime",
            equal={
                "Status": itemgetter("Status"),
                "DocumentClassifierName": lambda described: described["DocumentClassifierArn"].split("/")[1],
            },
        )

    def summaries(self, caller: Caller, parameters: Parameters) -> dict[str, Any]:
        by_name: dict[str, list[Classifier]] = {}
        for classifier in sorted(self._of(Place.of(caller)), key=lambda classifier: classifier.submitted):
            by_name.setdefault(classifier.name, []).append(classifier)
        summaries = [_summary(name, versions) for name, versions in sorted(by_name.items())]
        size = parameters.get("MaxResults", _PAGE)
        return cut_page(summaries, parameters, size, "DocumentClassifierSummariesList", "InvalidRequestException")

    def stop(self, _caller: Caller, parameters: Parameters) -> dict[str, Any]:
        self.find(parameters["DocumentClassifierArn"]).request_stop()
        return {}

    def delete(self, _caller: Caller, parameters: Parameters) -> dict[str, Any]:
        classifier = self.find(parameters["DocumentClassifierArn"])
        with self._lock:
            for use in self._uses:
                reason = use(classifier.arn)
                if reason is not None:
                    raise in_use(reason)
            if not classifier.request_deletion():
                raise unavailable(f"The document classifier {classifier.arn} is {classifier.status}.")
        threading.Thread(target=self._forget, args=(classifier,), daemon=True).start()
        return {}

    def find(self, arn: str) -> Classifier:
        """Raises ApiError when there is no such classifier."""
        classifier = self._classifiers.get(arn)
        if classifier is None:
            raise not_found(arn)
        return classifier

    def usable(self, arn: str) -> Classifier:
        """Raises ApiError when there is no such classifier or it has not been trained."""
        classifier = self.find(arn)
        if not classifier.usable:
            raise unavailable(
                f"The document classifier {arn} is {classifier.status}: it can be used once it is TRAINED or "
                "TRAINED_WITH_WARNING."
            )
        return classifier

    def report_uses(self, uses: Uses) -> None:
        """Has whoever uses classifiers asked before one is deleted."""
        self._uses.append(uses)

    def close(self) -> None:
        self._work.shutdown(wait=False, cancel_futures=True)

    def _of(self, place: Place) -> Sequence[Classifier]:
        return [classifier for classifier in tuple(self._classifiers.values()) if classifier.place == place]

    def _forget(self, classifier: Classifier) -> None:
        shutil.rmtree(classifier.folder, ignore_errors=True)
        with self._lock:
            self._classifiers.pop(classifier.arn, None)
            self._tokens.forget(classifier.arn)
        self._tags.forget(classifier.arn)


def _summary(name: str, versions: list[Classifier]) -> dict[str, Any]:
    latest = versions[-1]
    version = latest.request.get("VersionName")
    return {
        "DocumentClassifierName": name,
        "NumberOfVersions": len(versions),
        "LatestVersionCreatedAt": latest.submitted,
        "LatestVersionStatus": latest.status,
        **({"LatestVersionName": version} if version else {}),
    }
