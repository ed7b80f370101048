"""The inference container under test, as SageMaker starts it: a process, or a container of a real image.

With TRIEUR_SERVE_IMAGE in the environment it is that image in a Docker engine on this machine, else the process that
the image's ENTRYPOINT makes, with this interpreter. The tests know no difference.
"""

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[3] / "containers" / "serve"
IMAGE_VARIABLE = "TRIEUR_SERVE_IMAGE"
PATIENCE = 60
ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"
LARGEST = 6 * 1024 * 1024


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def classes(self) -> list[str]:
        """Of one prediction, in its order."""
        return [shown["Class"] for shown in self.json]


class Container:
    """One started container. Its kinds differ in how it is started, watched and ended."""

    def __init__(self, port: int) -> None:
        self.port = port

    def exit_code(self) -> int | None:
        """None while it runs."""
        raise NotImplementedError

    def terminate(self) -> None:
        """Sends SIGTERM."""
        raise NotImplementedError

    def end(self) -> int:
        """Waits until it has ended by itself; the exit code."""
        raise NotImplementedError

    def kill(self) -> None:
        """Ends it by force, and whatever it leaves."""
        raise NotImplementedError

    def output(self) -> str:
        """What it has written to stdout so far."""
        raise NotImplementedError

    def errors(self) -> str:
        """What it has written to stderr so far."""
        raise NotImplementedError

    def process_id(self) -> int:
        """Of the server, on this machine."""
        raise NotImplementedError

    def python(self, code: str) -> str:
        """What `code` prints in the server's interpreter, where its packages are."""
        raise NotImplementedError

    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.output().splitlines()]

    def wait_until_ready(self) -> "Container":
        self.wait_for(lambda: self.send("GET", "/ping").status == 200)
        return self

    def wait_for(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                if condition():
                    return
            except ConnectionError:
                assert self.exit_code() is None, self.errors()
            time.sleep(0.02)
        pytest.fail(f"waited {PATIENCE} seconds")

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Header names with _ for -. A body of byte strings goes chunk by chunk."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            return _answer(connection.getresponse())
        finally:
            connection.close()

    def invoke(self, body: Any, content_type: str, **headers: str) -> Answer:
        return self.send("POST", "/invocations", body, content_type=content_type, **headers)

    def ask(self, text: str, **headers: str) -> Answer:
        return self.invoke(json.dumps({"text": text}).encode(), "application/json", **headers)

    def socket(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def exchange(self, sent: bytes, *, close_sending: bool = False) -> Answer:
        """The first answer to these very bytes, on a connection of their own."""
        with self.socket() as connection:
            connection.sendall(sent)
            if close_sending:
                connection.shutdown(socket.SHUT_WR)
            return read_answer(connection)


def request(body: bytes, *headers: str, length: int | None = None, head: str = "POST /invocations HTTP/1.1") -> bytes:
    """A whole request as it goes over the wire: a plain text, unless `headers` name a content type."""
    lines = [head, "Host: a", *headers, f"Content-Length: {len(body) if length is None else length}"]
    if not any(header.lower().startswith("content-type:") for header in headers):
        lines.append("Content-Type: text/plain")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def read_answer(connection: socket.socket) -> Answer:
    response = http.client.HTTPResponse(connection)
    response.begin()
    return _answer(response)


def _answer(response: http.client.HTTPResponse) -> Answer:
    return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())


def assert_refused(answer: Answer, status: int, says: str) -> None:
    """The shape of every error: a sentence and the request's id, nothing else."""
    assert answer.status == status, answer.body
    assert answer.headers["content-type"] == "application/json"
    assert set(answer.json) == {"error", "request_id"}
    assert says in answer.json["error"]
    assert answer.json["error"].endswith(".")
    assert answer.json["request_id"]


class ProcessContainer(Container):
    """The process that the Dockerfile's ENTRYPOINT and SageMaker's `serve` make, with this interpreter."""

    def __init__(self, opt_ml: Path, arguments: Sequence[str], environment: dict[str, str]) -> None:
        super().__init__(free_port())
        self._output = opt_ml / f"stdout-{self.port}"
        self._errors = opt_ml / f"stderr-{self.port}"
        (entrypoint,) = re.findall(r"^ENTRYPOINT (\[.*\])$", (FOLDER / "Dockerfile").read_text(), re.MULTILINE)
        python, *rest = json.loads(entrypoint)
        assert Path(python).name == "python"
        with self._output.open("w") as output, self._errors.open("w") as errors:
            self._process = subprocess.Popen(
                [sys.executable, *rest, *arguments],
                cwd=FOLDER,
                stdout=output,
                stderr=errors,
                env={"PATH": os.environ["PATH"], "OPT_ML": str(opt_ml)} | _settings(self.port) | environment,
            )

    def exit_code(self) -> int | None:
        return self._process.poll()

    def terminate(self) -> None:
        self._process.terminate()

    def end(self) -> int:
        return self._process.wait(PATIENCE)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def output(self) -> str:
        return self._output.read_text()

    def errors(self) -> str:
        return self._errors.read_text()

    def process_id(self) -> int:
        return self._process.pid

    def python(self, code: str) -> str:
        done = subprocess.run([sys.executable, "-c", code], cwd=FOLDER, capture_output=True, text=True, check=True)
        return done.stdout.strip()


class DockerContainer(Container):
    """The image in a Docker engine on this machine, as little allowed as SageMaker's own hosts could.

    On the host's network, so that no port forwarding of the engine's stands between a test and the server. options:
    more of `docker run`, for instance ["--memory", "1024m"].
    """

    def __init__(
        self,
        image: str,
        opt_ml: Path,
        arguments: Sequence[str],
        environment: dict[str, str],
        options: Sequence[str] = (),
    ) -> None:
        super().__init__(free_port())
        self._image = image
        self._name = f"trieur-serve-test-{uuid.uuid4().hex[:12]}"
        told = _settings(self.port) | environment
        _docker(
            *("run", "--detach", "--name", self._name, "--network", "host", "--read-only", "--cap-drop", "ALL"),
            *(part for name, value in told.items() for part in ("--env", f"{name}={value}")),
            *_mount(opt_ml / "model"),
            *options,
            *(image, *arguments),
        )

    def exit_code(self) -> int | None:
        running, code = self._inspect("{{.State.Running}} {{.State.ExitCode}}").split()
        return None if running == "true" else int(code)

    def terminate(self) -> None:
        _docker("kill", "--signal", "TERM", self._name)

    def end(self) -> int:
        return int(_docker("wait", self._name).stdout)

    def kill(self) -> None:
        _docker("rm", "--force", "--volumes", self._name)

    def output(self) -> str:
        return _docker("logs", self._name).stdout

    def errors(self) -> str:
        return _docker("logs", self._name).stderr

    def process_id(self) -> int:
        return int(self._inspect("{{.State.Pid}}"))

    def python(self, code: str) -> str:
        return _docker(
            "run", "--rm", "--network", "none", "--entrypoint", "python", self._image, "-c", code
        ).stdout.strip()

    def _inspect(self, template: str) -> str:
        return _docker("inspect", "--format", template, self._name).stdout


def start_container(opt_ml: Path, *arguments: str, **environment: str) -> Container:
    """Starts the container under test over opt_ml/model, which need not be there; `serve` unless arguments say else."""
    image = os.environ.get(IMAGE_VARIABLE)
    if image:
        return DockerContainer(image, opt_ml, arguments or ("serve",), environment)
    return ProcessContainer(opt_ml, arguments or ("serve",), environment)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _settings(port: int) -> dict[str, str]:
    return {"SAGEMAKER_BIND_TO_PORT": str(port), "TRIEUR_BIND_HOST": "127.0.0.1"}


def _mount(model: Path) -> list[str]:
    if not model.is_dir():
        return []
    # The image's user is none of this machine's.
    model.chmod(0o755)
    for file in model.iterdir():
        file.chmod(0o644)
    return ["--volume", f"{model}:/opt/ml/model:ro"]


def _docker(*arguments: str) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    return done
