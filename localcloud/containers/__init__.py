"""Running a container image's program: as a plain process, or in a Docker engine."""

from localcloud.containers.base import Container, Launch, Runner
from localcloud.containers.docker import DockerRunner
from localcloud.containers.docker_engine import DockerEngine, DockerFailed
from localcloud.containers.process import ProcessRunner

__all__ = ["Container", "DockerEngine", "DockerFailed", "DockerRunner", "Launch", "ProcessRunner", "Runner"]
