"""The Docker engine, through the docker command: what of it the local AWS uses."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from localcloud.images import Image

_LABEL = "trieur.localcloud"
_QUERY_SECONDS = 60.0


class DockerFailed(Exception):
    """What the docker command said when it did not do as asked."""


class DockerEngine:
    """An engine and the containers one local AWS has in it, which carry its state folder as a label.

    environment says where the engine is: DOCKER_HOST and the like, and the PATH the command is on.
    """

    def __init__(self, environment: Mapping[str, str], state: Path) -> None:
        self.environment = dict(environment)
        self.label = f"{_LABEL}={state}"

    def ask(
        self,
        *arguments: str,
        stdin: IO[bytes] | None = None,
        stdout: IO[bytes] | None = None,
        seconds: float = _QUERY_SECONDS,
    ) -> str:
        """What a docker command prints, unless it goes to stdout. Raises DockerFailed."""
        try:
            done = subprocess.run(
                ["docker", *arguments],
                env=self.environment,
                stdin=subprocess.DEVNULL if stdin is None else stdin,
                stdout=subprocess.PIPE if stdout is None else stdout,
                stderr=subprocess.PIPE,
                timeout=seconds,
                check=False,
            )
        except FileNotFoundError:
            raise DockerFailed("there is no docker command on the PATH") from None
        except subprocess.TimeoutExpired:
            raise DockerFailed(f"`docker {arguments[0]}` took longer than {seconds:.0f} s") from None
        if done.returncode != 0:
            raise DockerFailed(done.stderr.decode(errors="replace").strip())
        return "" if done.stdout is None else done.stdout.decode(errors="replace")

    def version(self) -> str:
        """The engine's version. Raises DockerFailed when none answers."""
        return self.ask("version", "--format", "{{.Server.Version}}").strip()

    def build(self, image: Image, arguments: Mapping[str, str], log: Path) -> None:
        """Builds the image under its URI. Raises DockerFailed with the end of the build's output, all of it in log.

        It is built for this machine's own architecture, whatever the one it has on AWS: emulation is too slow to
        train under.
        """
        options = [option for name, value in arguments.items() for option in ("--build-arg", f"{name}={value}")]
        file = str(image.folder / image.dockerfile)
        # The host's network: a build has to reach a package index, and the bridge may have no way out.
        command = ["build", "--network", "host", "--tag", image.uri, "--file", file, *options, str(image.folder)]
        with log.open("wb") as output:
            code = subprocess.run(
                ["docker", *command],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            ).returncode
        if code != 0:
            raise DockerFailed("\n".join(log.read_text(errors="replace").splitlines()[-20:]))

    def create(self, name: str, image: str, command: Sequence[str], options: Sequence[str]) -> None:
        self.ask("create", "--name", name, "--label", self.label, *options, image, *command)

    def remove(self, name: str) -> None:
        """Ends and removes a container, if there is one of that name."""
        self.ask("rm", "--force", "--volumes", name)

    def remove_all(self) -> None:
        """Ends and removes every container of this local AWS."""
        found = self.ask("ps", "--all", "--quiet", "--filter", f"label={self.label}").split()
        if found:
            self.ask("rm", "--force", "--volumes", *found)
