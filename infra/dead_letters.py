"""The queue of drops and requests that nothing could be made of."""

from aws_cdk import Acknowledgment, Duration, Validations
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.settings import Settings


class DeadLetters(sqs.Queue):
    """Events EventBridge could not deliver and those their function failed on three times, for 14 days."""

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings) -> None:
        super().__init__(
            scope,
            construct_id,
            queue_name=f"{settings.name}-dead-letters",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(14),
        )
        Validations.of(self).acknowledge(
            Acknowledgment(
                id="AwsSolutions-SQS3",
                reason="This is the dead-letter queue, of EventBridge rules and of Lambdas' asynchronous calls,"
                " where cdk-nag does not look; nothing consumes it, so it needs none itself.",
            )
        )
