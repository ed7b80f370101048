from pathlib import Path

from trieur_train.failure import write_failure


def test_a_failure_is_one_line_of_at_most_1024_characters(tmp_path: Path) -> None:
    path = tmp_path / "output" / "failure"
    write_failure(path, "é\n" * 2000)
    written = path.read_text(encoding="utf-8")
    assert len(written) == 1024
    assert "\n" not in written
    assert written.endswith("…")


def test_a_short_failure_is_written_as_it_is(tmp_path: Path) -> None:
    write_failure(tmp_path / "failure", "The test split is empty.")
    assert (tmp_path / "failure").read_text() == "The test split is empty."
