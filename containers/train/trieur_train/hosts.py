"""On how many machines and processes the job runs, by SageMaker's resourceconfig.json and the GPUs seen here."""

import json
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from trieur_train.failure import TrainingFailed

GPU_DEVICES = "nvidia[0-9]*"


@dataclass(frozen=True)
class Hosts:
    """This machine among those of the job, and how many processes it is to run."""

    first: str
    """The name of the machine that the others join."""
    rank: int
    count: int
    processes: int
    interface: str | None = None
    """The network by which the machines reach each other."""


def read_hosts(resources: Path, devices: Path = Path("/dev")) -> Hosts:
    """The job's machines from `resources` (one, where there is no such file) and one process a GPU, at least one.

    Raises TrainingFailed when the file is not SageMaker's.
    """
    processes = max(1, _gpus(devices))
    if not resources.exists():
        return Hosts("localhost", 0, 1, processes)
    try:
        facts = json.loads(resources.read_text(encoding="utf-8"))
        hosts = sorted(facts["hosts"])
        return Hosts(
            hosts[0], hosts.index(facts["current_host"]), len(hosts), processes, facts.get("network_interface_name")
        )
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise TrainingFailed(
            f"{resources.name} does not name the job's hosts and the current one ({type(error).__name__}: {error})."
        ) from error


def _gpus(devices: Path) -> int:
    # torch's build for processors alone has no use for them.
    return 0 if version("torch").endswith("+cpu") else len(list(devices.glob(GPU_DEVICES)))
