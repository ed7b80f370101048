"""One deployment in memory: S3, SNS, SQS and Step Functions by moto, SageMaker and Comprehend by doubles."""

import io
import json
import tarfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.awsrequest import AWSResponse

from tests.unit.comprehend_double import ACCOUNT, NOW, REGION, ComprehendDouble, classifier_arn
from trieur.deployment import Clients, Deployment
from trieur.drops import Drop

INBOX, ARTIFACTS = "inbox", "artifacts"


class AwsError(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class SageMakerDouble:
    """Answers the calls of a real client, after botocore has validated and serialised their parameters.

    Jobs and endpoints change only when a test says so (moto ends jobs at once and has no UpdateEndpoint).
    Messages are AWS's.
    """

    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    models: dict[str, dict[str, Any]] = field(default_factory=dict)
    configs: dict[str, dict[str, Any]] = field(default_factory=dict)
    endpoints: dict[str, dict[str, Any]] = field(default_factory=dict)
    transform_jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def answer(self, params: dict[str, Any], model: Any, **_: Any) -> tuple[AWSResponse, dict[str, Any]]:
        self.calls.append(model.name)
        request = json.loads(params["body"])
        try:
            status, parsed = 200, getattr(self, model.name)(request)
        except AwsError as error:
            status, parsed = 400, {"Error": {"Code": error.code, "Message": str(error)}}
        parsed["ResponseMetadata"] = {"HTTPStatusCode": status}
        return AWSResponse("https://example.invalid", status, {}, io.BytesIO(b"")), parsed

    def CreateTrainingJob(self, request: dict[str, Any]) -> dict[str, Any]:
        name = request["TrainingJobName"]
        if name in self.jobs:
            raise AwsError("ResourceInUse", "Training job names must be unique within an AWS account and region")
        self.jobs[name] = {
            **request,
            "TrainingJobArn": arn("training-job", name),
            "TrainingJobStatus": "InProgress",
            "SecondaryStatus": "Starting",
        }
        return {"TrainingJobArn": arn("training-job", name)}

    def DescribeTrainingJob(self, request: dict[str, Any]) -> dict[str, Any]:
        if request["TrainingJobName"] not in self.jobs:
            raise AwsError("ValidationException", "Requested resource not found.")
        return dict(self.jobs[request["TrainingJobName"]])

    def CreateModel(self, request: dict[str, Any]) -> dict[str, Any]:
        return self._create(self.models, "model", request["ModelName"], request)

    def CreateEndpointConfig(self, request: dict[str, Any]) -> dict[str, Any]:
        return self._create(self.configs, "endpoint-config", request["EndpointConfigName"], request)

    def DescribeEndpointConfig(self, request: dict[str, Any]) -> dict[str, Any]:
        return dict(self.configs[request["EndpointConfigName"]])

    def CreateEndpoint(self, request: dict[str, Any]) -> dict[str, Any]:
        name, config = request["EndpointName"], request["EndpointConfigName"]
        if config not in self.configs:
            raise AwsError("ValidationException", f'Could not find endpoint configuration "{config}".')
        created = self._create(self.endpoints, "endpoint", name, request)
        self.endpoints[name] |= {"EndpointArn": arn("endpoint", name), "EndpointStatus": "Creating"}
        return created

    def UpdateEndpoint(self, request: dict[str, Any]) -> dict[str, Any]:
        endpoint = self.endpoints[request["EndpointName"]]
        if endpoint["EndpointStatus"] != "InService":
            raise AwsError("ValidationException", f'Cannot update in-progress endpoint "{endpoint["EndpointArn"]}".')
        endpoint["EndpointStatus"] = "Updating"
        endpoint["PendingDeploymentSummary"] = {"EndpointConfigName": request["EndpointConfigName"]}
        return {"EndpointArn": endpoint["EndpointArn"]}

    def DescribeEndpoint(self, request: dict[str, Any]) -> dict[str, Any]:
        name = request["EndpointName"]
        if name not in self.endpoints:
            raise AwsError("ValidationException", f'Could not find endpoint "{arn("endpoint", name)}".')
        return dict(self.endpoints[name])

    def DeleteEndpoint(self, request: dict[str, Any]) -> dict[str, Any]:
        del self.endpoints[request["EndpointName"]]
        return {}

    def CreateTransformJob(self, request: dict[str, Any]) -> dict[str, Any]:
        name = request["TransformJobName"]
        if name in self.transform_jobs:
            raise AwsError("ResourceInUse", "Job name must be unique within an AWS account and region")
        if request["ModelName"] not in self.models:
            raise AwsError("ValidationException", f'Could not find model "{arn("model", request["ModelName"])}".')
        self.transform_jobs[name] = {
            **request,
            "TransformJobArn": arn("transform-job", name),
            "TransformJobStatus": "InProgress",
        }
        return {"TransformJobArn": arn("transform-job", name)}

    def DescribeTransformJob(self, request: dict[str, Any]) -> dict[str, Any]:
        name = request["TransformJobName"]
        if name not in self.transform_jobs:
            raise AwsError("ValidationException", f"Could not find requested job with name: {name}")
        return dict(self.transform_jobs[name])

    def settle(self, endpoint: str) -> None:
        """What is pending succeeds."""
        pending = self.endpoints[endpoint].pop("PendingDeploymentSummary", None)
        if pending:
            self.endpoints[endpoint]["EndpointConfigName"] = pending["EndpointConfigName"]
        self.endpoints[endpoint]["EndpointStatus"] = "InService"

    def roll_back(self, endpoint: str, reason: str) -> None:
        self.endpoints[endpoint].pop("PendingDeploymentSummary")
        self.endpoints[endpoint] |= {"EndpointStatus": "InService", "FailureReason": reason}

    def _create(self, shelf: dict[str, dict[str, Any]], kind: str, name: str, request: dict[str, Any]) -> Any:
        if name in shelf:
            raise AwsError("ValidationException", f'Cannot create already existing {kind} "{arn(kind, name)}".')
        shelf[name] = dict(request)
        return {f"{''.join(part.title() for part in kind.split('-'))}Arn": arn(kind, name)}


def arn(kind: str, name: str) -> str:
    return f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{kind}/{name}"


@dataclass
class World:
    """One deployment with everything around it."""

    deployment: Deployment
    clients: Clients
    sagemaker: SageMakerDouble
    comprehend: ComprehendDouble
    outcomes: Any
    queue_url: str

    def drop(self, key: str, body: bytes, sequencer: str = "") -> Drop:
        """Put an object into the inbox; the drop that EventBridge would tell of."""
        put = self.clients.s3.put_object(Bucket=INBOX, Key=key, Body=body)
        return Drop(INBOX, key, put["VersionId"], sequencer)

    def artifacts(self, prefix: str = "") -> list[str]:
        """The keys in the artifacts bucket."""
        listed = self.clients.s3.list_objects_v2(Bucket=ARTIFACTS, Prefix=prefix)
        return [entry["Key"] for entry in listed.get("Contents", [])]

    def json(self, key: str) -> Any:
        return json.loads(self.clients.s3.get_object(Bucket=ARTIFACTS, Key=key)["Body"].read())

    def executions(self) -> list[str]:
        listed = self.clients.stepfunctions.list_executions(stateMachineArn=self.deployment.state_machine_arn)
        return [execution["name"] for execution in listed["executions"]]

    def notifications(self) -> list[dict[str, Any]]:
        messages = self.outcomes.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(message["Body"]) for message in messages]

    def complete_training(self, job: str, metrics: dict[str, Any] | None = None) -> None:
        """The training job ends well and leaves what the container contract says."""
        folder = self.sagemaker.jobs[job]["OutputDataConfig"]["S3OutputPath"].removeprefix(f"s3://{ARTIFACTS}/")
        files = {
            "metrics.json": json.dumps(metrics or METRICS).encode(),
            "report.html": b"<!doctype html>",
            "model_card.md": b"# Model",
            "errors.jsonl": b"",
        }
        self.clients.s3.put_object(Bucket=ARTIFACTS, Key=f"{folder}{job}/output/output.tar.gz", Body=tar_gz(files))
        self.sagemaker.jobs[job] |= {
            "TrainingJobStatus": "Completed",
            "SecondaryStatus": "Completed",
            "ModelArtifacts": {"S3ModelArtifacts": f"s3://{ARTIFACTS}/{folder}{job}/output/model.tar.gz"},
            "TrainingStartTime": datetime(2026, 11, 1, 10, 0, tzinfo=UTC),
            "BillableTimeInSeconds": 61,
        }

    def complete_classifier(
        self,
        run_id: str,
        confusion: dict[str, Any] | None = None,
        reported: dict[str, float] | None = None,
        classifier: str = "questions",
        **properties: Any,
    ) -> None:
        """The document classifier is trained and leaves what Comprehend documents; `properties` are its own."""
        described = self.comprehend.classifiers[classifier_arn(f"trieur-{classifier}", run_id)]
        folder = described["OutputDataConfig"]["S3Uri"].removeprefix(f"s3://{ARTIFACTS}/")
        key = f"{folder}{ACCOUNT}-CLR-0123456789abcdef/output/output.tar.gz"
        files = {"output/confusion_matrix.json": json.dumps(confusion or CONFUSION).encode()}
        self.clients.s3.put_object(Bucket=ARTIFACTS, Key=key, Body=tar_gz(files))
        described |= {
            "Status": "TRAINED",
            "OutputDataConfig": {**described["OutputDataConfig"], "S3Uri": f"s3://{ARTIFACTS}/{key}"},
            "TrainingStartTime": NOW,
            "TrainingEndTime": NOW + timedelta(seconds=1800),
            "EndTime": NOW + timedelta(seconds=1900),
            "ClassifierMetadata": {
                "NumberOfLabels": 2,
                "NumberOfTrainedDocuments": 34,
                "NumberOfTestDocuments": 10,
                "EvaluationMetrics": reported or REPORTED,
            },
            **properties,
        }


# Of ten test examples, one A is taken for a B.
CONFUSION = {
    "type": "multi_class",
    "confusion_matrix": [[4, 1], [0, 5]],
    "labels": ["A", "B"],
    "all_labels": ["A", "B"],
}
REPORTED = {
    "Accuracy": 0.9,
    "Precision": 0.9167,
    "Recall": 0.9,
    "F1Score": 0.899,
    "MicroPrecision": 0.9,
    "MicroRecall": 0.9,
    "MicroF1Score": 0.9,
    "HammingLoss": 0.1,
}

METRICS = {
    "test": {"examples": 6, "accuracy": 0.9, "macro_f1": 0.88, "majority_share": 0.34, "loss": 0.2},
    "base_model": {"name": "camembert-base", "source": "channel", "note": None},
}


def tar_gz(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def examples(count: int = 20, labels: tuple[str, ...] = ("A", "B")) -> bytes:
    rows = [{"text": f"{label} question {i}", "label": label} for i in range(count) for label in labels]
    return json.dumps(rows).encode()
