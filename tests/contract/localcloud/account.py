"""What the tests do in a local AWS, and containers that are a few lines long."""

from __future__ import annotations

import io
import json
import tarfile
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud import LocalCloud

ACCOUNT = "000000000000"
REGION = "eu-west-1"
BUCKET = "material"
REGISTRY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"

TRAIN = """
import json, os, pathlib, signal, sys, time
assert sys.argv[1] == "train"
ml = pathlib.Path(os.environ["OPT_ML"])
wanted = json.loads((ml / "input/config/hyperparameters.json").read_text())
print("hello from", os.environ["TRAINING_JOB_NAME"])
print("loss=0.75 accuracy=0.5")
print("loss=0.25 accuracy=0.9", end="\\r\\n")
if "keep" in wanted:
    (ml / "model" / "weights.bin").write_text("half trained")
if "sleep" in wanted:
    signal.signal(signal.SIGTERM, signal.SIG_IGN if "deaf" in wanted else lambda *_: sys.exit(0))
    print("sleeping", flush=True)
    time.sleep(float(wanted["sleep"]))
if "fail" in wanted:
    (ml / "output" / "failure").write_text(wanted["fail"])
    (ml / "output" / "data" / "trace.txt").write_text("what happened")
    sys.exit(3)
seen = {str(p.relative_to(ml)): p.read_text() for p in sorted((ml / "input").rglob("*")) if p.is_file()}
(ml / "model" / "weights.bin").write_text("trained")
(ml / "output" / "data" / "seen.json").write_text(json.dumps(seen))
"""

SERVE = """
import http.server, json, os, pathlib, sys, time
assert sys.argv[1] == "serve"
model = pathlib.Path(os.environ["OPT_ML"]) / "model"
says = (model / "says.txt").read_text()
if says == "dead": sys.exit(1)
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(503 if says == "ill" else 200); self.end_headers()
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if body == b"die": os._exit(9)
        if body == b"refuse": self.send_response(400); self.end_headers(); self.wfile.write(b"no such text"); return
        if body.startswith(b"sleep"): print("asleep", flush=True); time.sleep(float(body[5:]))
        self.send_response(200)
        self.send_header("content-type", "application/json")
        attributes = self.headers.get("X-Amzn-SageMaker-Custom-Attributes")
        if attributes: self.send_header("X-Amzn-SageMaker-Custom-Attributes", attributes)
        self.end_headers()
        kind = self.headers.get("content-type")
        self.wfile.write(json.dumps({"says": says, "bytes": len(body), "kind": kind}).encode())
    def log_message(self, *arguments): print("served", *arguments, flush=True)
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()
"""


def trust(service: str = "sagemaker.amazonaws.com", **conditions: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [{**statement, **({"Condition": conditions} if conditions else {})}]}


def allow(*actions: str, resource: str | list[str] = "*", **conditions: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource}
    return {**statement, **({"Condition": conditions} if conditions else {})}


class Account:
    """What the tests do in a local AWS, always through plain boto3."""

    def __init__(self, cloud: LocalCloud, folder: Path) -> None:
        self.cloud = cloud
        self.sagemaker = cloud.session().client("sagemaker")
        self.runtime = cloud.session().client("sagemaker-runtime")
        self.s3 = cloud.session().client("s3")
        self.logs = cloud.session().client("logs")
        self.iam = cloud.session().client("iam")
        self.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.train_image = self.image(folder, "train", TRAIN)
        self.serve_image = self.image(folder, "serve", SERVE)
        self.role = self.new_role("worker", [allow("s3:*", "logs:*", "ecr:*", "cloudwatch:PutMetricData")])
        self.put("data/train.jsonl", b"one")
        self.put("data/train.jsonl.bak", b"two")
        self.put("data/deep/a/b.jsonl", b"three")

    def image(self, folder: Path, name: str, program: str) -> str:
        home = folder / name
        home.mkdir()
        (home / "program.py").write_text(textwrap.dedent(program))
        (home / "Dockerfile").write_text('FROM python:3.11-slim\nENTRYPOINT ["python", "program.py"]\n')
        uri = f"{REGISTRY}/images:{name}"
        self.cloud.add_image(uri, home)
        return uri

    def put(self, key: str, body: bytes) -> str:
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=body)
        return f"s3://{BUCKET}/{key}"

    def new_role(self, name: str, statements: list[dict[str, Any]], trusted: dict[str, Any] | None = None) -> str:
        role = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trusted or trust()))
        if statements:
            document = json.dumps({"Version": "2012-10-17", "Statement": statements})
            self.iam.put_role_policy(RoleName=name, PolicyName="grants", PolicyDocument=document)
        arn: str = role["Role"]["Arn"]
        return arn

    def as_user(self, name: str, statements: list[dict[str, Any]]) -> Any:
        """A SageMaker client of a user with those grants alone."""
        self.iam.create_user(UserName=name)
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        self.iam.put_user_policy(UserName=name, PolicyName="grants", PolicyDocument=document)
        key = self.iam.create_access_key(UserName=name)["AccessKey"]
        return lambda service: self.cloud.session().client(
            service, aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"]
        )

    def training(self, name: str, **changes: Any) -> dict[str, Any]:
        return {
            "TrainingJobName": name,
            "RoleArn": self.role,
            "AlgorithmSpecification": {"TrainingImage": self.train_image, "TrainingInputMode": "File"},
            "InputDataConfig": [channel("train", f"s3://{BUCKET}/data/train.jsonl")],
            "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/runs/"},
            "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 10},
            "StoppingCondition": {"MaxRuntimeInSeconds": 60},
            **changes,
        }

    def train(self, name: str, **changes: Any) -> dict[str, Any]:
        """The description of a job once it has ended."""
        self.sagemaker.create_training_job(**self.training(name, **changes))
        return self.ended(name)

    def ended(self, name: str) -> dict[str, Any]:
        return until(
            lambda: self.sagemaker.describe_training_job(TrainingJobName=name),
            lambda job: job["TrainingJobStatus"] in ("Completed", "Failed", "Stopped"),
        )

    def model(self, name: str, says: str, **changes: Any) -> str:
        data = self.put(f"models/{name}.tar.gz", archive({"says.txt": says}))
        container = {"Image": self.serve_image, "ModelDataUrl": data}
        request = {"ModelName": name, "PrimaryContainer": container, "ExecutionRoleArn": self.role}
        self.sagemaker.create_model(**{**request, **changes})
        return name

    def config(self, name: str, says: str, **variant: Any) -> str:
        kind = variant or {"ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5}}
        model = self.model(f"model-{name}", says)
        self.sagemaker.create_endpoint_config(
            EndpointConfigName=name, ProductionVariants=[{"VariantName": "AllTraffic", "ModelName": model, **kind}]
        )
        return name

    def endpoint(self, name: str, says: str = "hello", **variant: Any) -> dict[str, Any]:
        """The description of a new endpoint once it has settled."""
        config = self.config(f"{name}-1", says, **variant)
        self.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)
        return self.settled(name)

    def settled(self, name: str) -> dict[str, Any]:
        return until(
            lambda: self.sagemaker.describe_endpoint(EndpointName=name),
            lambda endpoint: endpoint["EndpointStatus"] in ("InService", "Failed"),
        )

    def ask(self, name: str, body: bytes = b"text", **more: Any) -> Any:
        answer = self.runtime.invoke_endpoint(EndpointName=name, Body=body, ContentType="text/plain", **more)
        return json.loads(answer["Body"].read())

    def log_lines(self, group: str, stream_prefix: str) -> list[str]:
        if not self.logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
            return []
        streams = self.logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=stream_prefix)["logStreams"]
        return [
            event["message"]
            for stream in streams
            for event in self.logs.get_log_events(
                logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True
            )["events"]
        ]


def channel(name: str, uri: str) -> dict[str, Any]:
    return {"ChannelName": name, "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}}}


def archive(files: dict[str, str]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            tar.addfile(entry, io.BytesIO(text.encode()))
    return packed.getvalue()


def until(look: Callable[[], Any], there: Callable[[Any], bool], seconds: float = 60) -> Any:
    """What look sees once there says yes to it."""
    deadline = time.monotonic() + seconds
    while not there(seen := look()):
        assert time.monotonic() < deadline, f"it never came about; the last sight was {seen}"
        time.sleep(0.05)
    return seen


def refused(call: Callable[..., Any], **parameters: Any) -> tuple[str, str]:
    """Code and message of the error a call meets."""
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]
