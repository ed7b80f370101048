"""The container's command: `python -m trieur_train train`.

It imports no torch and stays small, since it has to outlive the workers that do: whatever becomes of them, one sentence
and no half-written model are left behind.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence

from trieur_train.failure import TrainingFailed, TrainingStopped, report_failure
from trieur_train.folders import Folders
from trieur_train.hosts import Hosts, read_hosts

# One process saves its checkpoint, the others wait for it; SageMaker kills after 120 seconds.
SHUTDOWN_SECONDS = 110
PORT = 29500


def main(arguments: Sequence[str]) -> int:
    """Run the job. The exit status: 0 trained, 1 failed or stopped (output/failure says why), 2 wrong usage."""
    if list(arguments) != ["train"]:
        print("usage: python -m trieur_train train", file=sys.stderr)
        return 2
    folders = Folders.from_environment()
    stop = _Stop()
    try:
        folders.failure.unlink(missing_ok=True)
        folders.remove_artefacts()
        hosts = read_hosts(folders.resources)
    except (TrainingFailed, OSError) as failure:
        report_failure(folders, str(failure))
        return 1
    workers = subprocess.Popen(worker_command(hosts), env=os.environ | worker_environment(os.environ, hosts))
    stop.pass_on_to(workers)
    status = workers.wait()
    if status and not folders.failure.exists():
        report_failure(folders, _sudden_end(status))
    return int(status != 0)


class _Stop:
    """SIGTERM, and an interrupt from the keyboard, for the workers: also where it comes before there are any."""

    def __init__(self) -> None:
        self._requested = False
        self._workers: subprocess.Popen[bytes] | None = None
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._request())

    def pass_on_to(self, workers: "subprocess.Popen[bytes]") -> None:
        self._workers = workers
        if self._requested:
            self._request()

    def _request(self) -> None:
        self._requested = True
        if self._workers is not None:
            self._workers.send_signal(signal.SIGTERM)


def worker_command(hosts: Hosts) -> list[str]:
    """One worker, or with several GPUs or hosts a worker each, started and joined by torchrun."""
    module = ["-m", "trieur_train.worker"]
    if hosts.count == 1 and hosts.processes == 1:
        return [sys.executable, *module]
    torchrun = [sys.executable, "-m", "torch.distributed.run"]
    options = {
        "nnodes": hosts.count,
        "node-rank": hosts.rank,
        "nproc-per-node": hosts.processes,
        "master-addr": hosts.first,
        "master-port": os.environ.get("MASTER_PORT", PORT),
        "max-restarts": 0,
        "shutdown-timeout": SHUTDOWN_SECONDS,
    }
    return [*torchrun, *(f"--{name}={value}" for name, value in options.items()), *module]


def worker_environment(environment: Mapping[str, str], hosts: Hosts) -> dict[str, str]:
    """What must be set before a worker starts; the job's own environment wins."""
    wanted = {
        # How long threads that wait for each other spin before they sleep: waking takes longer than most waits here,
        # and spinning on takes the core from whatever else runs on it.
        "GOMP_SPINCOUNT": "10000",
        # Each step frees and takes back the same gigabytes: kept by the process, they need no zeroing by the kernel.
        "MALLOC_TRIM_THRESHOLD_": str(2**40),
        "MALLOC_MMAP_THRESHOLD_": str(2**40),
        # Libraries talk to people about things that are settled here.
        "TRANSFORMERS_VERBOSITY": "error",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "TORCH_CPP_LOG_LEVEL": "ERROR",
    }
    if hosts.interface:
        # Machines may have several networks, of which one leads to the others.
        wanted |= {"NCCL_SOCKET_IFNAME": hosts.interface, "GLOO_SOCKET_IFNAME": hosts.interface}
    return {name: value for name, value in wanted.items() if name not in environment}


def _sudden_end(status: int) -> str:
    """What to say of workers that ended without a word of their own."""
    if status == -signal.SIGKILL:
        return (
            "The training was killed, as happens when the machine's memory runs out: give a smaller batch_size or "
            "max_length, more gradient_accumulation_steps, the recipe fast or head, or a larger instance."
        )
    if status == -signal.SIGTERM:
        # It came before the worker listened.
        return str(TrainingStopped())
    how = f"signal {-status}" if status < 0 else f"exit status {status}"
    return f"The training ended suddenly ({how}) without a reason: its log may say more."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
