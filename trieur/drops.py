"""A drop: one version of an object that appeared in the inbox bucket."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from trieur import names

DATASETS_PREFIX = "datasets/"
SETTINGS_FILE = "classifier.json"
DATASET_SUFFIXES = (".json", ".jsonl", ".csv")
DATASET_NAMES = ".json, .jsonl or .csv, each optionally with .gz"


class DropIgnored(Exception):
    """The event asks for nothing; the message says what it is about."""


class DropRefused(Exception):
    """The object cannot be what it was meant as where it lies; one sentence for people."""


@dataclass(frozen=True)
class Drop:
    """`version` is S3's version id; `sequencer` orders the versions of one key."""

    bucket: str
    key: str
    version: str
    sequencer: str

    @classmethod
    def from_event(cls, event: Any) -> "Drop":
        """From EventBridge's `Object Created` event, whose key, unlike a bucket notification's, is not encoded.

        Raises DropIgnored for every other event.
        """
        if not isinstance(event, dict) or event.get("detail-type") != "Object Created":
            raise DropIgnored("the event is not an S3 'Object Created' event")
        detail = event.get("detail")
        bucket, s3_object = (detail.get("bucket"), detail.get("object")) if isinstance(detail, dict) else (None, None)
        if not isinstance(bucket, dict) or not isinstance(s3_object, dict):
            raise DropIgnored("the event names no object")
        name, key = bucket.get("name"), s3_object.get("key")
        if not isinstance(name, str) or not isinstance(key, str):
            raise DropIgnored("the event names no object")
        return cls(
            bucket=name,
            key=key,
            version=str(s3_object.get("version-id") or "null"),
            sequencer=str(s3_object.get("sequencer") or ""),
        )

    def classifier(self) -> str:
        """The classifier whose dataset this is.

        Raises DropIgnored for folders, settings and hidden files, DropRefused for what a person must hear of.
        """
        path = self.key.removeprefix(DATASETS_PREFIX)
        if path == self.key:
            raise DropIgnored(f"{self.key!r} lies outside {DATASETS_PREFIX}")
        file = PurePosixPath(path).name
        if not path or path.endswith("/"):
            raise DropIgnored(f"{self.key!r} is a folder")
        if file.startswith((".", "~$")):
            raise DropIgnored(f"{self.key!r} is a hidden file")
        classifier, slash, rest = path.partition("/")
        if not slash:
            raise DropRefused(
                f"{self.key!r} belongs to no classifier: drop it at {DATASETS_PREFIX}<classifier>/{file}."
            )
        if rest == SETTINGS_FILE:
            raise DropIgnored(f"{self.key!r} holds settings, which count from the next dataset on")
        require_classifier(classifier)
        if not is_dataset_name(file):
            raise DropRefused(f"{self.key!r} is not named as a dataset: use {DATASET_NAMES}.")
        return classifier

    def folder(self) -> str:
        """A name under which to file what is said about this drop, also where it has no valid classifier."""
        first = self.key.removeprefix(DATASETS_PREFIX).partition("/")[0]
        return (
            first
            if names.is_classifier(first)
            else re.sub(r"[^a-z0-9]+", "-", first.lower()).strip("-")[:30] or "unnamed"
        )


def require_classifier(name: str) -> None:
    """Raises DropRefused for a folder whose name cannot be a classifier's."""
    if not names.is_classifier(name):
        raise DropRefused(
            f"{name!r} cannot name a classifier: use at most {names.CLASSIFIER_MAX_LENGTH} lower-case "
            "letters and digits, with single hyphens between them."
        )


def is_dataset_name(file: str) -> bool:
    """Whether an object of that name, in a classifier's folder, is meant as a dataset."""
    return file.lower().removesuffix(".gz").endswith(DATASET_SUFFIXES)


def is_later_sequencer(candidate: str, reference: str) -> bool:
    """Whether `candidate` came after `reference` for the same key.

    S3 says to compare sequencers as text once the shorter is padded on the right with zeros.
    """
    width = max(len(candidate), len(reference))
    return candidate.ljust(width, "0") > reference.ljust(width, "0")
