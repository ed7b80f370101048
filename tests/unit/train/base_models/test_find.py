import tarfile
from pathlib import Path

import pytest
from trieur_train.base_models import hub
from trieur_train.base_models.find import BaseModel, find_base_model
from trieur_train.failure import TrainingFailed
from trieur_train.folders import Folders

FILES = {"config.json": '{"model_type": "camembert"}', "model.safetensors": "", "tokenizer.json": "{}"}


def write_model(folder: Path, *, without: str = "") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in FILES.items():
        if name != without:
            (folder / name).write_text(content)
    return folder


@pytest.fixture(autouse=True)
def hub_calls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """What the hub was asked for: by default nothing lies there, nor in the image."""
    calls: list[str] = []

    def download(name: str, *_: object) -> Path:
        calls.append(name)
        raise hub.HubUnreachable("the hub cannot be reached: ConnectError")

    monkeypatch.setattr(hub, "download", download)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setenv("BASE_MODEL_DIR", str(tmp_path / "nothing-baked"))
    return calls


def find(root: Path, asked: str = "camembert-base") -> BaseModel:
    workspace = root / "workspace"
    workspace.mkdir(exist_ok=True)
    return find_base_model(Folders(root), asked, workspace)


def refusal(root: Path, asked: str = "camembert-base") -> str:
    with pytest.raises(TrainingFailed) as refused:
        find(root, asked)
    return str(refused.value)


def channel(root: Path) -> Path:
    return root / "input" / "data" / "pretrained"


def test_the_channel_comes_before_all_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hub_calls: list[str]
) -> None:
    write_model(channel(tmp_path))
    monkeypatch.setenv("BASE_MODEL_DIR", str(write_model(tmp_path / "baked")))
    found = find(tmp_path, str(write_model(tmp_path / "directory")))
    assert (found.source, found.name, found.directory) == ("channel", "camembert", channel(tmp_path))
    assert not hub_calls


@pytest.mark.parametrize("inside", ["", "some-model/"])
def test_the_channel_may_hold_one_archive(tmp_path: Path, inside: str) -> None:
    source = write_model(tmp_path / "source")
    channel(tmp_path).mkdir(parents=True)
    with tarfile.open(channel(tmp_path) / "model.tar.gz", "w:gz") as archive:
        for name in FILES:
            archive.add(source / name, inside + name)
    found = find(tmp_path).directory
    assert found is not None
    assert {entry.name for entry in found.iterdir()} == set(FILES)


def test_an_archive_that_is_none_is_refused(tmp_path: Path) -> None:
    channel(tmp_path).mkdir(parents=True)
    (channel(tmp_path) / "model.tar.gz").write_bytes(b"no archive")
    assert "archive model.tar.gz cannot be unpacked" in refusal(tmp_path)


def test_an_archive_cannot_write_outside_its_folder(tmp_path: Path) -> None:
    channel(tmp_path).mkdir(parents=True)
    with tarfile.open(channel(tmp_path) / "model.tar.gz", "w:gz") as archive:
        archive.add(write_model(tmp_path / "source") / "config.json", "../../escaped")
    assert "cannot be unpacked" in refusal(tmp_path)
    assert not list(tmp_path.glob("**/escaped"))


def test_a_directory_comes_before_the_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BASE_MODEL_DIR", str(write_model(tmp_path / "baked")))
    directory = write_model(tmp_path / "my-camembert")
    found = find(tmp_path, str(directory))
    assert (found.source, found.name, found.directory) == ("directory", "my-camembert", directory)


def test_a_directory_that_is_not_there_is_refused_and_not_asked_of_the_hub(
    tmp_path: Path, hub_calls: list[str]
) -> None:
    assert "is not a directory of this container" in refusal(tmp_path, str(tmp_path / "absent"))
    assert not hub_calls


def test_the_image_comes_before_the_hub_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hub_calls: list[str]
) -> None:
    monkeypatch.setenv("BASE_MODEL_DIR", str(write_model(tmp_path / "baked")))
    found = find(tmp_path, "distilcamembert")
    assert found.source == "image"
    assert found.note is not None
    assert "distilcamembert" in found.note
    assert not hub_calls


@pytest.mark.parametrize("value", ["1", "true", "ON", "yes"])
def test_offline_the_hub_is_never_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hub_calls: list[str], value: str
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", value)
    found = find(tmp_path)
    assert (found.source, found.directory) == ("scratch", None)
    assert found.note is not None
    assert "may not use the network" in found.note
    assert not hub_calls


def test_without_a_hub_it_starts_from_scratch_and_says_why(tmp_path: Path, hub_calls: list[str]) -> None:
    found = find(tmp_path)
    assert hub_calls == ["camembert-base"]
    assert found.source == "scratch"
    assert found.note is not None
    assert "ConnectError" in found.note


def test_the_hub_is_used_where_it_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    downloaded = write_model(tmp_path / "cache")
    monkeypatch.setattr(hub, "download", lambda *_: downloaded)
    assert find(tmp_path) == BaseModel("camembert-base", "hub", downloaded, None)


@pytest.mark.parametrize(
    ("missing", "reason"),
    [
        ("config.json", "has no config.json"),
        ("model.safetensors", "has no weights"),
        ("tokenizer.json", "has no tokenizer"),
    ],
)
def test_a_base_model_that_lacks_a_part_is_refused(tmp_path: Path, missing: str, reason: str) -> None:
    write_model(channel(tmp_path), without=missing)
    assert reason in refusal(tmp_path)


def test_an_empty_channel_is_refused(tmp_path: Path) -> None:
    channel(tmp_path).mkdir(parents=True)
    assert "has no config.json; found: nothing" in refusal(tmp_path)


@pytest.mark.parametrize("content", ["{", "[]", "{}"])
def test_a_configuration_of_something_else_is_refused(tmp_path: Path, content: str) -> None:
    (write_model(channel(tmp_path)) / "config.json").write_text(content)
    assert "config.json is not that of a transformers model" in refusal(tmp_path)
