"""The rule that has idle endpoints looked for."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.settings import Settings


class IdleRule(events.Rule):
    """Every ten minutes; one that is missed is made up for by the next, and is neither retried nor kept."""

    def __init__(self, scope: Construct, construct_id: str, *, function: lambda_.IFunction, settings: Settings) -> None:
        super().__init__(
            scope,
            construct_id,
            rule_name=f"{settings.name}-idle",
            description="It is time to look for endpoints that nobody asks",
            schedule=events.Schedule.rate(Duration.minutes(10)),
            targets=[targets.LambdaFunction(function, retry_attempts=0)],
        )
