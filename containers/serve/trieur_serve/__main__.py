"""`python -m trieur_serve serve`: what SageMaker starts."""

import asyncio
import csv
import logging
import os
import signal
import socket
import sys
import time
from pathlib import Path

import uvicorn

from trieur_serve.connections import Connection
from trieur_serve.cores import available_cores
from trieur_serve.logs import log_to_stdout
from trieur_serve.manifest import ModelRefused
from trieur_serve.metrics import metrics_wanted
from trieur_serve.server import Server
from trieur_serve.service import Service

# SageMaker kills 30 seconds after its SIGTERM.
SECONDS_TO_FINISH = 25


def main(arguments: list[str]) -> int:
    """The exit code: 0 after SIGTERM, 1 if it cannot serve, 2 for a wrong argument."""
    started = time.perf_counter()
    if arguments != ["serve"]:
        print("Usage: python -m trieur_serve serve", file=sys.stderr)
        return 2
    # While the model loads; afterwards uvicorn drains first, then raises the signal again.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    log_to_stdout()
    # Python's csv refuses fields of more than 131,072 characters unless told otherwise; a text may fill a body.
    csv.field_size_limit(2**31 - 1)
    try:
        metrics = metrics_wanted()
        listener = listen()
        asyncio.run(_serve(listener, Path(os.environ.get("OPT_ML", "/opt/ml")) / "model", started, metrics))
    except (ModelRefused, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    return 0


def listen() -> socket.socket:
    host = os.environ.get("TRIEUR_BIND_HOST", "0.0.0.0")
    port = os.environ.get("SAGEMAKER_BIND_TO_PORT", "8080")
    if not (port.isdecimal() and 1 <= int(port) <= 65535):
        raise OSError(f"SAGEMAKER_BIND_TO_PORT is {port!r}; it must be a port, 1 to 65535.")
    try:
        listener = socket.create_server((host, int(port)), backlog=2048)
    except OSError as error:
        # create_server adds the address to the system's words, in Python's form.
        reason = (error.strerror or str(error)).partition(" (")[0]
        raise OSError(f"Cannot listen on {host}:{port}: {reason}.") from error
    # asyncio does it only for sockets that were made with the protocol's number. Without it the body of every
    # answer waits 40 ms for the client to acknowledge the headers.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


async def _serve(listener: socket.socket, folder: Path, started: float, metrics: bool) -> None:
    service = Service(folder)
    server = uvicorn.Server(
        uvicorn.Config(
            Server(service, metrics=metrics, stopping=lambda: server.should_exit).app,
            http=Connection,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=SECONDS_TO_FINISH,
        )
    )

    async def load() -> None:
        try:
            model = await service.load()
        except BaseException:
            server.should_exit = True
            raise
        facts = {
            "labels": len(model.manifest.labels),
            "mode": model.manifest.mode,
            "engine": model.engine.name,
            "threads": available_cores(),
            "seconds": round(time.perf_counter() - started, 2),
        }
        logging.getLogger("trieur_serve").info("ready", extra={"facts": facts})

    # Listening at once, so that /ping tells "loading" (503) from "not there".
    loading = asyncio.create_task(load())
    await server.serve(sockets=[listener])
    if loading.done():
        loading.result()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
