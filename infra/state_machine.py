"""The state machine that follows each run, one execution a run."""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.log_group import LogGroup
from infra.outcomes_topic import OutcomesTopic
from infra.permissions import acknowledge_wildcards, allow, wait_for_permissions
from infra.settings import Settings
from infra.states import definition


def state_machine_arn(scope: Construct, settings: Settings) -> str:
    """The ARN from the name alone, for the functions, on which the state machine itself depends."""
    stack = Stack.of(scope)
    return f"arn:{stack.partition}:states:{stack.region}:{stack.account}:stateMachine:{settings.name}"


class RunStateMachine(Construct):
    """Waits for the training, deploys what passes its gate, waits for the endpoint, tells how it ended."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        check_model_status: lambda_.IFunction,
        create_endpoint: lambda_.IFunction,
        topic: OutcomesTopic,
        settings: Settings,
    ) -> None:
        super().__init__(scope, construct_id)
        stack = Stack.of(self)
        role = iam.Role(
            self,
            "Role",
            description=f"Role of the state machine {settings.name}",
            assumed_by=iam.ServicePrincipal(
                "states.amazonaws.com",
                conditions={
                    "StringEquals": {"aws:SourceAccount": stack.account},
                    "ArnLike": {"aws:SourceArn": state_machine_arn(self, settings)},
                },
            ),
        )
        self.resource = sfn.StateMachine(
            self,
            "Resource",
            state_machine_name=settings.name,
            definition_body=sfn.DefinitionBody.from_string(
                stack.to_json_string(
                    definition(
                        check_model_status=check_model_status.function_arn,
                        create_endpoint=create_endpoint.function_arn,
                        topic=topic.topic_arn,
                        partition=stack.partition,
                        settings=settings,
                    )
                )
            ),
            role=role,
            tracing_enabled=True,
            logs=sfn.LogOptions(
                # Log groups under this prefix do not count against the size of the account's log policy.
                destination=LogGroup(self, "Logs", name=f"/aws/vendedlogs/states/{settings.name}", settings=settings),
                level=sfn.LogLevel.ALL,
                include_execution_data=True,
            ),
        )
        allow(
            role,
            actions=["lambda:InvokeFunction"],
            resources=[check_model_status.function_arn, create_endpoint.function_arn],
        )
        allow(role, actions=["sns:Publish"], resources=[topic.topic_arn])
        acknowledge_wildcards(
            role, ["*"], "X-Ray's and CloudWatch's calls for delivering traces and logs know no resources."
        )
        resource = self.resource.node.default_child
        assert isinstance(resource, sfn.CfnStateMachine)
        wait_for_permissions(resource, role)
