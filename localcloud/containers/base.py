"""What SageMaker's jobs and endpoints need of whatever runs their containers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from localcloud.images import Image
from localcloud.processes import wait_until


@dataclass(frozen=True, kw_only=True)
class Launch:
    """One start of an image: `train` or `serve` over an /opt/ml that lies at opt_ml on this machine.

    output is the file that collects what the program writes to stdout and stderr.
    """

    name: str
    image: Image
    verb: Literal["train", "serve"]
    opt_ml: Path
    output: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    network_isolated: bool = False


class Container(Protocol):
    """A started container."""

    @property
    def port(self) -> int:
        """Where a serving container listens on 127.0.0.1."""
        ...

    def exit_code(self) -> int | None:
        """None while it runs; afterwards its exit code, 128 + n when signal n ended it. /opt/ml is then at opt_ml."""
        ...

    def terminate(self) -> None:
        """Sends SIGTERM."""
        ...

    def kill(self) -> None:
        """Ends it and whatever it started, at once, and waits for that."""
        ...


class Runner(Protocol):
    def start(self, launch: Launch) -> Container:
        """Starts it. Raises ImageError when the image cannot be started at all."""
        ...

    def stop_all(self) -> None:
        """Ends every container that still runs."""
        ...


def stop(container: Container, grace: float, step: float = 0.05) -> int:
    """SIGTERM, then the end by force when it still runs after grace seconds. Gives the exit code."""
    container.terminate()
    if not wait_until(lambda: container.exit_code() is not None, grace, step):
        container.kill()
    code = container.exit_code()
    return 137 if code is None else code
