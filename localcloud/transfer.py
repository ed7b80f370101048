"""What a service fetches from S3 and leaves there, with its role's own credentials."""

from __future__ import annotations

import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError


class TransferFailed(Exception):
    """Why S3 did not give or take something: the object, and S3's own code and message."""

    def __init__(self, uri: str, error: Exception) -> None:
        self.uri = uri
        self.code, self.reason = _explain(error)
        super().__init__(f"{uri} ({self.code}: {self.reason})")


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and key (or key prefix) of an s3:// URI."""
    bucket, _, key = uri.partition("://")[2].partition("/")
    return bucket, key


def has_objects(s3: Any, uri: str) -> bool:
    """Whether any key begins with the URI's key. Raises TransferFailed."""
    return next(keys_below(s3, uri), None) is not None


def download_prefix(s3: Any, uri: str, folder: Path) -> None:
    """Puts every object whose key begins with the URI's key into the folder. Raises TransferFailed."""
    bucket, prefix = split_uri(uri)
    for key in keys_below(s3, uri):
        target = folder / relative_key(key, prefix)
        if not target.resolve().is_relative_to(folder.resolve()):
            raise TransferFailed(f"s3://{bucket}/{key}", ValueError("the key leaves the channel's folder"))
        target.parent.mkdir(parents=True, exist_ok=True)
        download_object(s3, bucket, key, target)


def download_archive(s3: Any, uri: str, folder: Path) -> None:
    """Unpacks the .tar.gz at the URI into the folder. Raises TransferFailed."""
    bucket, key = split_uri(uri)
    with tempfile.TemporaryDirectory() as scratch:
        archive = Path(scratch) / "archive.tar.gz"
        download_object(s3, bucket, key, archive)
        try:
            with tarfile.open(archive) as packed:
                packed.extractall(folder, filter="data")
        except (tarfile.TarError, EOFError, OSError) as error:
            raise TransferFailed(uri, error) from error


def upload_archive(s3: Any, folder: Path, uri: str, kms_key: str | None) -> None:
    """Packs what is in the folder into a .tar.gz at the URI. Raises TransferFailed."""
    with tempfile.TemporaryDirectory() as scratch:
        archive = Path(scratch) / "archive.tar.gz"
        # Speed over size: nobody pays for this bucket.
        with tarfile.open(archive, "w:gz", compresslevel=1) as packed:
            for entry in sorted(folder.iterdir()):
                packed.add(entry, arcname=entry.name)
        upload_object(s3, archive, uri, kms_key)


def upload_object(s3: Any, source: Path, uri: str, kms_key: str | None) -> None:
    """Puts the file at the URI, encrypted with that key if one is given. Raises TransferFailed."""
    bucket, key = split_uri(uri)
    extra = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key} if kms_key else None
    try:
        s3.upload_file(str(source), bucket, key, ExtraArgs=extra)
    except Exception as error:
        raise TransferFailed(uri, error) from error


def delete_object(s3: Any, bucket: str, key: str) -> None:
    """Raises TransferFailed; what is not there is no failure."""
    try:
        s3.delete_object(Bucket=bucket, Key=key)
    except (ClientError, BotoCoreError) as error:
        raise TransferFailed(f"s3://{bucket}/{key}", error) from error


def keys_below(s3: Any, uri: str) -> Iterator[str]:
    """The keys that begin with the URI's key, the empty objects that stand for folders left out.

    Raises TransferFailed.
    """
    return (entry["Key"] for entry in _entries_below(s3, uri))


def sizes_below(s3: Any, uri: str) -> list[int]:
    """The sizes in bytes of the objects whose keys begin with the URI's key. Raises TransferFailed."""
    return [entry["Size"] for entry in _entries_below(s3, uri)]


def _entries_below(s3: Any, uri: str) -> Iterator[Any]:
    bucket, prefix = split_uri(uri)
    try:
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            yield from (entry for entry in page.get("Contents", []) if not entry["Key"].endswith("/"))
    except (ClientError, BotoCoreError) as error:
        raise TransferFailed(uri, error) from error


def download_object(s3: Any, bucket: str, key: str, target: Path) -> None:
    """Writes the object to the file target. Raises TransferFailed."""
    try:
        with target.open("wb") as stream:
            for chunk in s3.get_object(Bucket=bucket, Key=key)["Body"].iter_chunks(1 << 20):
                stream.write(chunk)
    except (ClientError, BotoCoreError, OSError) as error:
        raise TransferFailed(f"s3://{bucket}/{key}", error) from error


def relative_key(key: str, prefix: str) -> str:
    """An object's name where it is taken to: what follows the prefix, or its own when the prefix is its key."""
    rest = key[len(prefix) :]
    if prefix and not prefix.endswith("/") and not rest.startswith("/"):
        return prefix.rpartition("/")[2] + rest
    return rest.lstrip("/")


def _explain(error: Exception) -> tuple[str, str]:
    if isinstance(error, ClientError):
        return error.response["Error"].get("Code", "Unknown"), error.response["Error"].get("Message", "")
    cause = error.__cause__ or error.__context__
    if isinstance(cause, ClientError):
        return _explain(cause)
    return type(error).__name__, str(error)
