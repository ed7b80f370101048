"""The inbox bucket: what was dropped there, and the classifiers' settings."""

from dataclasses import dataclass
from datetime import UTC, datetime

from botocore.exceptions import ClientError

from trieur.dataset.limits import MAX_FILE_BYTES
from trieur.deployment import Clients, Deployment
from trieur.drops import DATASETS_PREFIX, SETTINGS_FILE, Drop, DropIgnored, DropRefused
from trieur.settings import MAX_SETTINGS_BYTES, ClassifierSettings, read_settings


@dataclass(frozen=True)
class Content:
    """A dropped object's bytes, and when S3 took it."""

    data: bytes
    dropped_at: datetime


def require_latest_version(drop: Drop, clients: Clients) -> None:
    """Raises DropIgnored for a version that is gone or no longer its key's latest, DropRefused for one too large."""
    try:
        head = clients.s3.head_object(Bucket=drop.bucket, Key=drop.key)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            raise DropIgnored(f"{drop.key!r} has been deleted since") from error
        raise
    latest = head.get("VersionId", "null")
    if latest != drop.version:
        raise DropIgnored(f"version {drop.version} of {drop.key!r} is older than the latest, {latest}")
    if head["ContentLength"] > MAX_FILE_BYTES:
        raise DropRefused(f"{drop.key!r} has {head['ContentLength']:,} bytes, and {MAX_FILE_BYTES:,} is the most.")


def download(drop: Drop, clients: Clients) -> Content:
    """That very version of the object."""
    answer = clients.s3.get_object(Bucket=drop.bucket, Key=drop.key, VersionId=drop.version)
    return Content(answer["Body"].read(), answer["LastModified"].astimezone(UTC))


def classifier_settings(classifier: str, deployment: Deployment, clients: Clients) -> ClassifierSettings:
    """The classifier's settings as they are now: its classifier.json over the deployment's defaults.

    Raises SettingsRefused.
    """
    key = f"{DATASETS_PREFIX}{classifier}/{SETTINGS_FILE}"
    try:
        body = clients.s3.get_object(Bucket=deployment.inbox_bucket, Key=key)["Body"]
    except clients.s3.exceptions.NoSuchKey:
        return read_settings(None, deployment.defaults)
    return read_settings(body.read(MAX_SETTINGS_BYTES + 1), deployment.defaults)
