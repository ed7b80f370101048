"""The deployment in memory as a person's tools meet it: by its stack, through a session of their own."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

import boto3
from botocore.awsrequest import AWSResponse

from tests.unit.comprehend_double import ACCOUNT, REGION
from tests.unit.world import ARTIFACTS, INBOX, World, examples
from trieur.account import STACK, Account, Drop
from trieur.drops import Drop as InboxDrop
from trieur.pipeline.check import check_run
from trieur.pipeline.deploy import deploy_run
from trieur.pipeline.start import start_runs
from trieur.runs import Run, RunReference, RunStatus
from trieur.settings import Backend

OUTPUTS = {
    "InboxBucketName": INBOX,
    "ArtifactsBucketName": ARTIFACTS,
    "StateMachineArn": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:trieur",
    "ClassifierDefaults": json.dumps({"training": {"instance_type": "ml.m5.large"}}),
}


@dataclass
class Stacks:
    """Answers DescribeStacks of a real client. The sentence about one that is not there is AWS's."""

    outputs: dict[str, dict[str, str]] = field(default_factory=lambda: {STACK: dict(OUTPUTS)})
    status: str = "UPDATE_COMPLETE"

    def answer(self, params: Mapping[str, Any], **_: Any) -> tuple[AWSResponse, dict[str, Any]]:
        name = unquote_plus(params["body"]["StackName"])
        if name in self.outputs:
            outputs = [{"OutputKey": key, "OutputValue": value} for key, value in self.outputs[name].items()]
            parsed: dict[str, Any] = {"Stacks": [{"StackName": name, "StackStatus": self.status, "Outputs": outputs}]}
            return answered(200, parsed)
        return refused("ValidationError", f"Stack with id {name} does not exist")


@dataclass
class Deployed:
    """`session` is what the tools are given; `world` is the pipeline behind it, which does nothing by itself."""

    world: World
    stacks: Stacks
    session: boto3.Session

    def account(self) -> Account:
        return Account(self.session, dict(OUTPUTS))

    def handle(self, drop: Drop) -> list[RunReference]:
        """What EventBridge and start_training make of a drop; nothing of one that is refused."""
        version = InboxDrop(drop.bucket, drop.key, drop.version, "")
        started = start_runs(version, self.world.deployment, self.world.clients)
        if started.outcome != "started":
            return []
        backends: tuple[Backend, ...] = ("camembert", "comprehend")
        ids = {drop.run_id(backend): backend for backend in backends}
        return [RunReference(classifier=drop.classifier, run_id=i, backend=ids[i]) for i in started.run_ids]

    def train(self, run: RunReference) -> Run:
        """The run's training job on SageMaker ends well, and the state machine looks."""
        self.world.complete_training(f"trieur-{run.classifier}-{run.run_id}")
        return check_run(run, self.world.deployment, self.world.clients)

    def go_live(self, run: RunReference) -> Run:
        """From TRAINED to LIVE."""
        deploy_run(run, self.world.deployment, self.world.clients)
        self.world.sagemaker.settle(f"trieur-{run.classifier}")
        live = check_run(run, self.world.deployment, self.world.clients)
        assert live.status is RunStatus.LIVE
        return live

    def live_run(self, classifier: str = "questions", file: str = "data.json") -> RunReference:
        """A dataset dropped, trained and live."""
        [run] = self.handle(self.account().drop(classifier, file, examples()))
        self.train(run)
        self.go_live(run)
        return run


def answered(status: int, parsed: dict[str, Any]) -> tuple[AWSResponse, dict[str, Any]]:
    """As botocore's `before-call` handlers answer."""
    parsed["ResponseMetadata"] = {"HTTPStatusCode": status}
    return AWSResponse("https://example.invalid", status, {}, io.BytesIO(b"")), parsed


def refused(code: str, message: str, status: int = 400) -> tuple[AWSResponse, dict[str, Any]]:
    return answered(status, {"Error": {"Code": code, "Message": message}})
