import errno
from pathlib import Path

import pytest
from trieur_train import worker
from trieur_train.failure import TrainingFailed, TrainingStopped


@pytest.fixture
def opt_ml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OPT_ML", str(tmp_path))
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.onnx").write_bytes(b"half")
    return tmp_path


def fails_with(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> int:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(worker, "_train", fail)
    return worker.main()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (TrainingFailed("The test split is empty."), "The test split is empty."),
        (TrainingStopped("a checkpoint was saved"), "before it had finished; a checkpoint was saved."),
        (MemoryError(), "memory of the machine or its GPU ran out"),
        (RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"), "give a smaller batch_size"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"), "memory of the machine"),
        (OSError(errno.ENOSPC, "No space left on device", "/opt/ml/model/model.onnx"), "volume_gb"),
        (KeyError("surprise"), "unexpected error in test_worker.py, line"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else value,
)
def test_whatever_goes_wrong_is_one_sentence_and_leaves_no_model(
    opt_ml: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, words: str
) -> None:
    assert fails_with(monkeypatch, error) == 1
    failure = (opt_ml / "output" / "failure").read_text()
    assert words in failure
    assert "\n" not in failure
    assert not list((opt_ml / "model").iterdir())


def test_only_the_first_process_of_a_machine_speaks(opt_ml: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCAL_RANK", "1")
    assert fails_with(monkeypatch, TrainingFailed("No.")) == 1
    assert not (opt_ml / "output").exists()
