"""Running a container image's program: as a plain process, or in a Docker engine."""

from localcloud.containers.base import Container, Launch, Runner
from localcloud.containers.process import ProcessRunner

__all__ = ["Container", "Launch", "ProcessRunner", "Runner"]
