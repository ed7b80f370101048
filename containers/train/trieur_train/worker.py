"""What one process of the job does: everything, or with several of them its share of the training."""

import errno
import logging
import os
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

from trieur_train.base_models.find import find_base_model
from trieur_train.examples import read_splits
from trieur_train.failure import TrainingFailed, TrainingStopped, report_failure
from trieur_train.folders import Folders
from trieur_train.hyperparameters import read_hyperparameters
from trieur_train.interruption import Interruption
from trieur_train.job import Job

STARTED = time.perf_counter()
OUT_OF_MEMORY = ("out of memory", "not enough memory", "can't allocate memory", "bad_alloc")


def main() -> int:
    """Do this process's part of the job. The exit status: 0 done, 1 failed or stopped (output/failure says why)."""
    logging.basicConfig(level=logging.ERROR)
    folders = Folders.from_environment()
    interruption = Interruption()
    # From the keyboard it reaches every process; the one that supervises turns it into SIGTERM.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        interruption.listen()
        _train(folders, interruption)
    except TrainingStopped as stopped:
        return _fail(folders, str(stopped))
    except TrainingFailed as failure:
        return _fail(folders, str(failure))
    except Exception as error:
        sentence = _ran_out(error)
        if sentence is None:
            logging.getLogger(__package__).exception("unexpected error")
            sentence = _unexpected(error)
        return _fail(folders, sentence)
    return 0


def _train(folders: Folders, interruption: Interruption) -> None:
    settings = read_hyperparameters(folders.hyperparameters)
    splits = read_splits(folders, settings.mode)
    if _leads():
        print(
            f"Classifier {settings.classifier}: {len(splits.labels)} labels, {settings.mode}; "
            f"{len(splits.train.texts)} training, {len(splits.validation.texts)} validation and "
            f"{len(splits.test.texts)} test examples.",
            flush=True,
        )
    with tempfile.TemporaryDirectory(prefix="trieur-train-") as workspace:
        base_model = find_base_model(folders, settings.base_model, Path(workspace))
        # Only now, so that what is wrong with the input is said at once: this imports torch and transformers.
        from trieur_train.training import run_job

        run_job(Job(folders, settings, splits, base_model, Path(workspace), STARTED), interruption)


def _ran_out(error: Exception) -> str | None:
    """What to say where memory or disk are full."""
    if isinstance(error, MemoryError) or any(words in str(error).lower() for words in OUT_OF_MEMORY):
        return (
            "The memory of the machine or its GPU ran out: give a smaller batch_size or max_length, more "
            "gradient_accumulation_steps, the recipe fast or head, or a larger instance."
        )
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        # Of a copy, the second is the one that was being written.
        path = error.filename2 or error.filename
        where = f" while writing {path}" if path else ""
        return f"The disk is full{where}: give the training job a larger volume (training.volume_gb)."
    return None


def _unexpected(error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(last.filename).name}, line {last.lineno}"
    reason = " ".join(str(error).split())[:500]
    return f"The training hit an unexpected error in {where}: {type(error).__name__}: {reason}"


def _fail(folders: Folders, sentence: str) -> int:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # The first of several processes speaks for all; a machine that fails alone has no other to speak for it.
    if os.environ.get("LOCAL_RANK", "0") == "0":
        report_failure(folders, sentence)
    return 1


def _leads() -> bool:
    return os.environ.get("RANK", "0") == "0"


if __name__ == "__main__":
    status = main()
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    # All is written: taking torch apart, object by object, would take another second or two of the machine.
    os._exit(status)
