"""A training job's checkpoints: in its container's folder, and in S3 for as long as nobody deletes them."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from localcloud.protocol import ApiError, Parameters
from localcloud.transfer import TransferFailed, delete_object, download_prefix, split_uri, upload_object

_logger = logging.getLogger("localcloud")
_OPT_ML = PurePosixPath("/opt/ml")
_LOCAL_PATH = "/opt/ml/checkpoints"
_SYNC_SECONDS = 1.0


class Checkpoints:
    """Keeps the S3 URI as the folder is: what is new or has changed there is uploaded, what is deleted is deleted."""

    def __init__(self, s3: Any, config: Parameters, opt_ml: Path) -> None:
        """config is the request's CheckpointConfig, opt_ml the folder the container sees as /opt/ml."""
        self._s3 = s3
        self._uri = config["S3Uri"].rstrip("/") + "/"
        self._folder = opt_ml / _below_opt_ml(config)
        self._kept: dict[str, tuple[int, int]] = {}

    def restore(self) -> None:
        """Puts what is in S3 into the folder, before the container starts. Raises TransferFailed."""
        self._folder.mkdir(parents=True)
        download_prefix(self._s3, self._uri, self._folder)
        self._kept = self._files()

    def sync(self) -> None:
        """Brings S3 to where the folder is. Raises TransferFailed."""
        found = self._files()
        for name, state in found.items():
            if self._kept.get(name) != state:
                upload_object(self._s3, self._folder / name, self._uri + name, None)
                self._kept[name] = state
        for name in self._kept.keys() - found.keys():
            bucket, key = split_uri(self._uri + name)
            delete_object(self._s3, bucket, key)
            del self._kept[name]

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """Syncs every second for the length of the block, in which the container runs.

        What fails meanwhile may have met a file being written: the sync after the container's end counts. What a Docker
        container has is only here once it has ended.
        """
        ended = threading.Event()
        keeping = threading.Thread(target=self._keep, args=(ended,), name=f"checkpoints-{self._uri}", daemon=True)
        keeping.start()
        try:
            yield
        finally:
            ended.set()
            keeping.join()

    def _keep(self, ended: threading.Event) -> None:
        while not ended.wait(_SYNC_SECONDS):
            try:
                self.sync()
            except TransferFailed as error:
                _logger.warning("Checkpoints were not kept for now: %s", error)

    def _files(self) -> dict[str, tuple[int, int]]:
        """Each file's name below the folder, with what tells whether it has changed: time and size."""
        files = {}
        for path in sorted(self._folder.rglob("*")):
            # The container may take away what was just listed.
            with contextlib.suppress(FileNotFoundError):
                if path.is_file():
                    status = path.stat()
                    files[path.relative_to(self._folder).as_posix()] = (status.st_mtime_ns, status.st_size)
        return files


def check_checkpoints(request: Parameters) -> None:
    """Raises ApiError for a CheckpointConfig that cannot be had here."""
    config = request.get("CheckpointConfig")
    if config is None:
        return
    if not config["S3Uri"].startswith("s3://"):
        raise ApiError("ValidationException", "The local AWS keeps checkpoints at a CheckpointConfig.S3Uri of s3://.")
    try:
        _below_opt_ml(config)
    except ValueError:
        raise ApiError(
            "ValidationException",
            "The local AWS keeps checkpoints in a folder of their own below /opt/ml: CheckpointConfig.LocalPath is "
            f"{config['LocalPath']}.",
        ) from None


def _below_opt_ml(config: Parameters) -> PurePosixPath:
    below = PurePosixPath(config.get("LocalPath") or _LOCAL_PATH).relative_to(_OPT_ML)
    if not below.parts or ".." in below.parts or below.parts[0] in ("input", "model", "output"):
        raise ValueError(config)
    return below
