"""A state machine that follows what takes long."""

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.log_group import LogGroup
from infra.outcomes_topic import OutcomesTopic
from infra.permissions import acknowledge_wildcards, allow, wait_for_permissions
from infra.settings import Settings
from infra.states import State


def run_machine_name(settings: Settings) -> str:
    return settings.name


def batch_machine_name(settings: Settings) -> str:
    return f"{settings.name}-batch"


def state_machine_arn(scope: Construct, name: str) -> str:
    """The ARN from the name alone, for the functions, on which the state machine itself depends."""
    stack = Stack.of(scope)
    return f"arn:{stack.partition}:states:{stack.region}:{stack.account}:stateMachine:{name}"


class StateMachine(Construct):
    """Goes through `definition`, one execution for each thing followed; may call `functions` and tell the topic."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        definition: State,
        functions: Sequence[lambda_.IFunction],
        topic: OutcomesTopic,
        settings: Settings,
    ) -> None:
        super().__init__(scope, construct_id)
        stack = Stack.of(self)
        role = iam.Role(
            self,
            "Role",
            description=f"Role of the state machine {name}",
            assumed_by=iam.ServicePrincipal(
                "states.amazonaws.com",
                conditions={
                    "StringEquals": {"aws:SourceAccount": stack.account},
                    "ArnLike": {"aws:SourceArn": state_machine_arn(self, name)},
                },
            ),
        )
        self.resource = sfn.StateMachine(
            self,
            "Resource",
            state_machine_name=name,
            definition_body=sfn.DefinitionBody.from_string(stack.to_json_string(definition)),
            role=role,
            tracing_enabled=True,
            logs=sfn.LogOptions(
                # Log groups under this prefix do not count against the size of the account's log policy.
                destination=LogGroup(self, "Logs", name=f"/aws/vendedlogs/states/{name}", settings=settings),
                level=sfn.LogLevel.ALL,
                include_execution_data=True,
            ),
        )
        allow(
            role,
            actions=["lambda:InvokeFunction"],
            resources=[function.function_arn for function in functions],
        )
        allow(role, actions=["sns:Publish"], resources=[topic.topic_arn])
        acknowledge_wildcards(
            role, ["*"], "X-Ray's and CloudWatch's calls for delivering traces and logs know no resources."
        )
        resource = self.resource.node.default_child
        assert isinstance(resource, sfn.CfnStateMachine)
        wait_for_permissions(resource, role)
