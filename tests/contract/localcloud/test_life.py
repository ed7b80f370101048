"""Starting and ending: one at a time, on the loopback interface only, and nothing left behind whoever is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from localcloud import LocalCloud, LocalCloudError
from localcloud.options import REPOSITORY
from localcloud.processes import wait_until
from tests.contract.localcloud.account import Account, until
from tests.contract.localcloud.small_app import SmallApp
from tests.contract.localcloud.test_deployment_of_apps import HANDLER, bucket, function, lambda_role

SECONDS = 30.0


def processes_of(state: Path) -> dict[int, str]:
    """Every process whose environment or command names the state folder, and how it was called."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            called = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if str(state) in called or str(state).encode() in (entry / "environ").read_bytes():
                found[int(entry.name)] = called
        except OSError:
            continue
    return found


def nothing_is_left(state: Path) -> None:
    wait_until(lambda: not processes_of(state), SECONDS)
    assert processes_of(state) == {}
    wait_until(lambda: {entry.name for entry in state.iterdir()} <= {"lock", "logs"}, SECONDS)
    assert {entry.name for entry in state.iterdir()} <= {"lock", "logs"}


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """An app with a function, so that a Lambda worker runs too."""
    small = SmallApp(tmp_path / "app")
    code = small.add_zip("code", {"package/__init__.py": "", "package/module.py": HANDLER})
    resources = {"Inbox": bucket("inbox"), "Role": lambda_role(), "Function": function(code)}
    machine = "arn:aws:states:eu-west-1:000000000000:stateMachine:other"
    return small.write(resources, {"InboxBucketName": {"Ref": "Inbox"}, "StateMachineArn": machine})


@pytest.fixture
def up(state: Path, app: Path) -> Iterator[subprocess.Popen[str]]:
    """`python -m localcloud up`, once it has said where it answers."""
    command = [sys.executable, "-m", "localcloud", "up", "--state", str(state), "--app", str(app)]
    with subprocess.Popen(
        command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def read_until(process: subprocess.Popen[str], part: str) -> str:
    said = ""
    assert process.stdout is not None
    for line in process.stdout:
        said += line
        if part in line:
            return said
    raise AssertionError(f"it ended without {part!r}; it said:\n{said}")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "localcloud", *arguments]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)


def work_hard(cloud: LocalCloud, folder: Path) -> Account:
    """Has a training job, an endpoint and a Lambda worker running."""
    account = Account(cloud, folder)
    account.endpoint("long-lived")
    account.sagemaker.create_training_job(**account.training("long", HyperParameters={"sleep": "600", "deaf": "1"}))
    until(lambda: account.log_lines("/aws/sagemaker/TrainingJobs", "long/"), lambda lines: "sleeping" in lines)
    cloud.session().client("lambda").invoke(FunctionName="small", Payload=b"{}")
    return account


def test_closing_ends_every_process_and_removes_every_folder(state: Path, app: Path, tmp_path: Path) -> None:
    before = set(Path(tempfile.gettempdir()).glob("ministack*"))
    with LocalCloud(state, app=app) as cloud:
        work_hard(cloud, tmp_path)
        running = list(processes_of(state).values())
        for part in ("localcloud.server", "program.py train", "program.py serve", "_worker.py"):
            assert any(part in called for called in running), part

    nothing_is_left(state)
    assert (state / "logs" / "training-job-long.log").read_text().startswith("hello from long")
    assert set(Path(tempfile.gettempdir()).glob("ministack*")) == before


def test_a_server_that_is_killed_leaves_nothing_once_closed(state: Path, app: Path, tmp_path: Path) -> None:
    with LocalCloud(state, app=app) as cloud:
        work_hard(cloud, tmp_path)
        os.kill(json.loads((state / "localcloud.json").read_text())["pid"], signal.SIGKILL)
        assert cloud.wait() == -signal.SIGKILL

    nothing_is_left(state)


def test_a_server_ends_with_its_starter(up: subprocess.Popen[str], state: Path) -> None:
    read_until(up, "answers at")

    up.kill()

    nothing_is_left(state)


def test_what_two_kills_left_is_cleared_by_the_next(up: subprocess.Popen[str], state: Path, tmp_path: Path) -> None:
    read_until(up, "answers at")
    endpoint = json.loads((state / "localcloud.json").read_text())
    with Attached(endpoint["endpoint_url"], state) as cloud:
        work_hard(cloud, tmp_path)
    # Both at once: neither is there to clear up after the other.
    os.kill(up.pid, signal.SIGSTOP)
    os.kill(endpoint["pid"], signal.SIGKILL)
    up.kill()
    wait_until(lambda: not any("localcloud" in called for called in processes_of(state).values()), SECONDS)
    assert any("program.py" in called for called in processes_of(state).values())

    down = run("down", "--state", str(state))

    assert (down.returncode, down.stdout) == (0, f"No local AWS runs from {state}.\n")
    nothing_is_left(state)
    assert (state / "logs" / "server.log").exists(), "what happened can still be read"


class Attached(LocalCloud):
    """A local AWS that another process started."""

    def __init__(self, url: str, state: Path) -> None:
        super().__init__(state, app=None)
        self._url = url

    @property
    def endpoint_url(self) -> str:
        return self._url

    def start(self) -> None:
        """It runs already."""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_everything(up: subprocess.Popen[str], state: Path, number: signal.Signals) -> None:
    read_until(up, "answers at")

    up.send_signal(number)

    assert up.wait(SECONDS) == (0 if number == signal.SIGINT else 128 + number)
    nothing_is_left(state)


def test_up_tells_how_to_use_it_and_down_ends_it(up: subprocess.Popen[str], state: Path) -> None:
    said = read_until(up, "cat /tmp/answer.json")
    running = json.loads((state / "localcloud.json").read_text())

    assert f"export AWS_ENDPOINT_URL={running['endpoint_url']}\n" in said
    assert "export AWS_ACCESS_KEY_ID=test\n" in said
    assert "export AWS_SECRET_ACCESS_KEY=test\n" in said
    assert "export AWS_DEFAULT_REGION=eu-west-1\n" in said
    assert "s3 cp examples/chatbot-questions.json s3://inbox/datasets/questions/\n" in said
    assert "--endpoint-name other-questions " in said
    status = run("status", "--state", str(state))
    assert status.returncode == 0
    assert running["endpoint_url"] in status.stdout

    second = run("up", "--state", str(state))
    assert second.returncode == 1
    assert f"A local AWS already runs from {state} at {running['endpoint_url']}" in second.stderr
    assert "python -m localcloud down" in second.stderr

    down = run("down", "--state", str(state))
    assert (down.returncode, down.stdout) == (0, f"The local AWS in {state} has ended.\n")
    assert up.wait(SECONDS) == 0
    nothing_is_left(state)
    assert run("status", "--state", str(state)).returncode == 1


def test_a_stale_run_file_is_nobody(state: Path) -> None:
    state.mkdir()
    stale = {
        "pid": os.getpid(),
        "identity": "started long ago",
        "endpoint_url": "http://x",
        "region": "r",
        "started": 0,
    }
    (state / "localcloud.json").write_text(json.dumps(stale))

    assert run("status", "--state", str(state)).returncode == 1
    with LocalCloud(state, app=None) as cloud:
        assert cloud.session().client("s3").list_buckets()["Buckets"] == []


def test_a_taken_port_is_a_sentence(state: Path, cloud: LocalCloud) -> None:
    port = int(cloud.endpoint_url.rpartition(":")[2])

    with pytest.raises(LocalCloudError, match=f"The port {port} of 127.0.0.1 cannot be had"):
        LocalCloud(state, app=None, port=port).start()

    nothing_is_left(state)


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_that_is_none_is_a_sentence(state: Path, port: int) -> None:
    with pytest.raises(LocalCloudError, match=f"The port {port} of 127.0.0.1 cannot be had"):
        LocalCloud(state, app=None, port=port).start()

    nothing_is_left(state)


def test_a_state_folder_that_cannot_be_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    up = run("up", "--state", str(tmp_path / "file" / "state"))

    assert up.returncode == 1
    assert up.stderr.startswith(
        f"The state folder {tmp_path / 'file' / 'state'} cannot be written to (Not a directory)"
    )


def test_a_chosen_port_is_used_again_at_once(state: Path) -> None:
    with LocalCloud(state, app=None) as cloud:
        cloud.session().client("s3").list_buckets()
        port = int(cloud.endpoint_url.rpartition(":")[2])

    with LocalCloud(state, app=None, port=port) as cloud:
        assert cloud.endpoint_url == f"http://127.0.0.1:{port}"


def listening() -> set[tuple[int, str]]:
    """Inode and address of every listening TCP socket of this machine."""
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A":
                found.add((int(fields[9]), fields[1]))
    return found


def sockets_of(pid: int) -> set[int]:
    inodes = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = str(descriptor.readlink())
        except OSError:
            continue
        if target.startswith("socket:["):
            inodes.add(int(target[8:-1]))
    return inodes


def test_only_the_loopback_interface_is_listened_on(state: Path, app: Path, tmp_path: Path) -> None:
    with LocalCloud(state, app=app) as cloud:
        work_hard(cloud, tmp_path)
        own = set().union(*(sockets_of(pid) for pid in processes_of(state)))
        addresses = {address for inode, address in listening() if inode in own}

    assert len(addresses) >= 2
    assert {address.partition(":")[0] for address in addresses} == {"0100007F"}


def test_a_session_goes_past_proxies(cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    assert cloud.session().client("sts").get_caller_identity()["Account"] == "000000000000"


def test_what_the_user_has_configured_for_aws_leads_nowhere_else(
    cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config, credentials = tmp_path / "config", tmp_path / "credentials"
    elsewhere = "http://127.0.0.1:9"
    config.write_text(
        f"[default]\nregion = us-west-2\nservices = mine\n[services mine]\ns3 =\n  endpoint_url = {elsewhere}"
    )
    credentials.write_text("[default]\naws_access_key_id = mine\naws_secret_access_key = mine\n")
    for name, value in {
        "AWS_CONFIG_FILE": str(config),
        "AWS_SHARED_CREDENTIALS_FILE": str(credentials),
        "AWS_PROFILE": "nobody",
        "AWS_SESSION_TOKEN": "mine",
        "AWS_REGION": "us-west-2",
        "AWS_ENDPOINT_URL": elsewhere,
        "AWS_ENDPOINT_URL_S3": elsewhere,
    }.items():
        monkeypatch.setenv(name, value)

    session = cloud.session()

    assert session.client("sts").get_caller_identity()["Account"] == "000000000000"
    assert session.client("s3").meta.region_name == "eu-west-1"
    assert isinstance(session.client("s3").list_buckets()["Buckets"], list)


def test_the_tour_leads_past_what_the_user_has_set(state: Path, app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "example.com")
    command = [sys.executable, "-m", "localcloud", "up", "--state", str(state), "--app", str(app)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process:
        try:
            said = read_until(process, "aws s3 cp")
            told = "\n".join(line for line in said.splitlines() if line.startswith(("  export ", "  unset ")))
            listed = subprocess.run(
                ["bash", "-c", f"{told}\naws s3 ls"], env=os.environ, capture_output=True, text=True, check=False
            )
        finally:
            process.terminate()

    assert listed.returncode == 0, listed.stderr
    assert listed.stdout.split()[-1] == "inbox"


def test_environment_and_session_lead_to_it(cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in cloud.environment.items():
        monkeypatch.setenv(name, value)

    clients: list[Any] = [boto3.client("sts"), cloud.session().client("sts")]

    assert {client.get_caller_identity()["Account"] for client in clients} == {"000000000000"}


def test_the_plain_aws_command_works(cloud: LocalCloud, account: Account, tmp_path: Path) -> None:
    account.endpoint("shell", "from the shell")
    account.train("from-the-shell")
    note = tmp_path / "note.txt"
    note.write_text("kept")
    environment = {**os.environ, **cloud.environment}

    def aws(*arguments: str, stdin: str = "") -> str:
        command = [str(Path(sys.executable).parent / "aws"), *arguments]
        done = subprocess.run(command, env=environment, input=stdin, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    aws("s3", "cp", str(note), "s3://material/from/shell/")
    assert account.s3.get_object(Bucket="material", Key="from/shell/note.txt")["Body"].read() == b"kept"
    jobs = json.loads(aws("sagemaker", "list-training-jobs", "--name-contains", "from-the-shell"))
    assert [job["TrainingJobStatus"] for job in jobs["TrainingJobSummaries"]] == ["Completed"]
    asked = ("--endpoint-name", "shell", "--content-type", "text/plain")
    answer = aws(
        "sagemaker-runtime", "invoke-endpoint", *asked, "--body", "fileb:///dev/stdin", "/dev/stdout", stdin="hé"
    )
    assert '{"says": "from the shell", "bytes": 3, "kind": "text/plain"}' in answer
