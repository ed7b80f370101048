"""Brings a base model from the Hugging Face hub, and gives up within seconds where there is no network."""

import fnmatch
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from trieur_train.failure import TrainingFailed

# A name server that does not answer can hold a look-up for half a minute, past any timeout of the request.
PATIENCE_SECONDS = 8.0
REQUEST_SECONDS = 5.0
T = TypeVar("T")


class HubUnreachable(Exception):
    """There is no way to the hub from here; the text says why."""


def download(name: str, wanted: Sequence[str]) -> Path:
    """The folder with the files of `name` whose names match `wanted`.

    Raises HubUnreachable when the hub cannot be asked, TrainingFailed when it has no such public model or when the
    download breaks off.
    """
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import GatedRepoError, HFValidationError, RepositoryNotFoundError

    try:
        information = _within(PATIENCE_SECONDS, lambda: HfApi().model_info(name, timeout=REQUEST_SECONDS))
    except (RepositoryNotFoundError, GatedRepoError, HFValidationError) as error:
        raise TrainingFailed(
            f"The base model {name!r} is neither a directory here nor a public model on the hub: check its name, or "
            "bring its files through the pretrained channel."
        ) from error
    except Exception as error:
        # Whatever else goes wrong on the way (no route, no name, a proxy, a refusal) means the same: no hub here.
        raise HubUnreachable(f"the hub cannot be reached: {type(error).__name__}") from error
    files = [sibling.rfilename for sibling in information.siblings or []]
    chosen = [file for file in files if any(fnmatch.fnmatch(file, pattern) for pattern in wanted)]
    if any(file.endswith(".safetensors") for file in chosen):
        chosen = [file for file in chosen if not file.endswith((".bin", ".bin.index.json"))]
    try:
        return Path(
            snapshot_download(name, revision=information.sha, allow_patterns=chosen, etag_timeout=REQUEST_SECONDS)
        )
    except Exception as error:
        raise TrainingFailed(
            f"The download of the base model {name!r} from the hub broke off ({type(error).__name__}: {error})."
        ) from error


def _within(seconds: float, ask: Callable[[], T]) -> T:
    """What `ask` returns or raises, or TimeoutError after `seconds`; a late answer is dropped."""
    executor = ThreadPoolExecutor(max_workers=1)
    try:
        return executor.submit(ask).result(timeout=seconds)
    finally:
        executor.shutdown(wait=False)
