"""The CDK app: what `cdk` runs, and by itself `python app.py`, which takes its context from cdk.json."""

import os
import sys
from pathlib import Path

from infra.node import provide_node
from infra.settings import read_context, read_settings
from trieur.settings import SettingsRefused


def main() -> int:
    here = Path(__file__).resolve().parent
    try:
        context = read_context(os.environ, here / "cdk.json")
        settings = read_settings(context)
    except SettingsRefused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    provide_node()
    # Importing the CDK starts Node.
    from infra.application import synthesise

    synthesise(settings, context=context, outdir=os.environ.get("CDK_OUTDIR", str(here / "cdk.out")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
