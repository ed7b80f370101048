"""The server process of a local AWS: `python -m localcloud.server SOCKET LOCK`, started by LocalCloud only.

Its first line of input holds the options; the end of its input says that its starter is gone, and it ends too.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
from typing import Any

from hypercorn.asyncio import serve
from hypercorn.config import Config

from localcloud.comprehend import Comprehend
from localcloud.containers import DockerEngine, DockerRunner, ProcessRunner, Runner
from localcloud.gateway import Gateway
from localcloud.ministack import application, stop_lambda_workers
from localcloud.options import Options
from localcloud.sagemaker import SageMaker
from localcloud.state import StateFolder

_logger = logging.getLogger("localcloud")
_LAST_REQUESTS_SECONDS = 0.5
_ENDING_SECONDS = 10.0


def main() -> None:
    listening, lock = int(sys.argv[1]), int(sys.argv[2])
    options = Options.from_json(sys.stdin.readline())
    state = StateFolder(options.state)
    os.set_inheritable(lock, False)
    asyncio.run(_serve(options, state, listening))


async def _serve(options: Options, state: StateFolder, listening: int) -> None:
    endpoint_url = f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}"
    runner = _runner(options, state)
    services = [SageMaker(options, state, runner, endpoint_url), Comprehend(options, state, endpoint_url)]
    ending = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ending.set)
    threading.Thread(target=_await_starters_end, args=(loop, ending), daemon=True).start()

    config = Config()
    config.bind = [f"fd://{listening}"]
    config.graceful_timeout = _LAST_REQUESTS_SECONDS
    config.keep_alive_timeout = 75
    config.errorlog = "-"

    async def until_end() -> None:
        # Called once the server listens.
        state.announce(endpoint_url, options.region)
        await ending.wait()
        _logger.info("The local AWS is ending")
        threading.Timer(_ENDING_SECONDS, _leave, (state,)).start()
        for service in services:
            await asyncio.to_thread(service.close)
        await asyncio.to_thread(runner.stop_all)

    gateway: Any = Gateway(services, application())
    await serve(gateway, config, shutdown_trigger=until_end)
    _leave(state)


def _runner(options: Options, state: StateFolder) -> Runner:
    if options.containers == "docker":
        return DockerRunner(DockerEngine(options.docker_environment, state.root))
    return ProcessRunner(state.processes, options.container_environment)


def _await_starters_end(loop: asyncio.AbstractEventLoop, ending: asyncio.Event) -> None:
    while sys.stdin.read(4096):
        pass
    loop.call_soon_threadsafe(ending.set)


def _leave(state: StateFolder) -> None:
    """Ends the process at once: MiniStack's threads may sleep in a state machine's wait and would hold it up."""
    stop_lambda_workers()
    state.clear()
    logging.shutdown()
    os._exit(0)


if __name__ == "__main__":
    main()
