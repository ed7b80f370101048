"""A Lambda function of the pipeline."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from aws_cdk import Duration, IgnoreMode
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra import powertools
from infra.log_group import LogGroup
from infra.permissions import wait_for_permissions
from infra.settings import Settings

# An allow-list: whatever else appears in the repository, neither the code nor its hash changes.
_NOT_IN_THE_CODE: Final = ["/*", "!/lambdas/", "!/trieur/", "__pycache__/", "*.pyc", ".*"]


class Function(lambda_.Function):
    """`lambdas.<handler>.handler`, under a role of its own that starts with nothing but writing its own logs."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        handler: str,
        description: str,
        environment: Mapping[str, str],
        memory_mb: int,
        timeout: Duration,
        repository: Path,
        settings: Settings,
    ) -> None:
        name = f"{settings.name}-{handler.replace('_', '-')}"
        owner = Construct(scope, f"{construct_id}Own")
        log_group = LogGroup(owner, "Logs", name=f"/aws/lambda/{name}", settings=settings)
        self.own_role = iam.Role(
            owner, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"), description=f"Role of {name}"
        )
        log_group.grant_write(self.own_role)
        super().__init__(
            scope,
            construct_id,
            function_name=name,
            description=description,
            runtime=lambda_.Runtime.PYTHON_3_14,
            architecture=lambda_.Architecture.ARM_64,
            handler=f"lambdas.{handler}.handler",
            code=lambda_.Code.from_asset(str(repository), exclude=_NOT_IN_THE_CODE, ignore_mode=IgnoreMode.GIT),
            layers=[lambda_.LayerVersion.from_layer_version_arn(owner, "Powertools", powertools.layer_arn(settings))],
            role=self.own_role,
            environment=dict(environment),
            memory_size=memory_mb,
            timeout=timeout,
            log_group=log_group,
            logging_format=lambda_.LoggingFormat.JSON,
            application_log_level_v2=lambda_.ApplicationLogLevel.INFO,
            system_log_level_v2=lambda_.SystemLogLevel.WARN,
        )
        resource = self.node.default_child
        assert isinstance(resource, lambda_.CfnFunction)
        wait_for_permissions(resource, self.own_role)
