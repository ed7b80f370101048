"""The AWS services the client speaks to, each connected when it is first needed."""

import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    import boto3
    from mypy_boto3_comprehend import ComprehendClient
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient

# An endpoint has 60 seconds to answer in, which SageMaker itself watches.
_READ_SECONDS: Final = 65
_CONNECT_SECONDS: Final = 10


class Services:
    """boto3 clients of one session, for `connections` requests at once. Safe to use from several threads.

    `region` and `endpoint_url` take precedence over the session's and the environment's. Every method raises
    botocore's errors where the session has no region.
    """

    def __init__(
        self, session: "boto3.Session | None", region: str | None, endpoint_url: str | None, connections: int
    ) -> None:
        self._session = session
        if session is None and "AWS_DEFAULT_REGION" not in os.environ:
            # Which every SDK reads but boto3.
            region = region or os.environ.get("AWS_REGION")
        # Only what is given: a session may have its own way.
        given = {"region_name": region, "endpoint_url": endpoint_url}
        self._place = {name: value for name, value in given.items() if value is not None}
        self._connections = connections
        self._clients: dict[str, Any] = {}
        self._lock = threading.Lock()

    def runtime(self) -> "SageMakerRuntimeClient":
        client: SageMakerRuntimeClient = self._client("sagemaker-runtime", "standard", 3)
        return client

    def comprehend(self) -> "ComprehendClient":
        # Adaptive: it measures how much the endpoint's inference units let through, and keeps to it.
        client: ComprehendClient = self._client("comprehend", "adaptive", 5)
        return client

    def account(self) -> str:
        """The account's number. Everybody may ask for their own."""
        identity: dict[str, str] = self._client("sts", "standard", 3).get_caller_identity()
        return identity["Account"]

    def _client(self, service: str, retry_mode: Literal["standard", "adaptive"], attempts: int) -> Any:
        # boto3 makes clients that threads may share, but not in several threads at once.
        with self._lock:
            if service not in self._clients:
                import boto3
                from botocore.config import Config

                self._session = self._session or boto3.Session()
                connect: Callable[..., Any] = self._session.client
                config = Config(
                    retries={"mode": retry_mode, "max_attempts": attempts},
                    read_timeout=_READ_SECONDS,
                    connect_timeout=_CONNECT_SECONDS,
                    max_pool_connections=self._connections,
                )
                self._clients[service] = connect(service, config=config, **self._place)
            return self._clients[service]

    def close(self) -> None:
        """Close what is connected; a later use connects again."""
        with self._lock:
            clients, self._clients = self._clients, {}
        for client in clients.values():
            client.close()
