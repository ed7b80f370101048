"""The one address of the local AWS: our services answer first, MiniStack answers everything else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from localcloud.ministack import Application, Receive, Scope, Send


class Service(Protocol):
    """An AWS service that MiniStack does not offer."""

    def answers(self, scope: Scope) -> bool:
        """Whether an HTTP request is for this service."""
        ...

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None: ...


class Gateway:
    def __init__(self, services: Sequence[Service], rest: Application) -> None:
        self._services = services
        self._rest = rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            for service in self._services:
                if service.answers(scope):
                    await service.handle(scope, receive, send)
                    return
            scope = _as_if_over_tls(scope)
        await self._rest(scope, receive, send)


def _as_if_over_tls(scope: Scope) -> Scope:
    """Says that the request came over TLS.

    The template's buckets refuse plain HTTP by aws:SecureTransport. Here nothing leaves the loopback interface, so
    plain HTTP is as private as TLS is on AWS, and the policies can stay in force as they are.
    """
    headers = [(name, value) for name, value in scope["headers"] if name.lower() != b"x-forwarded-proto"]
    return {**scope, "headers": [*headers, (b"x-forwarded-proto", b"https")]}
