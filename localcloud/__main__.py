"""`python -m localcloud up|down|status`: AWS on this machine, from the command line."""

from __future__ import annotations

import argparse
import math
import os
import shlex
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType

from localcloud.cloud import LocalCloud
from localcloud.options import DEFAULT_STATE, REPOSITORY
from localcloud.processes import wait_until
from localcloud.state import LocalCloudError, StateFolder, close_descriptor

_END_SECONDS = 30.0
# What leads an aws command or an SDK past the exported variables, besides AWS_ENDPOINT_URL_<service>.
_MISLEADING = (
    "AWS_DEFAULT_PROFILE",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_TOKEN",
)


def main(arguments: Sequence[str] | None = None) -> int:
    chosen = _parser().parse_args(arguments)
    try:
        if chosen.command == "up":
            return _up(chosen)
        state = StateFolder(chosen.state)
        return _down(state) if chosen.command == "down" else _status(state)
    except LocalCloudError as error:
        print(error, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m localcloud", description="AWS on this machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="start it, deploy the app, and stay until Ctrl-C")
    up.add_argument("--port", type=int, default=0, help="where it answers on 127.0.0.1 (default: a free port)")
    up.add_argument("--containers", choices=("process", "docker"), default="process", help="what containers run as")
    up.add_argument("--app", type=Path, default=REPOSITORY, help="the CDK app's folder (default: this repository)")
    up.add_argument(
        "--spot-interruption-seconds",
        type=_seconds,
        metavar="N",
        help="interrupt each managed spot training job once, after N seconds of training (default: never)",
    )
    up.add_argument(
        "--comprehend-throughput",
        action="store_true",
        help="throttle Comprehend endpoints as AWS does: 2 documents and 100 characters a second per inference unit",
    )
    down = commands.add_parser("down", help="stop the one that runs")
    status = commands.add_parser("status", help="say whether one runs, and where it answers")
    for command in (up, down, status):
        command.add_argument("--state", type=Path, default=DEFAULT_STATE, help="its folder (default: .local)")
    return parser


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds")
    return seconds


def _up(chosen: argparse.Namespace) -> int:
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    begun = time.monotonic()
    try:
        with LocalCloud(
            chosen.state,
            port=chosen.port,
            containers=chosen.containers,
            app=chosen.app,
            spot_interruption=chosen.spot_interruption_seconds,
            comprehend_throughput=chosen.comprehend_throughput,
            progress=lambda line: print(line, flush=True),
        ) as cloud:
            print(_tour(cloud, time.monotonic() - begun), flush=True)
            code = cloud.wait()
    except KeyboardInterrupt:
        print("\nThe local AWS has ended.")
        return 0
    if code != 0:
        log = chosen.state / "logs" / "server.log"
        raise LocalCloudError(f"The local AWS ended by itself (exit code {code}): see {log}.")
    print("The local AWS has ended.")
    return 0


def _leave(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _tour(cloud: LocalCloud, seconds: float) -> str:
    lines = [f"export {name}={shlex.quote(value)}" for name, value in cloud.environment.items()]
    exports = "\n".join(f"  {line}" for line in [*lines, *_cautions(os.environ)])
    said = f"""
The local AWS answers at {cloud.endpoint_url}, up in {seconds:.0f} s. Ctrl-C ends it. In another shell:

{exports}
"""
    inbox = cloud.outputs.get("InboxBucketName")
    if inbox is None:
        return said
    return f"""{said}  export PATH={shlex.quote(str(Path(sys.executable).parent))}:$PATH

  aws s3 cp examples/chatbot-questions.json s3://{inbox}/datasets/questions/

and once `aws sagemaker list-endpoints` says InService:

  echo 'Qui est-ce qui fait du nodejs ?' > /tmp/question.txt
  aws sagemaker-runtime invoke-endpoint --endpoint-name {cloud.app_name}-questions \\
      --content-type text/plain --body fileb:///tmp/question.txt /tmp/answer.json
  cat /tmp/answer.json
"""


def _cautions(environment: Mapping[str, str]) -> list[str]:
    """What else a shell with this environment has to be told, so that nothing of the user's is spoken to instead."""
    misleading = [name for name in environment if name in _MISLEADING or name.startswith("AWS_ENDPOINT_URL_")]
    lines = [f"unset {' '.join(sorted(misleading))}"] if misleading else []
    if any(environment.get(name) for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY")):
        lines.append('export no_proxy="127.0.0.1${no_proxy:+,$no_proxy}" NO_PROXY="127.0.0.1${NO_PROXY:+,$NO_PROXY}"')
    return lines


def _down(state: StateFolder) -> int:
    running = state.running()
    if state.is_free():
        print(f"No local AWS runs from {state.root}.")
        if state.root.is_dir():
            # What one that was killed left behind goes with it.
            close_descriptor(state.claim())
        return 0
    to_end = state.owner() if running is None else running.pid
    if to_end is not None:
        os.kill(to_end, signal.SIGTERM)
    if not wait_until(state.is_free, _END_SECONDS):
        raise LocalCloudError(f"The local AWS in {state.root} has not ended within {_END_SECONDS:.0f} s.")
    print(f"The local AWS in {state.root} has ended.")
    return 0


def _status(state: StateFolder) -> int:
    running = state.running()
    if running is None:
        print(f"No local AWS runs from {state.root}.")
        return 1
    print(f"The local AWS in {state.root} answers at {running.endpoint_url} ({running.region}, process {running.pid}).")
    return 0


if __name__ == "__main__":
    sys.exit(main())
