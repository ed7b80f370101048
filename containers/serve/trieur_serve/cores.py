"""How many cores this process may use, which in a container is not how many the machine has."""

import os
from pathlib import Path


def available_cores(cgroup: Path = Path("/sys/fs/cgroup")) -> int:
    """Cores by affinity, lowered to the control group's quota of processor time, in the nearest whole. At least 1."""
    cores = len(os.sched_getaffinity(0))
    quota = _quota(cgroup)
    # Many more threads than the quota feeds would be stopped together, in the middle of a prediction.
    return cores if quota is None else max(1, min(cores, round(quota)))


def _quota(cgroup: Path) -> float | None:
    try:
        if (cgroup / "cpu.max").exists():
            quota, period = (cgroup / "cpu.max").read_text().split()
        else:
            quota = (cgroup / "cpu" / "cpu.cfs_quota_us").read_text()
            period = (cgroup / "cpu" / "cpu.cfs_period_us").read_text()
        microseconds = int(quota)
        return microseconds / int(period) if microseconds > 0 else None
    except (OSError, ValueError):
        # No control group, or "max": no quota.
        return None
