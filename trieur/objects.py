"""Objects of one bucket: documents that are created once, and lines streamed in and out."""

import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import ClientError
from pydantic import BaseModel

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from mypy_boto3_s3 import S3Client

Document = TypeVar("Document", bound=BaseModel)

JSON = "application/json"
JSON_LINES = "application/jsonlines"


@dataclass(frozen=True)
class ObjectStore:
    """Reads and writes the objects of `bucket`; `put` and `upload` replace what was there."""

    s3: "S3Client"
    bucket: str

    def put(self, key: str, body: bytes | str, content_type: str) -> None:
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=_encoded(body), ContentType=content_type)

    def create_object(self, key: str, body: str) -> bool:
        """Write a JSON object unless the key exists; whether it was written."""
        try:
            self.s3.put_object(
                Bucket=self.bucket,
                Key=key,
                Body=_encoded(body),
                ContentType=JSON,
                IfNoneMatch="*",
            )
        except ClientError as error:
            # 409 is another writer creating it at this very moment.
            if error.response["Error"]["Code"] in ("PreconditionFailed", "ConditionalRequestConflict"):
                return False
            raise
        return True

    def upload(self, key: str, lines: Iterable[bytes], content_type: str) -> None:
        """Write `lines`, each with its end, without holding more of them than a few parts of 8 MB.

        What iterating raises is raised, and nothing is then written.
        """
        body = io.BufferedReader(_Readable(lines), buffer_size=1 << 20)
        self.s3.upload_fileobj(body, self.bucket, key, ExtraArgs={"ContentType": content_type})

    def lines(self, key: str) -> Iterator[bytes]:
        """The object's lines, each with its end, `\\n`; no other character ends one."""
        body = self.s3.get_object(Bucket=self.bucket, Key=key)["Body"]
        tail = b""
        for piece in body.iter_chunks(1 << 20):
            *whole, tail = (tail + piece).split(b"\n")
            yield from (line + b"\n" for line in whole)
        if tail:
            yield tail

    def names(self, folder: str) -> Iterator[str]:
        """What lies in `folder`, a prefix that ends in `/`: the names of its own folders."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=folder, Delimiter="/")
        for page in pages:
            for entry in page.get("CommonPrefixes", []):
                yield entry["Prefix"].removeprefix(folder).rstrip("/")

    def find_object(self, key: str) -> bytes | None:
        """The object's content, or None when there is none of that key."""
        try:
            return self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except self.s3.exceptions.NoSuchKey:
            return None

    def find_document(self, key: str, kind: type[Document]) -> Document | None:
        """The document, or None when there is none of that key."""
        body = self.find_object(key)
        return None if body is None else kind.model_validate_json(body)

    def read_document(self, key: str, kind: type[Document]) -> Document:
        """The document; raises LookupError when it is gone, with a sentence that says where it was looked for."""
        document = self.find_document(key, kind)
        if document is None:
            raise LookupError(f"There is no s3://{self.bucket}/{key}: was the {kind.__name__.lower()} deleted?")
        return document

    def create_document(self, key: str, document: Document) -> Document:
        """Write a new document unless it exists; the document as it is then stored."""
        if self.create_object(key, _json(document)):
            return document
        return self.read_document(key, type(document))

    def update_document(self, key: str, document: Document, changes: dict[str, Any]) -> Document:
        """Store the document with `changes` and the time of its update, unless they change nothing."""
        changed = document.model_copy(update=changes)
        if changed == document:
            return document
        changed = changed.model_copy(update={"updated_at": now()})
        self.put(key, _json(changed), JSON)
        return changed


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


class _Readable(io.RawIOBase):
    """Lines as a file that can be read once, from its beginning."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = iter(lines)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        room = memoryview(buffer).cast("B")
        while not self._rest:
            line = next(self._lines, None)
            if line is None:
                return 0
            self._rest = memoryview(line)
        given = min(len(room), len(self._rest))
        room[:given], self._rest = self._rest[:given], self._rest[given:]
        return given


def _json(document: BaseModel) -> str:
    return json.dumps(document.model_dump(mode="json"), ensure_ascii=False, indent=2)


def _encoded(body: bytes | str) -> bytes:
    return body if isinstance(body, bytes) else body.encode()
