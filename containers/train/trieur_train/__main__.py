"""The container's command: `python -m trieur_train train`."""

import logging
import os
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import NoReturn

from trieur_train.artefacts import remove_artefacts
from trieur_train.base_models.find import find_base_model
from trieur_train.examples import read_splits
from trieur_train.failure import TrainingFailed, TrainingStopped, write_failure
from trieur_train.folders import Folders
from trieur_train.hyperparameters import read_hyperparameters

STARTED = time.perf_counter()


def main(arguments: list[str]) -> int:
    """Run the job. The exit status: 0 trained, 1 failed or stopped (output/failure says why), 2 wrong usage."""
    if arguments != ["train"]:
        print("usage: python -m trieur_train train", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, _stop)
    # Libraries below talk to people about things that are settled here; their errors still come through as exceptions.
    logging.basicConfig(level=logging.ERROR)
    # Threads that wait for each other by spinning halve the speed on cores that something else uses too, and worse.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    folders = Folders.from_environment()
    try:
        folders.failure.unlink(missing_ok=True)
        remove_artefacts(folders)
        _train(folders)
    except TrainingFailed as failure:
        return _fail(folders, str(failure))
    except TrainingStopped:
        return _fail(folders, "The training was stopped (SIGTERM) before it had finished; no model was kept.")
    except Exception as error:
        logging.getLogger(__package__).exception("unexpected error")
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}, line {last.lineno}"
        reason = " ".join(str(error).split())[:500]
        return _fail(folders, f"The training hit an unexpected error in {where}: {type(error).__name__}: {reason}")
    return 0


def _train(folders: Folders) -> None:
    settings = read_hyperparameters(folders.hyperparameters)
    splits = read_splits(folders, settings.mode)
    print(
        f"Classifier {settings.classifier}: {len(splits.labels)} labels, {settings.mode}; {len(splits.train.texts)} "
        f"training, {len(splits.validation.texts)} validation and {len(splits.test.texts)} test examples.",
        flush=True,
    )
    with tempfile.TemporaryDirectory(prefix="trieur-train-") as workspace:
        base_model = find_base_model(folders, settings.base_model, Path(workspace))
        # Only now, so that what is wrong with the input is said at once: this imports torch and transformers.
        from trieur_train.job import run_job

        run_job(folders, settings, splits, base_model, workspace=Path(workspace), started=STARTED)


def _fail(folders: Folders, sentence: str) -> int:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print(sentence, file=sys.stderr, flush=True)
    try:
        remove_artefacts(folders)
        write_failure(folders.failure, sentence)
    except OSError as error:
        print(f"That could not be written to {folders.failure}: {error}", file=sys.stderr, flush=True)
    return 1


def _stop(*_: object) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise TrainingStopped


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
