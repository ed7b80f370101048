"""A rule that hands what is dropped into the inbox to a function."""

from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.event_rule import EventRule


class DropRule(EventRule):
    """Objects created in the inbox under `prefix`."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        description: str,
        inbox: s3.IBucket,
        prefix: str,
        function: lambda_.IFunction,
        dead_letters: sqs.IQueue,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            name=name,
            description=description,
            pattern=events.EventPattern(
                source=["aws.s3"],
                detail_type=["Object Created"],
                detail={
                    "bucket": {"name": [inbox.bucket_name]},
                    "object": {"key": [{"prefix": prefix}]},
                },
            ),
            function=function,
            dead_letters=dead_letters,
        )
