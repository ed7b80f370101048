"""Steps broken off before or after any of their calls to AWS."""

from collections.abc import Callable
from typing import Any, TypeVar

from tests.unit.world import World
from trieur.backends.base import EndpointBusy

T = TypeVar("T")


class BrokenOff(Exception):
    """The Lambda is gone: its time was over, or the connection."""


class Faults:
    """Breaks one step off at the call number `at`: before AWS has heard of it, or after it has done it."""

    def __init__(self, world: World, when: str) -> None:
        self.calls = self.at = 0
        self._trying = False
        clients = world.clients
        comprehend = (clients.comprehend, clients.paced_comprehend)
        for client in (clients.s3, clients.sagemaker, *comprehend, clients.stepfunctions, clients.sns):
            client.meta.events.register_first("before-call.*", self._before if when == "before" else self._count)
            client.meta.events.register("after-call.*", self._after if when == "after" else lambda **_: None)

    def retried(self, step: Callable[..., T], *arguments: Any) -> T:
        for _ in range(3):
            self._trying = True
            try:
                return step(*arguments)
            except (BrokenOff, EndpointBusy):
                continue
            finally:
                self._trying = False
        raise AssertionError("three attempts are enough")

    def _count(self, **_: Any) -> None:
        self.calls += self._trying

    def _before(self, **_: Any) -> None:
        self._count()
        self._after()

    def _after(self, **_: Any) -> None:
        if self._trying and self.calls == self.at:
            raise BrokenOff
