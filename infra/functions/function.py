"""A Lambda function of the pipeline."""

from typing import Final

from aws_cdk import Duration, IgnoreMode, Size
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra import powertools
from infra.functions.grants import Grants
from infra.functions.surroundings import Surroundings
from infra.log_group import LogGroup
from infra.permissions import wait_for_permissions

# What of trieur is for people at their own machines, and asks for packages that the layer does not have.
_FOR_PEOPLE: Final = ("account", "cli", "client", "comparison", "console", "costs", "latency")
# An allow-list: whatever else appears in the repository, neither the code nor its hash changes.
_NOT_IN_THE_CODE: Final = [
    *("/*", "!/lambdas/", "!/trieur/", "__pycache__/", "*.pyc", ".*"),
    *(f"/trieur/{room}/" for room in _FOR_PEOPLE),
]


class Function(lambda_.Function):
    """`lambdas.<handler>.handler`, under a role of its own that starts with nothing but writing its own logs;
    `grants` adds to that."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        handler: str,
        description: str,
        memory_mb: int,
        timeout: Duration,
        surroundings: Surroundings,
        storage: Size | None = None,
    ) -> None:
        """`storage` for temporary files, where Lambda's 512 MB will not do."""
        settings = surroundings.settings
        name = f"{settings.name}-{handler.replace('_', '-')}"
        owner = Construct(scope, f"{construct_id}Own")
        log_group = LogGroup(owner, "Logs", name=f"/aws/lambda/{name}", settings=settings)
        own_role = iam.Role(
            owner, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"), description=f"Role of {name}"
        )
        log_group.grant_write(own_role)
        super().__init__(
            scope,
            construct_id,
            function_name=name,
            description=description,
            runtime=lambda_.Runtime.PYTHON_3_14,
            architecture=lambda_.Architecture.ARM_64,
            handler=f"lambdas.{handler}.handler",
            code=lambda_.Code.from_asset(
                str(surroundings.repository), exclude=_NOT_IN_THE_CODE, ignore_mode=IgnoreMode.GIT
            ),
            layers=[lambda_.LayerVersion.from_layer_version_arn(owner, "Powertools", powertools.layer_arn(settings))],
            role=own_role,
            environment=surroundings.environment(owner),
            memory_size=memory_mb,
            ephemeral_storage_size=storage,
            timeout=timeout,
            log_group=log_group,
            logging_format=lambda_.LoggingFormat.JSON,
            application_log_level_v2=lambda_.ApplicationLogLevel.INFO,
            system_log_level_v2=lambda_.SystemLogLevel.WARN,
        )
        self._scope = scope
        self._dead_letters = surroundings.dead_letters
        self.grants = Grants(own_role, surroundings)
        resource = self.node.default_child
        assert isinstance(resource, lambda_.CfnFunction)
        wait_for_permissions(resource, own_role)

    def keep_failures(self) -> None:
        """Put an event among the dead letters that the function has failed on three times, or not got to in 6 hours."""
        self.grants.keep_dead_letters()
        # Not by the function's own `on_failure`, which allows it to read the queue's address and attributes as well.
        lambda_.CfnEventInvokeConfig(
            self._scope,
            f"{self.node.id}Failures",
            function_name=self.function_name,
            qualifier="$LATEST",
            maximum_retry_attempts=2,
            maximum_event_age_in_seconds=Duration.hours(6).to_seconds(),
            destination_config=lambda_.CfnEventInvokeConfig.DestinationConfigProperty(
                on_failure=lambda_.CfnEventInvokeConfig.OnFailureProperty(destination=self._dead_letters.queue_arn)
            ),
        )
