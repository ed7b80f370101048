import json
from pathlib import Path

import pytest
from trieur_train import hosts
from trieur_train.__main__ import worker_command, worker_environment
from trieur_train.failure import TrainingFailed
from trieur_train.hosts import Hosts, read_hosts


def resources(folder: Path, **facts: object) -> Path:
    path = folder / "resourceconfig.json"
    path.write_text(json.dumps(facts))
    return path


def gpus(folder: Path, count: int) -> Path:
    for name in [*(f"nvidia{number}" for number in range(count)), "nvidiactl", "nvidia-uvm"]:
        (folder / name).touch()
    return folder


@pytest.fixture
def gpu_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts, "version", lambda _: "2.13.0")


def test_alone_it_is_one_process(tmp_path: Path) -> None:
    assert read_hosts(tmp_path / "absent.json", tmp_path) == Hosts("localhost", 0, 1, 1)


def test_the_first_of_the_hosts_leads_whoever_is_named_first(tmp_path: Path) -> None:
    path = resources(tmp_path, current_host="algo-2", hosts=["algo-2", "algo-1"])
    assert read_hosts(path, tmp_path) == Hosts("algo-1", 1, 2, 1)


@pytest.mark.usefixtures("gpu_build")
@pytest.mark.parametrize(("count", "processes"), [(0, 1), (1, 1), (4, 4)])
def test_each_gpu_has_a_process(tmp_path: Path, count: int, processes: int) -> None:
    assert read_hosts(tmp_path / "absent.json", gpus(tmp_path, count)).processes == processes


def test_torchs_build_for_processors_leaves_gpus_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts, "version", lambda _: "2.13.0+cpu")
    assert read_hosts(tmp_path / "absent.json", gpus(tmp_path, 4)).processes == 1


@pytest.mark.parametrize("facts", [{}, {"hosts": ["a"]}, {"hosts": ["a"], "current_host": "b"}, {"hosts": 3}])
def test_another_file_is_refused(tmp_path: Path, facts: dict[str, object]) -> None:
    with pytest.raises(TrainingFailed, match="does not name the job's hosts"):
        read_hosts(resources(tmp_path, **facts), tmp_path)


def test_one_process_needs_no_torchrun() -> None:
    assert worker_command(Hosts("localhost", 0, 1, 1))[1:] == ["-m", "trieur_train.worker"]


def test_several_are_started_by_torchrun() -> None:
    command = worker_command(Hosts("algo-1", 1, 2, 4))
    assert command[1:3] == ["-m", "torch.distributed.run"]
    assert command[-2:] == ["-m", "trieur_train.worker"]
    options = {"--nnodes=2", "--node-rank=1", "--nproc-per-node=4", "--master-addr=algo-1", "--shutdown-timeout=110"}
    assert options <= set(command)


def test_the_jobs_own_environment_wins() -> None:
    alone = Hosts("localhost", 0, 1, 1)
    assert worker_environment({}, alone)["TRANSFORMERS_VERBOSITY"] == "error"
    assert "TRANSFORMERS_VERBOSITY" not in worker_environment({"TRANSFORMERS_VERBOSITY": "info"}, alone)


def test_machines_talk_over_the_network_that_sagemaker_names(tmp_path: Path) -> None:
    path = resources(tmp_path, current_host="algo-1", hosts=["algo-1", "algo-2"], network_interface_name="eth0")
    environment = worker_environment({}, read_hosts(path, tmp_path))
    assert environment["NCCL_SOCKET_IFNAME"] == environment["GLOO_SOCKET_IFNAME"] == "eth0"
