"""Finds the base model: the channel, a directory, the image or the hub, in that order; else there is none."""

import json
import os
import tarfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from trieur_train.base_models import hub
from trieur_train.failure import TrainingFailed
from trieur_train.folders import Folders

CHANNEL = "pretrained"
CONFIGURATION = "config.json"
WEIGHTS = ("model*.safetensors", "model.safetensors.index.json", "pytorch_model*.bin", "pytorch_model.bin.index.json")
TOKENIZERS = ("tokenizer.json", "vocab.txt", "vocab.json", "*.model")
TOKENIZER_SETTINGS = ("merges.txt", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json")


@dataclass(frozen=True)
class BaseModel:
    """What the training starts from. `directory` is None when nothing pretrained was found."""

    name: str
    source: str
    """channel, directory, image, hub or scratch."""
    directory: Path | None
    note: str | None
    """A sentence for people where they got something else than they may expect."""


def find_base_model(folders: Folders, asked: str, workspace: Path) -> BaseModel:
    """Where the base model's files lie; archives and downloads are put under `workspace`.

    Raises TrainingFailed when a base model was given but cannot be used: only the absence of any leads to
    training from scratch.
    """
    channel = folders.channel(CHANNEL)
    if channel.is_dir():
        folder = _checked(_unpacked(channel, workspace), "channel")
        return BaseModel(_declared_name(folder), "channel", folder, None)
    if Path(asked).is_dir():
        folder = _checked(Path(asked), "directory")
        return BaseModel(folder.name, "directory", folder, None)
    if asked.startswith(("/", ".", "~")):
        raise TrainingFailed(f"The base model {asked!r} is not a directory of this container.")
    baked = Path(os.environ.get("BASE_MODEL_DIR", "/opt/base-model"))
    if (baked / CONFIGURATION).is_file():
        folder = _checked(baked, "image")
        name = _declared_name(folder)
        note = f"The base model is the one baked into the training image ({name}); base_model asked for {asked}."
        return BaseModel(name, "image", folder, note)
    if os.environ.get("HF_HUB_OFFLINE", "0").lower() in {"1", "true", "yes", "on"}:
        return _scratch(asked, "the job may not use the network")
    try:
        downloaded = hub.download(asked, (CONFIGURATION, *WEIGHTS, *TOKENIZERS, *TOKENIZER_SETTINGS))
    except hub.HubUnreachable as error:
        return _scratch(asked, str(error))
    return BaseModel(asked, "hub", _checked(downloaded, "hub"), None)


def _scratch(asked: str, reason: str) -> BaseModel:
    return BaseModel(
        name="small CamemBERT",
        source="scratch",
        directory=None,
        note=f"Trained from scratch: {asked} could not be had ({reason}; no {CHANNEL} channel, no directory, none in "
        "the image), so a small CamemBERT was built from its configuration and has seen no text but the training "
        "split. A pretrained base model would do better on wording it has never seen.",
    )


def _declared_name(folder: Path) -> str:
    """What the files themselves say they are: the job does not know what lies in its channel."""
    try:
        configuration = json.loads((folder / CONFIGURATION).read_text(encoding="utf-8"))
        return str(configuration.get("_name_or_path") or configuration["model_type"])
    except (ValueError, AttributeError, KeyError) as error:
        raise TrainingFailed(f"The base model's {CONFIGURATION} is not that of a transformers model.") from error


def _unpacked(channel: Path, workspace: Path) -> Path:
    archives = sorted(channel.glob("*.tar.gz"))
    if not archives:
        return channel
    if len(archives) > 1:
        raise TrainingFailed(f"The channel {CHANNEL!r} holds {len(archives)} archives: give one base model.")
    target = workspace / CHANNEL
    target.mkdir()
    try:
        with tarfile.open(archives[0], "r:gz") as archive:
            archive.extractall(target, filter="data")
    except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
        raise TrainingFailed(
            f"The base model's archive {archives[0].name} cannot be unpacked ({type(error).__name__}: {error})."
        ) from error
    return target


def _checked(folder: Path, source: str) -> Path:
    """The folder (or its only subfolder) that holds configuration, weights and tokenizer."""
    subfolders = [entry for entry in folder.iterdir() if entry.is_dir()]
    if not (folder / CONFIGURATION).is_file() and len(subfolders) == 1:
        folder = subfolders[0]
    found = sorted(entry.name for entry in folder.iterdir())
    where = f"The base model from the {source}"
    if CONFIGURATION not in found:
        raise TrainingFailed(f"{where} has no {CONFIGURATION}; found: {', '.join(found[:8]) or 'nothing'}.")
    if not _any_matches(found, WEIGHTS):
        raise TrainingFailed(
            f"{where} has no weights (model.safetensors or pytorch_model.bin); found: {', '.join(found[:8])}."
        )
    if not _any_matches(found, TOKENIZERS):
        raise TrainingFailed(f"{where} has no tokenizer (tokenizer.json); found: {', '.join(found[:8])}.")
    return folder


def _any_matches(names: Sequence[str], patterns: Sequence[str]) -> bool:
    return any(fnmatch(name, pattern) for name in names for pattern in patterns)
