"""One local AWS a test module, without the app."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from localcloud import LocalCloud
from tests.contract.localcloud.account import Account
from tests.contract.localcloud.transforms import Transforms


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    with LocalCloud(tmp_path_factory.mktemp("state"), app=None, stop_grace=1, startup_timeout=2) as started:
        yield started


@pytest.fixture(scope="module")
def account(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Account:
    return Account(cloud, tmp_path_factory.mktemp("containers"))


@pytest.fixture(scope="module")
def transforms(account: Account, tmp_path_factory: pytest.TempPathFactory) -> Transforms:
    return Transforms(account, tmp_path_factory.mktemp("transforms"))
