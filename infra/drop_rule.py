"""The rule that hands each dropped dataset to `start_training`."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.buckets import DATASETS
from infra.settings import Settings


class DropRule(events.Rule):
    """Objects created in the inbox under `datasets/`; tried for a day, then put among the dead letters."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        inbox: s3.IBucket,
        start_training: lambda_.IFunction,
        dead_letters: sqs.IQueue,
        settings: Settings,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            rule_name=f"{settings.name}-drop",
            description="A dataset was dropped into the inbox",
            event_pattern=events.EventPattern(
                source=["aws.s3"],
                detail_type=["Object Created"],
                detail={
                    "bucket": {"name": [inbox.bucket_name]},
                    "object": {"key": [{"prefix": DATASETS}]},
                },
            ),
            targets=[
                targets.LambdaFunction(
                    start_training,
                    dead_letter_queue=dead_letters,
                    max_event_age=Duration.hours(24),
                    retry_attempts=185,
                )
            ],
        )
