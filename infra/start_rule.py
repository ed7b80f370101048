"""The rule that hands requests to start an endpoint to a function."""

from typing import Final

from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.event_rule import EventRule
from infra.settings import Settings

DETAIL_TYPE: Final = "Start Endpoint"


class StartRule(EventRule):
    """Events that ask for an endpoint by its classifier, `{"classifier": ..., "backend": ...}`. Their source is the
    deployment's name, for an account's other deployments hear them too."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        function: lambda_.IFunction,
        dead_letters: sqs.IQueue,
        settings: Settings,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            name=f"{settings.name}-start",
            description="Somebody asks for a classifier's endpoint to be started again",
            pattern=events.EventPattern(source=[settings.name], detail_type=[DETAIL_TYPE]),
            function=function,
            dead_letters=dead_letters,
        )
