"""The CDK app: the stack under cdk-nag's rules."""

from collections.abc import Mapping
from typing import Any

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks

from infra.settings import Settings
from infra.stack import TrieurStack


def synthesise(settings: Settings, *, context: Mapping[str, Any], outdir: str) -> None:
    """Write the cloud assembly into `outdir`. Raises RuntimeError when cdk-nag finds something."""
    app = cdk.App(context=dict(context), outdir=outdir, analytics_reporting=False)
    TrieurStack(app, settings=settings)
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()
