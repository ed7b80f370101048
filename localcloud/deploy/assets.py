"""Publishes an assembly's assets where `cdk bootstrap` and `cdk deploy` would have put them."""

from __future__ import annotations

import contextlib
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from localcloud.deploy.assembly import Assembly, FileAsset, ImageAsset
from localcloud.images import Image

# The latest bootstrap stack's version; a template only asks for a least one.
_BOOTSTRAP_VERSION = "30"
_VERSION_PARAMETER = "/cdk-bootstrap/hnb659fds/version"
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


def publish_assets(
    assembly: Assembly, session: boto3.Session, *, take_image: Callable[[Image, ImageAsset], None]
) -> None:
    """Puts file assets into their bucket and images into their repository.

    take_image is given each image before it counts as pushed: it builds it, or notes its folder.
    """
    session.client("ssm").put_parameter(
        Name=_VERSION_PARAMETER, Value=_BOOTSTRAP_VERSION, Type="String", Overwrite=True
    )
    _publish_files(assembly.files(), session)
    region = assembly.region()
    for asset in assembly.images():
        registry = f"{assembly.account()}.dkr.ecr.{region}.amazonaws.com"
        take_image(Image(f"{registry}/{asset.repository}:{asset.tag}", asset.folder, asset.dockerfile), asset)
        _note_in_ecr(asset, session)


def _publish_files(assets: Iterable[FileAsset], session: boto3.Session) -> None:
    s3 = session.client("s3")
    for asset in assets:
        with contextlib.suppress(s3.exceptions.BucketAlreadyOwnedByYou):
            s3.create_bucket(Bucket=asset.bucket, **_where(session.region_name))
        if not asset.as_zip:
            s3.put_object(Bucket=asset.bucket, Key=asset.key, Body=asset.path.read_bytes())
            continue
        with tempfile.TemporaryDirectory() as scratch:
            archive = Path(scratch) / "asset.zip"
            _zip(asset.path, archive)
            s3.upload_file(str(archive), asset.bucket, asset.key)


def _where(region: str) -> dict[str, Any]:
    """S3's first region is the one that must not be named."""
    return {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}


def _zip(folder: Path, archive: Path) -> None:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _ZIP_EPOCH)
                entry.external_attr = (path.stat().st_mode & 0xFFFF) << 16
                packed.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)


def _note_in_ecr(asset: ImageAsset, session: boto3.Session) -> None:
    """Makes ECR say that the repository holds the tag, as it would after a push."""
    ecr = session.client("ecr")
    with contextlib.suppress(ecr.exceptions.RepositoryAlreadyExistsException):
        ecr.create_repository(repositoryName=asset.repository)
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "config": {
            "mediaType": "application/vnd.docker.container.image.v1+json",
            "size": 0,
            "digest": f"sha256:{asset.tag}" if len(asset.tag) == 64 else f"sha256:{asset.tag.encode().hex():0<64.64}",
        },
        "layers": [],
    }
    try:
        ecr.put_image(repositoryName=asset.repository, imageManifest=json.dumps(manifest), imageTag=asset.tag)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ImageAlreadyExistsException":
            raise
