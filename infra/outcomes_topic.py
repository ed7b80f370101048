"""The topic that tells people how each run ended."""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.settings import Settings


class OutcomesTopic(sns.Topic):
    """Takes messages over TLS only, from this account's roles and alarms."""

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings) -> None:
        super().__init__(
            scope,
            construct_id,
            topic_name=f"{settings.name}-outcomes",
            display_name=f"{settings.stack_name} outcomes",
            enforce_ssl=True,
        )
        # A topic with a policy of its own loses the default one, through which alarms could publish.
        self.add_to_resource_policy(
            iam.PolicyStatement(
                sid="AllowAlarms",
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[self.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}},
            )
        )
        if settings.outcomes_email is not None:
            self.add_subscription(subscriptions.EmailSubscription(settings.outcomes_email))
