"""Reading `output.tar.gz`, the archive in which SageMaker and Comprehend leave what people need of a training."""

import io
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MAX_BYTES: Final = 64 * 1024 * 1024

_NO_ARCHIVE: Final = (tarfile.TarError, zlib.error, EOFError)


class ArchiveRefused(Exception):
    """The archive is too large to read in a Lambda, or is no archive; one sentence for people."""


def read_files(s3: "S3Client", bucket: str, key: str) -> dict[str, bytes]:
    """The archive's regular files by name, folders left out. Raises ArchiveRefused."""
    where = f"s3://{bucket}/{key}"
    body = s3.get_object(Bucket=bucket, Key=key)["Body"].read(MAX_BYTES + 1)
    files: dict[str, bytes] = {}
    room = MAX_BYTES - len(body)
    try:
        with tarfile.open(fileobj=io.BytesIO(body), mode="r:gz") as archive:
            for member in archive:
                if not member.isfile():
                    continue
                room -= member.size
                if room < 0:
                    raise ArchiveRefused(f"{where} holds more than {MAX_BYTES:,} bytes.")
                content = archive.extractfile(member)
                assert content is not None
                files[PurePosixPath(member.name).name] = content.read()
    except (*_NO_ARCHIVE, OSError) as error:
        raise ArchiveRefused(f"{where} cannot be read as a tar.gz: {error}.") from error
    return files


def read_lines(s3: "S3Client", bucket: str, key: str) -> Iterator[bytes]:
    """The lines of the archive's regular files, one after the other, of any number and size. Raises ArchiveRefused."""
    body = s3.get_object(Bucket=bucket, Key=key)["Body"]
    try:
        with tarfile.open(fileobj=body, mode="r|gz") as archive:
            for member in archive:
                if content := archive.extractfile(member):
                    yield from content
    except _NO_ARCHIVE as error:
        raise ArchiveRefused(f"s3://{bucket}/{key} cannot be read as a tar.gz: {error}.") from error
