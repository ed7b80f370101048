import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import huggingface_hub
import pytest
from huggingface_hub.errors import HFValidationError
from trieur_train.base_models import hub
from trieur_train.failure import TrainingFailed

FILES = ("config.json", "model.safetensors", "pytorch_model.bin", "tokenizer.json", "README.md", "tf_model.h5")
WANTED = ("config.json", "model*.safetensors", "pytorch_model*.bin", "tokenizer.json")


def answering(monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", lambda *_, **__: answer())


def listing(*files: str) -> SimpleNamespace:
    return SimpleNamespace(sha="abc", siblings=[SimpleNamespace(rfilename=file) for file in files])


def raising(error: Exception) -> Any:
    def answer() -> NoReturn:
        raise error

    return answer


@pytest.fixture
def never() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def downloads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[list[str]]:
    asked: list[list[str]] = []

    def snapshot_download(*_: str, allow_patterns: list[str], **__: object) -> str:
        asked.append(allow_patterns)
        return str(tmp_path)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot_download)
    return asked


def test_only_what_is_needed_is_downloaded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, downloads: list[list[str]]
) -> None:
    answering(monkeypatch, lambda: listing(*FILES))
    assert hub.download("camembert-base", WANTED) == tmp_path
    assert downloads == [["config.json", "model.safetensors", "tokenizer.json"]]


def test_older_weights_are_taken_where_there_are_no_others(
    monkeypatch: pytest.MonkeyPatch, downloads: list[list[str]]
) -> None:
    answering(monkeypatch, lambda: listing("config.json", "pytorch_model.bin", "tokenizer.json"))
    hub.download("camembert-base", WANTED)
    assert downloads == [["config.json", "pytorch_model.bin", "tokenizer.json"]]


def test_a_hub_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch, never: threading.Event) -> None:
    monkeypatch.setattr(hub, "PATIENCE_SECONDS", 0.05)
    answering(monkeypatch, never.wait)
    with pytest.raises(hub.HubUnreachable, match="TimeoutError"):
        hub.download("camembert-base", WANTED)


def test_no_network_is_no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, raising(ConnectionError("no route")))
    with pytest.raises(hub.HubUnreachable, match="ConnectionError"):
        hub.download("camembert-base", WANTED)


def test_a_name_that_cannot_be_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, raising(HFValidationError("bad")))
    with pytest.raises(TrainingFailed, match="neither a directory here nor a public model"):
        hub.download("a b c", WANTED)


def test_a_download_that_breaks_off_is_a_failure_and_not_a_training_from_scratch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answering(monkeypatch, lambda: listing(*FILES))
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda *_, **__: raising(OSError("reset"))())
    with pytest.raises(TrainingFailed, match="broke off"):
        hub.download("camembert-base", WANTED)
