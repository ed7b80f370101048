import json
from collections.abc import Iterator
from functools import cache

import boto3
import pytest
from botocore.loaders import create_loader
from moto import mock_aws

from tests.unit.comprehend_double import ComprehendDouble
from tests.unit.deployed import Deployed, Stacks
from tests.unit.world import ACCOUNT, ARTIFACTS, INBOX, REGION, SageMakerDouble, World
from trieur.deployment import Clients, Deployment


@pytest.fixture(scope="package", autouse=True)
def _models_are_read_once() -> Iterator[None]:
    """Every session reads the services' models anew, which takes most of the time of a test with a few clients."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.session.create_loader", cache(create_loader))
        yield


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    # An end-to-end test that came before may have left the way to its own AWS.
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        session = boto3.Session(region_name=REGION)
        clients = Clients(session)
        double = SageMakerDouble()
        clients.sagemaker.meta.events.register("before-call.sagemaker", double.answer)
        comprehend = ComprehendDouble()
        for client in (clients.comprehend, clients.paced_comprehend):
            client.meta.events.register("before-call.comprehend", comprehend.answer)
        for bucket in (INBOX, ARTIFACTS):
            clients.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        clients.s3.put_bucket_versioning(Bucket=INBOX, VersioningConfiguration={"Status": "Enabled"})
        topic = clients.sns.create_topic(Name="outcomes")["TopicArn"]
        sqs = session.client("sqs")
        queue = sqs.create_queue(QueueName="outcomes")["QueueUrl"]
        queue_arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        clients.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn)
        waiting = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 1, "End": True}}}
        machine, batch_machine = (
            clients.stepfunctions.create_state_machine(
                name=name, definition=json.dumps(waiting), roleArn=f"arn:aws:iam::{ACCOUNT}:role/machine"
            )["stateMachineArn"]
            for name in ("runs", "batches")
        )
        deployment = Deployment.from_environment(
            {
                "TRIEUR_NAME": "trieur",
                "TRIEUR_INBOX_BUCKET": INBOX,
                "TRIEUR_ARTIFACTS_BUCKET": ARTIFACTS,
                "TRIEUR_STATE_MACHINE_ARN": machine,
                "TRIEUR_BATCH_STATE_MACHINE_ARN": batch_machine,
                "TRIEUR_TOPIC_ARN": topic,
                "TRIEUR_TRAIN_IMAGE": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/train:1",
                "TRIEUR_SERVE_IMAGE": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/serve:1",
                "TRIEUR_TRAINING_ROLE_ARN": f"arn:aws:iam::{ACCOUNT}:role/training",
                "TRIEUR_SERVING_ROLE_ARN": f"arn:aws:iam::{ACCOUNT}:role/serving",
                "TRIEUR_COMPREHEND_ROLE_ARN": f"arn:aws:iam::{ACCOUNT}:role/comprehend",
                "TRIEUR_DEFAULTS": json.dumps({"training": {"instance_type": "ml.m5.large"}}),
            }
        )
        yield World(deployment, clients, double, comprehend, sqs, queue)


@pytest.fixture
def deployed(world: World, monkeypatch: pytest.MonkeyPatch) -> Deployed:
    """The same deployment, found by whoever connects to the account: the session of their credentials is this one."""
    session, stacks = boto3.Session(region_name=REGION), Stacks()
    session.events.register("before-call.sagemaker", world.sagemaker.answer)
    session.events.register("before-call.comprehend", world.comprehend.answer)
    session.events.register("before-call.cloudformation", stacks.answer)
    monkeypatch.setattr("trieur.account.account.boto3.Session", lambda **_: session)
    return Deployed(world, stacks, session)
