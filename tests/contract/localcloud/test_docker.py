"""The same jobs and endpoints in a Docker engine, where one answers."""

from __future__ import annotations

import io
import os
import tarfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from localcloud import LocalCloud, LocalCloudError
from localcloud.containers import DockerEngine, DockerFailed
from localcloud.options import docker_environment
from tests.contract.localcloud.account import BUCKET, SERVE, TRAIN, Account, until
from tests.contract.localcloud.counting import COUNT, SPOT, Counting
from tests.contract.localcloud.small_app import SmallApp
from tests.contract.localcloud.transforms import LOUD, Transforms

DOCKERFILE = """
ARG BASE_IMAGE=python:3.11-slim
FROM ${BASE_IMAGE}
WORKDIR /opt/program
COPY program.py ./
USER 10001:10001
ENV PYTHONUNBUFFERED=1 OPT_ML=/opt/ml
ENTRYPOINT ["python", "program.py"]
"""
ISOLATED = """
import os, pathlib, socket, sys
ml = pathlib.Path("/opt/ml")
try:
    socket.create_connection(("1.1.1.1", 53), timeout=2)
    reached = "reached"
except OSError as error:
    reached = error.__class__.__name__
(ml / "model" / "network.txt").write_text(f"{reached} {[name for _, name in socket.if_nameindex()]} {os.getuid()}")
"""


def engine(state: Path) -> DockerEngine:
    return DockerEngine(docker_environment(os.environ), state)


def answers() -> bool:
    try:
        engine(Path("/")).version()
    except DockerFailed:
        return False
    return True


needs_engine = pytest.mark.skipif(not answers(), reason="no Docker engine answers")


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("state").resolve()


@pytest.fixture(scope="module")
def docker_account(state: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    app = SmallApp(tmp_path_factory.mktemp("app") / "app")
    here, there = '"127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])', '"0.0.0.0", 8080'
    serve, loud = SERVE.replace(here, there), LOUD.replace(here, there)
    programs = {"train": TRAIN, "serve": serve, "isolated": ISOLATED, "loud": loud, "counting": COUNT}
    uris = {
        name: app.add_image(f"{name}-{uuid.uuid4().hex}", {"Dockerfile": DOCKERFILE, "program.py": program})
        for name, program in programs.items()
    }
    app.write({"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {}}}, uris)
    with LocalCloud(
        state, app=app.folder, containers="docker", stop_grace=2, startup_timeout=20, spot_interruption=5
    ) as cloud:
        account = Account(cloud, tmp_path_factory.mktemp("unused"))
        account.train_image, account.serve_image = cloud.outputs["train"], cloud.outputs["serve"]
        yield account
    engine(state).ask("rmi", *cloud.outputs.values())


def containers(state: Path) -> list[str]:
    docker = engine(state)
    return docker.ask("ps", "--all", "--quiet", "--filter", f"label={docker.label}").split()


def model_files(account: Account, job: str) -> dict[str, bytes]:
    body = account.s3.get_object(Bucket=BUCKET, Key=f"runs/{job}/output/model.tar.gz")["Body"].read()
    files = {}
    with tarfile.open(fileobj=io.BytesIO(body)) as tar:
        for member in tar.getmembers():
            stream = tar.extractfile(member)
            if stream is not None:
                files[member.name] = stream.read()
    return files


@needs_engine
def test_a_job_trains_in_its_image(docker_account: Account, state: Path) -> None:
    job = docker_account.train("in-image", HyperParameters={"epochs": "3"})

    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert model_files(docker_account, "in-image") == {"weights.bin": b"trained"}
    assert "hello from in-image" in docker_account.log_lines("/aws/sagemaker/TrainingJobs", "in-image/")
    assert containers(state) == []


@needs_engine
def test_a_job_fails_and_is_stopped_as_ever(docker_account: Account, state: Path) -> None:
    failed = docker_account.train("failing-image", HyperParameters={"fail": "Row 3 has no label."})
    assert failed["FailureReason"] == "AlgorithmError: Row 3 has no label., exit code: 3"

    request = docker_account.training("stopped-image", HyperParameters={"sleep": "600", "keep": "1"})
    docker_account.sagemaker.create_training_job(**request)
    until(
        lambda: docker_account.log_lines("/aws/sagemaker/TrainingJobs", "stopped-image/"),
        lambda lines: "sleeping" in lines,
    )
    docker_account.sagemaker.stop_training_job(TrainingJobName="stopped-image")
    assert docker_account.ended("stopped-image")["TrainingJobStatus"] == "Stopped"
    assert model_files(docker_account, "stopped-image") == {"weights.bin": b"half trained"}
    assert containers(state) == []


@needs_engine
def test_an_interrupted_job_goes_on_in_its_image(docker_account: Account, tmp_path: Path) -> None:
    counting = Counting(docker_account, tmp_path)
    counting.image = docker_account.cloud.outputs["counting"]

    job = counting.train("spot-image", "wait", **SPOT)

    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert counting.said("spot-image") == ["begun at 0", "waiting", "begun at 3"]
    assert counting.kept("spot-image") == {"deep/count": "5"}


@needs_engine
def test_network_isolation_is_real(docker_account: Account) -> None:
    image = {"TrainingImage": docker_account.cloud.outputs["isolated"], "TrainingInputMode": "File"}
    docker_account.train("isolated-image", AlgorithmSpecification=image, EnableNetworkIsolation=True)

    assert model_files(docker_account, "isolated-image")["network.txt"] == b"OSError ['lo'] 10001"


@needs_engine
def test_an_endpoint_is_served_and_updated_in_its_image(docker_account: Account, state: Path) -> None:
    endpoint = docker_account.endpoint("image-endpoint", "first")
    assert endpoint["EndpointStatus"] == "InService", endpoint.get("FailureReason")
    assert docker_account.ask("image-endpoint")["says"] == "first"

    config = docker_account.config("image-endpoint-2", "second")
    docker_account.sagemaker.update_endpoint(EndpointName="image-endpoint", EndpointConfigName=config)
    assert docker_account.settled("image-endpoint")["EndpointConfigName"] == "image-endpoint-2"
    assert docker_account.ask("image-endpoint")["says"] == "second"
    assert len(containers(state)) == 1


@needs_engine
def test_a_job_transforms_in_its_image_and_is_stopped_in_it(
    docker_account: Account, state: Path, tmp_path: Path
) -> None:
    before = containers(state)
    transforms = Transforms(docker_account, tmp_path, docker_account.cloud.outputs["loud"])

    job = transforms.run("image-transform", {"a.txt": b"one\ntwo\n"}, BatchStrategy="SingleRecord")
    assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
    assert transforms.results("image-transform") == {"a.txt.out": b"ONE\nTWO\n"}
    assert len(transforms.asked("image-transform")) == 2

    docker_account.put("image-stopped/in/a.txt", b"sleep\n")
    transforms.sagemaker.create_transform_job(**transforms.request("image-stopped"))
    until(lambda: transforms.said("image-stopped"), lambda lines: "asleep" in lines)
    transforms.sagemaker.stop_transform_job(TransformJobName="image-stopped")
    assert transforms.ended("image-stopped")["TransformJobStatus"] == "Stopped"
    assert containers(state) == before


@needs_engine
def test_closing_removes_every_container(tmp_path: Path) -> None:
    app = SmallApp(tmp_path / "app")
    uri = app.add_image(f"deaf-{uuid.uuid4().hex}", {"Dockerfile": DOCKERFILE, "program.py": TRAIN})
    app.write({"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {}}}, {"deaf": uri})
    state = (tmp_path / "state").resolve()
    with LocalCloud(state, app=app.folder, containers="docker") as cloud:
        account = Account(cloud, tmp_path)
        account.train_image = cloud.outputs["deaf"]
        request = account.training("long-image", HyperParameters={"sleep": "600", "deaf": "1"})
        account.sagemaker.create_training_job(**request)
        until(lambda: containers(state), bool)

    assert containers(state) == []
    engine(state).ask("rmi", *cloud.outputs.values())


def test_without_an_engine_it_is_said_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path / 'none.sock'}")

    with pytest.raises(LocalCloudError, match="No Docker engine answers"):
        LocalCloud(tmp_path / "state", app=None, containers="docker").start()

    assert not (tmp_path / "state").exists()
