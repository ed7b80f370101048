"""Takes a CDK app to the local AWS: synthesise, publish its assets, deploy its template unchanged."""

from localcloud.deploy.assembly import Assembly, synthesise
from localcloud.deploy.assets import publish_assets
from localcloud.deploy.stack import deploy_stack

__all__ = ["Assembly", "deploy_stack", "publish_assets", "synthesise"]
