"""Classifiers that can answer in bulk, and jobs that end: what the batches' tests start from."""

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.unit.comprehend_double import classifier_arn
from tests.unit.world import ACCOUNT, ARTIFACTS, INBOX, World, tar_gz
from trieur.drops import Drop
from trieur.gate import Verdict
from trieur.pipeline.start_batch import StartedBatches, start_batch
from trieur.runs import DatasetRecord, Run, RunStatus, RunStore
from trieur.settings import Backend, ClassifierSettings

DAY = datetime(2026, 11, 1, tzinfo=UTC)

Classes = list[dict[str, Any]]


def trained(
    world: World,
    backend: Backend = "camembert",
    run_id: str = "0" * 16,
    *,
    day: int = 0,
    status: RunStatus = RunStatus.TRAINED,
    passed: bool = True,
    kind: str = "none",
) -> Run:
    """A run of the classifier `questions` with a model, made of a dataset dropped `day` days after the first."""
    dataset = DatasetRecord(
        bucket=INBOX,
        key=f"datasets/questions/{run_id}.json",
        version="1",
        sequencer="",
        dropped_at=DAY + timedelta(days=day),
        bytes=1,
        sha256="0",
        format="JSON",
        mode="multi-class",
        examples=40,
        label_counts={"A": 20, "B": 20},
        warnings=[],
    )
    run = Run(
        classifier="questions",
        run_id=run_id,
        backend=backend,
        status=status,
        message="",
        dataset=dataset,
        splits={},
        split_notes=[],
        settings=ClassifierSettings.model_validate({"backend": backend, "endpoint": {"kind": kind}}),
        training={"model": f"s3://{ARTIFACTS}/runs/questions/{run_id}/output/model.tar.gz"},
        gate=Verdict(passed=passed, reasons=[]),
        created_at=DAY,
        updated_at=DAY,
    )
    if backend == "comprehend":
        arn = classifier_arn("trieur-questions", run_id)
        world.comprehend.classifiers[arn] = {"DocumentClassifierArn": arn, "Status": "TRAINED"}
    return RunStore(world.clients.s3, ARTIFACTS).create(run)


def settings(world: World, **values: Any) -> None:
    body = json.dumps(values).encode()
    world.clients.s3.put_object(Bucket=INBOX, Key="datasets/questions/classifier.json", Body=body)


def start(world: World, drop: Drop) -> StartedBatches:
    return start_batch(drop, world.deployment, world.clients)


def inbox(world: World, key: str) -> bytes:
    return world.clients.s3.get_object(Bucket=INBOX, Key=key)["Body"].read()


def inbox_keys(world: World, prefix: str = "batch/") -> list[str]:
    listed = world.clients.s3.list_objects_v2(Bucket=INBOX, Prefix=prefix)
    return [entry["Key"] for entry in listed.get("Contents", [])]


def answers(world: World, key: str) -> list[Classes]:
    return [json.loads(line) for line in inbox(world, key).splitlines()]


def artifact(world: World, key: str) -> bytes:
    return world.clients.s3.get_object(Bucket=ARTIFACTS, Key=key)["Body"].read()


def batch_executions(world: World) -> list[str]:
    listed = world.clients.stepfunctions.list_executions(stateMachineArn=world.deployment.batch_state_machine_arn)
    return [execution["name"] for execution in listed["executions"]]


def said(text: str) -> Classes:
    """The answer of the doubles: the text itself is its class, so that a mixed-up order shows."""
    return [{"Class": text, "Probability": 0.9}, {"Class": "other", "Probability": 0.1}]


def complete_transform(
    world: World, batch_id: str, change: Callable[[list[bytes]], list[bytes]] = lambda lines: lines
) -> None:
    """The transform job ends well and leaves a line for each of its input; `change` spoils them."""
    job = world.sagemaker.transform_jobs[f"trieur-questions-{batch_id}"]
    source = job["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"].removeprefix(f"s3://{ARTIFACTS}/")
    target = job["TransformOutput"]["S3OutputPath"].removeprefix(f"s3://{ARTIFACTS}/")
    texts = [json.loads(line)["text"] for line in artifact(world, source).split(b"\n") if line]
    lines = change([json.dumps(said(text)).encode() for text in texts])
    name = f"{target}/{source.rpartition('/')[2]}.out"
    world.clients.s3.put_object(Bucket=ARTIFACTS, Key=name, Body=b"".join(line + b"\n" for line in lines))
    job |= {"TransformJobStatus": "Completed", "TransformStartTime": DAY, "TransformEndTime": DAY}


def complete_classification(
    world: World,
    change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]] = lambda lines: lines,
    name: str = "Classes",
    job_id: str = "",
) -> None:
    """The newest classification job ends well and leaves its archive, its lines in no order; `change` spoils them."""
    job = list(world.comprehend.jobs.values())[-1] if not job_id else world.comprehend.jobs[job_id]
    source = job["InputDataConfig"]["S3Uri"].removeprefix(f"s3://{ARTIFACTS}/")
    texts = artifact(world, source).decode().removesuffix("\n").split("\n")
    lines: list[dict[str, Any]] = [
        {
            "File": "texts.txt",
            "Line": str(number),
            name: [{"Name": "other", "Score": 0.1}, {"Name": text, "Score": 0.9}],
        }
        for number, text in enumerate(texts)
    ]
    random.Random(1).shuffle(lines)
    body = "".join(json.dumps(line) + "\n" for line in change(lines)).encode()
    folder = job["OutputDataConfig"]["S3Uri"].removeprefix(f"s3://{ARTIFACTS}/")
    key = f"{folder}{ACCOUNT}-CLN-{job['JobId']}/output/output.tar.gz"
    world.clients.s3.put_object(Bucket=ARTIFACTS, Key=key, Body=tar_gz({"predictions.jsonl": body}))
    job |= {
        "JobStatus": "COMPLETED",
        "EndTime": DAY,
        "OutputDataConfig": {**job["OutputDataConfig"], "S3Uri": f"s3://{ARTIFACTS}/{key}"},
    }
