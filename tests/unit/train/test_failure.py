from pathlib import Path

import pytest
from trieur_train.failure import report_failure, write_failure
from trieur_train.folders import Folders


def test_a_failure_is_one_line_of_at_most_1024_characters(tmp_path: Path) -> None:
    path = tmp_path / "output" / "failure"
    write_failure(path, "é\n" * 2000)
    written = path.read_text(encoding="utf-8")
    assert len(written) == 1024
    assert "\n" not in written
    assert written.endswith("…")


def test_it_is_said_even_where_an_earlier_model_cannot_be_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def read_only(_: Folders) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Folders, "remove_artefacts", read_only)
    report_failure(Folders(tmp_path), "The test split is empty.")
    assert (tmp_path / "output" / "failure").read_text() == "The test split is empty."
    assert "Read-only file system" in capsys.readouterr().err


def test_a_short_failure_is_written_as_it_is(tmp_path: Path) -> None:
    write_failure(tmp_path / "failure", "The test split is empty.")
    assert (tmp_path / "failure").read_text() == "The test split is empty."
