import os
from pathlib import Path

import pytest
from trieur_serve.cores import available_cores

ALL = len(os.sched_getaffinity(0))


@pytest.mark.parametrize(
    ("content", "cores"),
    [("max 100000", ALL), ("50000 100000", 1), ("100000 100000", 1), ("9900000 100000", ALL), ("nonsense", ALL)],
)
def test_the_quota_of_control_groups_lowers_the_cores(tmp_path: Path, content: str, cores: int) -> None:
    (tmp_path / "cpu.max").write_text(content + "\n")
    assert available_cores(tmp_path) == cores


@pytest.mark.parametrize(("quota", "cores"), [("-1", ALL), ("100000", 1)])
def test_the_older_control_groups_count_too(tmp_path: Path, quota: str, cores: int) -> None:
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text(quota)
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000")
    assert available_cores(tmp_path) == cores


def test_without_control_groups_affinity_alone_counts(tmp_path: Path) -> None:
    assert available_cores(tmp_path) == ALL
