"""S3 as a data access role sees it, and the messages Comprehend has for what it may not see."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from localcloud.protocol import Parameters
from localcloud.roles import Place, RoleRefused, Roles, RoleSession
from localcloud.transfer import TransferFailed, download_prefix, sizes_below, upload_archive

_MOST_BYTES = 256 << 20


class DataRefused(Exception):
    """A Message: what of S3 could not be read or written, and with which role."""


class DataAccess:
    """Reads and writes with the credentials of a request's DataAccessRoleArn.

    source_arn is the resource the role is taken on for. Raises DataRefused when Comprehend may not take it on.
    """

    def __init__(self, roles: Roles, request: Parameters, place: Place, source_arn: str) -> None:
        self._role_arn: str = request["DataAccessRoleArn"]
        try:
            session: RoleSession = roles.assume(self._role_arn, place, source_arn)
        except RoleRefused:
            raise DataRefused(
                f"NO_READ_ACCESS_TO_INPUT: The data access role {self._role_arn} cannot be assumed. It must exist, and "
                f"its trust policy must let the principal comprehend.amazonaws.com assume it for {source_arn}."
            ) from None
        self._s3 = session.client("s3")

    def fetch(self, inputs: Sequence[tuple[str, Path]]) -> None:
        """Puts all objects whose keys begin with each URI into its folder. Raises DataRefused."""
        for uri, folder in inputs:
            self._fetch(uri, folder)

    def leave(self, folder: Path, uri: str, kms_key: str | None) -> None:
        """Leaves what is in the folder as a .tar.gz at the URI. Raises DataRefused."""
        try:
            upload_archive(self._s3, folder, uri, kms_key)
        except TransferFailed as error:
            raise DataRefused(
                "NO_WRITE_ACCESS_TO_OUTPUT: The provided data access role does not have proper access to the output "
                f"data. {self._role_arn} cannot write {error}."
            ) from None

    def _fetch(self, uri: str, folder: Path) -> None:
        try:
            sizes = sizes_below(self._s3, uri)
            if not sizes:
                raise DataRefused(f"INVALID_INPUT: There are no objects whose keys begin with {uri}.")
            if sum(sizes) > _MOST_BYTES:
                # Five gigabytes on AWS: there is no need to fill a laptop with them.
                raise DataRefused(
                    f"INVALID_INPUT: {uri} holds {sum(sizes)} bytes, the local AWS takes at most {_MOST_BYTES}."
                )
            download_prefix(self._s3, uri, folder)
        except TransferFailed as error:
            raise DataRefused(
                "NO_READ_ACCESS_TO_INPUT: The provided data access role does not have proper access to the input data. "
                f"{self._role_arn} cannot read {error}."
            ) from None
