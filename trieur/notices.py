"""What people are told through the outcomes topic."""

from trieur.deployment import Clients, Deployment


def notify(clients: Clients, deployment: Deployment, subject: str, message: str, classifier: str, status: str) -> None:
    """Publish to the outcomes topic. SNS takes at most 100 printable ASCII characters of subject."""
    clients.sns.publish(
        TopicArn=deployment.topic_arn,
        Subject=subject.encode("ascii", "replace").decode()[:100],
        Message=message,
        MessageAttributes={
            "classifier": {"DataType": "String", "StringValue": classifier},
            "status": {"DataType": "String", "StringValue": status},
        },
    )
