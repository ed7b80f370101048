"""The local AWS that `trieur local up` started: where it answers, and how it is spoken to.

`.local/localcloud.json` says where, in the current folder, one above it, or the checkout this package runs from;
TRIEUR_LOCAL_STATE names another folder than `.local`.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import boto3
import botocore.session
from botocore.config import Config

from trieur.account.errors import Unreachable

ACCESS_KEY_ID: Final = "test"
SECRET_ACCESS_KEY: Final = "test"
STATE_VARIABLE: Final = "TRIEUR_LOCAL_STATE"
STATE_FOLDER: Final = ".local"
ANNOUNCEMENT: Final = "localcloud.json"

# botocore's variables as (key in a configuration file, environment variable, default, conversion).
_NOTHING_OF_THE_USERS: Final[dict[str, Any]] = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
    "ca_bundle": (None, None, None, None),
}


class LocalSession(boto3.Session):
    """A boto3 session whose clients all speak to one local AWS, whatever the user's own environment and files say."""

    def __init__(self, endpoint_url: str, region: str) -> None:
        super().__init__(
            aws_access_key_id=ACCESS_KEY_ID,
            aws_secret_access_key=SECRET_ACCESS_KEY,
            region_name=region,
            botocore_session=botocore.session.Session(session_vars=_NOTHING_OF_THE_USERS),
        )
        self._endpoint_url = endpoint_url

    def client(self, *arguments: Any, **options: Any) -> Any:
        return super().client(*arguments, **self._directly(options))

    def resource(self, *arguments: Any, **options: Any) -> Any:
        return super().resource(*arguments, **self._directly(options))

    def _directly(self, options: dict[str, Any]) -> dict[str, Any]:
        # A proxy of the user's environment must not be asked for what is on this machine.
        direct = Config(proxies={})
        config = options.get("config")
        return {
            "endpoint_url": self._endpoint_url,
            **options,
            "config": direct if config is None else direct.merge(config),
        }


@dataclass(frozen=True)
class LocalAws:
    """A local AWS that said it runs."""

    endpoint_url: str
    region: str

    @classmethod
    def find(cls) -> "LocalAws":
        """The one that runs. Raises Unreachable where none does."""
        for folder in _folders():
            try:
                said = json.loads((folder / ANNOUNCEMENT).read_text(encoding="utf-8"))
                return cls(str(said["endpoint_url"]), str(said["region"]))
            except (OSError, ValueError, KeyError, TypeError):
                continue
        raise Unreachable("No local AWS runs: start one with `trieur local up`.")

    def session(self) -> boto3.Session:
        """A boto3 session as the root of its account."""
        return LocalSession(self.endpoint_url, self.region)


def _folders() -> Iterator[Path]:
    named = os.environ.get(STATE_VARIABLE)
    if named:
        yield Path(named)
        return
    here = Path.cwd()
    for folder in (here, *here.parents, Path(__file__).resolve().parents[2]):
        yield folder / STATE_FOLDER
