"""Finding the local AWS, and speaking to it past everything that would lead elsewhere."""

import json
from pathlib import Path

import pytest

from localcloud import options
from localcloud.state import StateFolder
from trieur.account import Account, Unreachable
from trieur.account import local as local_aws
from trieur.account.local import LocalAws

URL = "http://127.0.0.1:1"


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without a local AWS, nor a checkout around the package."""
    monkeypatch.delenv("TRIEUR_LOCAL_STATE", raising=False)
    monkeypatch.setattr(local_aws, "__file__", str(tmp_path / "site-packages" / "trieur" / "account" / "local.py"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def announce(state: Path) -> None:
    state.mkdir(parents=True)
    StateFolder(state).announce(URL, "eu-west-3")


def test_it_is_found_where_the_local_aws_says_it_is(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    announce(elsewhere / ".local")
    deep = elsewhere / "a" / "b"
    deep.mkdir(parents=True)
    for folder in (elsewhere, deep):
        monkeypatch.chdir(folder)
        assert LocalAws.find() == LocalAws(URL, "eu-west-3")


def test_a_named_folder_counts_alone(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    announce(elsewhere / ".local")
    monkeypatch.setenv("TRIEUR_LOCAL_STATE", str(elsewhere / "other"))
    with pytest.raises(Unreachable, match="trieur local up"):
        LocalAws.find()
    announce(elsewhere / "other")
    assert LocalAws.find().endpoint_url == URL


@pytest.mark.usefixtures("elsewhere")
def test_none_that_runs_is_said() -> None:
    with pytest.raises(Unreachable, match="No local AWS runs: start one with `trieur local up`"):
        Account.connect(local=True)


@pytest.mark.parametrize("written", ["", "[]", json.dumps({"endpoint_url": URL})])
def test_what_cannot_be_read_is_none(elsewhere: Path, written: str) -> None:
    (elsewhere / ".local").mkdir()
    (elsewhere / ".local" / "localcloud.json").write_text(written)
    with pytest.raises(Unreachable):
        LocalAws.find()


def test_one_that_was_killed_does_not_answer(elsewhere: Path) -> None:
    announce(elsewhere / ".local")
    with pytest.raises(Unreachable, match="The local AWS does not answer: start it"):
        Account.connect(local=True)


def test_its_session_obeys_nothing_of_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"AWS_PROFILE": "work", "AWS_ENDPOINT_URL": "http://other", "AWS_REGION": "us-east-1"}.items():
        monkeypatch.setenv(name, value)
    client = LocalAws(URL, "eu-west-3").session().client("s3")
    assert (client.meta.endpoint_url, client.meta.region_name) == (URL, "eu-west-3")
    assert client.meta.config.proxies == {}


def test_the_local_aws_and_who_asks_it_agree_on_the_keys() -> None:
    assert (local_aws.ACCESS_KEY_ID, local_aws.SECRET_ACCESS_KEY) == (options.ACCESS_KEY_ID, options.SECRET_ACCESS_KEY)
    assert options.DEFAULT_STATE.name == local_aws.STATE_FOLDER
