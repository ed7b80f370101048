"""Transform jobs from CreateTransformJob to their end, as plain boto3 sees them."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tests.contract.localcloud.account import ACCOUNT, BUCKET, REGION, refused, until
from tests.contract.localcloud.transforms import Transforms
from tests.unit.serve.tiny_model import WORD_OF, write_model

ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:transform-job"
SERVE = Path(__file__).parents[3] / "containers" / "serve"


def test_every_object_below_the_prefix_is_transformed(transforms: Transforms) -> None:
    job = transforms.run(
        "whole",
        {"a.txt": b"one\ntwo\n", "deep/b.txt": b"three"},
        input={"ContentType": "text/plain"},
        output={"Accept": "text/loud"},
        Environment={"COLOUR": "blue"},
        MaxConcurrentTransforms=2,
    )

    assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
    assert job["TransformJobArn"] == f"{ARN}/whole"
    assert "FailureReason" not in job
    assert job["CreationTime"] <= job["TransformStartTime"] <= job["TransformEndTime"]
    assert job["ModelName"] == "loud"
    assert job["MaxConcurrentTransforms"] == 2
    assert job["TransformInput"]["SplitType"] == "Line"
    assert job["TransformInput"]["CompressionType"] == "None"
    assert job["TransformOutput"]["AssembleWith"] == "None"
    assert job["TransformResources"] == {"InstanceType": "ml.m5.large", "InstanceCount": 1}
    assert transforms.results("whole") == {"a.txt.out": b"ONE\nTWO\n", "deep/b.txt.out": b"THREE"}
    said = transforms.said("whole")
    environment = next(json.loads(line.partition(" ")[2]) for line in said if line.startswith("environment"))
    environment.pop("SAGEMAKER_BIND_TO_PORT")
    assert environment == {"COLOUR": "blue", "SAGEMAKER_BATCH": "true", "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS": "2"}
    assert transforms.asked("whole") == ["2 8 text/plain text/loud", "0 5 text/plain text/loud"]
    assert "MaxConcurrentTransforms=2, MaxPayloadInMB=6, BatchStrategy=MULTI_RECORD" in said


def test_one_object_is_its_own_prefix(transforms: Transforms) -> None:
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/alone/in/deep/a.jsonl"}}
    files = {"deep/a.jsonl": b"one\n", "deep/b.jsonl": b"two\n"}

    transforms.run("alone", files, input={"DataSource": source})

    assert transforms.results("alone") == {"a.jsonl.out": b"ONE\n"}


def test_many_records_fill_each_request(transforms: Transforms) -> None:
    line = b"x" * 99_999 + b"\n"
    job = transforms.run("full", {"a.txt": line * 25}, MaxPayloadInMB=1, BatchStrategy="MultiRecord")

    assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
    # Ten whole lines of 100,000 bytes fit into 1,048,576.
    assert [asked.split()[:2] for asked in transforms.asked("full")] == [
        ["10", "1000000"],
        ["10", "1000000"],
        ["5", "500000"],
    ]
    assert transforms.results("full") == {"a.txt.out": line.upper() * 25}


def test_a_record_a_request_where_asked_for(transforms: Transforms) -> None:
    transforms.run(
        "single", {"a.txt": b"one\ntwo\nthree"}, BatchStrategy="SingleRecord", output={"AssembleWith": "Line"}
    )

    assert [asked.split()[:2] for asked in transforms.asked("single")] == [["1", "4"], ["1", "4"], ["0", "5"]]
    assert transforms.results("single") == {"a.txt.out": b"ONE\n\nTWO\n\nTHREE\n"}


def test_records_end_at_newlines_only(transforms: Transforms) -> None:
    odd = "a\rb\u2028c\x0bd\x85e\n".encode()
    transforms.run("odd", {"a.txt": odd * 2}, BatchStrategy="SingleRecord")

    assert len(transforms.asked("odd")) == 2
    assert transforms.results("odd") == {"a.txt.out": odd.upper() * 2}


def test_an_object_is_sent_whole_where_it_is_not_split(transforms: Transforms) -> None:
    transforms.run("unsplit", {"a.txt": b"one\ntwo\n"}, input={"SplitType": "None"}, BatchStrategy="SingleRecord")

    assert [asked.split()[:2] for asked in transforms.asked("unsplit")] == [["2", "8"]]


def test_requests_go_out_at_once_and_answers_stay_in_order(transforms: Transforms) -> None:
    # Whoever says "meet" waits for a second one to do so: one request after the other would never end well.
    content = b"one\nmeet\nmeet\ntwo\nthree\n"
    job = transforms.run(
        "concurrent", {"a.txt": content}, BatchStrategy="SingleRecord", MaxConcurrentTransforms=3, MaxPayloadInMB=1
    )

    assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
    assert transforms.results("concurrent") == {"a.txt.out": content.upper()}


def test_the_container_says_what_the_request_leaves_out(transforms: Transforms) -> None:
    wishes = {"MaxConcurrentTransforms": 3, "BatchStrategy": "SINGLE_RECORD", "MaxPayloadInMB": 2}
    model = transforms.model("wishful", wishes=wishes)

    transforms.run("wished", {"a.txt": b"one\ntwo\n"}, ModelName=model)
    assert "MaxConcurrentTransforms=3, MaxPayloadInMB=2, BatchStrategy=SINGLE_RECORD" in transforms.said("wished")
    assert len(transforms.asked("wished")) == 2

    asked = {"MaxConcurrentTransforms": 1, "BatchStrategy": "MultiRecord", "MaxPayloadInMB": 4}
    transforms.run("overruled", {"a.txt": b"one\ntwo\n"}, ModelName=model, **asked)
    assert "MaxConcurrentTransforms=1, MaxPayloadInMB=4, BatchStrategy=MULTI_RECORD" in transforms.said("overruled")
    assert len(transforms.asked("overruled")) == 1


@pytest.mark.parametrize(
    ("number", "wishes"), [(1, {"MaxPayloadInMB": "much"}), (2, {"BatchStrategy": "Whatever"}), (3, [1])]
)
def test_a_container_that_wishes_for_nonsense_fails(transforms: Transforms, number: int, wishes: Any) -> None:
    name = f"nonsense-{number}"

    job = transforms.run(name, {"a.txt": b"one\n"}, ModelName=transforms.model(name, wishes=wishes))

    assert job["FailureReason"] == "AlgorithmError: See job logs for more information"


def test_packed_objects_are_unpacked(transforms: Transforms) -> None:
    job = transforms.run("packed", {"a.txt.gz": gzip.compress(b"one\ntwo\n")}, input={"CompressionType": "Gzip"})

    assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
    assert transforms.results("packed") == {"a.txt.gz.out": b"ONE\nTWO\n"}


@pytest.mark.parametrize(
    ("name", "content"),
    [("plain", b"one\n"), ("cut", gzip.compress(b"one\n" * 999, mtime=0)[:-9]), ("bad", b"\x1f\x8b\x08rest")],
)
def test_what_is_no_whole_gzip_file_fails(transforms: Transforms, name: str, content: bytes) -> None:
    job = transforms.run(f"gzip-{name}", {"a.gz": content}, input={"CompressionType": "Gzip"})

    assert job["TransformJobStatus"] == "Failed"
    assert job["FailureReason"] == "ClientError: See job logs for more information"
    assert any("no whole gzip file" in line for line in transforms.said(f"gzip-{name}"))
    assert transforms.results(f"gzip-{name}") == {}


@pytest.mark.parametrize("split", ["Line", "None"])
def test_a_record_larger_than_a_request_fails(transforms: Transforms, split: str) -> None:
    name = f"large-{split.lower()}"
    content = {"a.txt": b"one\n" + b"x" * (1 << 20) + b"\n"}

    job = transforms.run(name, content, input={"SplitType": split}, MaxPayloadInMB=1)

    assert job["FailureReason"] == "ClientError: See job logs for more information"
    number = 2 if split == "Line" else 1
    said = f"{BUCKET}/{name}/in/a.txt: ClientError: Record {number} is larger than MaxPayloadInMB (1 MB) allows"
    assert said in transforms.said(name)
    assert transforms.results(name) == {}


def test_a_refused_request_fails_its_object_and_the_job(transforms: Transforms) -> None:
    job = transforms.run("refused", {"a.txt": b"one\n", "b.txt": b"two\nrefuse\n", "c.txt": b"three\n"})

    assert job["TransformJobStatus"] == "Failed"
    assert job["FailureReason"] == "ClientError: See job logs for more information"
    assert transforms.results("refused") == {"a.txt.out": b"ONE\n", "c.txt.out": b"THREE\n"}
    key = f"{BUCKET}/refused/in/b.txt"
    said = transforms.said("refused")
    start = said.index(f"{key}: ClientError: 400")
    assert said[start : start + 5] == [
        f"{key}: ClientError: 400",
        f"{key}: ",
        f"{key}: Message:",
        f"{key}: no such",
        f"{key}: text",
    ]
    # A refusal is final: the same body would meet it again.
    assert len(transforms.asked("refused")) == 3


def test_a_request_that_breaks_is_tried_again(transforms: Transforms) -> None:
    job = transforms.run("flaky", {"a.txt": b"flaky\n"})

    assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
    assert transforms.results("flaky") == {"a.txt.out": b"FLAKY\n"}
    assert len(transforms.asked("flaky")) == 2


@pytest.mark.parametrize("retries", [0, 1])
def test_retries_come_to_an_end(transforms: Transforms, retries: int) -> None:
    name = f"broken-{retries}"

    job = transforms.run(name, {"a.txt": b"break\n"}, ModelClientConfig={"InvocationsMaxRetries": retries})

    assert job["FailureReason"] == "AlgorithmError: See job logs for more information"
    assert f"{BUCKET}/{name}/in/a.txt: AlgorithmError: 500" in transforms.said(name)
    assert len(transforms.asked(name)) == 1 + retries


@pytest.mark.parametrize("order", ["sleep", "die"])
def test_no_answer_is_the_algorithms_error(transforms: Transforms, order: str) -> None:
    patience = {"InvocationsTimeoutInSeconds": 1, "InvocationsMaxRetries": 0}

    job = transforms.run(f"mute-{order}", {"a.txt": order.encode()}, ModelClientConfig=patience)

    assert job["FailureReason"] == "AlgorithmError: See job logs for more information"
    assert f"{BUCKET}/mute-{order}/in/a.txt: Unable to get response from algorithm" in transforms.said(f"mute-{order}")


def test_a_stopped_job_ends_its_container_and_leaves_nothing(transforms: Transforms) -> None:
    transforms.account.put("stopped/in/a.txt", b"sleep\n")
    transforms.sagemaker.create_transform_job(**transforms.request("stopped"))
    until(lambda: transforms.said("stopped"), lambda lines: "asleep" in lines)

    transforms.sagemaker.stop_transform_job(TransformJobName="stopped")
    job = transforms.ended("stopped")

    assert job["TransformJobStatus"] == "Stopped"
    assert "FailureReason" not in job
    assert transforms.results("stopped") == {}
    assert refused(transforms.sagemaker.stop_transform_job, TransformJobName="stopped") == (
        "ValidationException",
        "The request was rejected because the transform job is in status Stopped.",
    )


def test_what_cannot_begin_fails_with_awss_reasons(transforms: Transforms) -> None:
    dead = transforms.model("dead", says="dead")
    assert (
        transforms.run("unborn", {"a.txt": b"one"}, ModelName=dead)["FailureReason"]
        == "AlgorithmError: See job logs for more information"
    )
    assert transforms.run("nothing", {})["FailureReason"] == (
        f"ClientError: S3 key: s3://{BUCKET}/nothing/in/ matched no files on s3"
    )
    gone = transforms.model("gone")
    transforms.account.s3.delete_object(Bucket=BUCKET, Key="transform-models/gone.tar.gz")
    reason = transforms.run("bare", {"a.txt": b"one"}, ModelName=gone)["FailureReason"]
    assert reason.startswith("ClientError: Failed to download model data")


def test_tags_are_kept(transforms: Transforms) -> None:
    tags = [{"Key": "team", "Value": "sorting"}]
    job = transforms.run("tagged", {"a.txt": b"one\n"}, Tags=tags)

    assert transforms.sagemaker.list_tags(ResourceArn=job["TransformJobArn"])["Tags"] == tags


def test_jobs_are_listed(transforms: Transforms) -> None:
    transforms.run("list-good", {"a.txt": b"one\n"})
    transforms.run("list-bad", {"a.txt": b"refuse\n"})

    every = transforms.sagemaker.list_transform_jobs(NameContains="list-")["TransformJobSummaries"]
    assert [job["TransformJobName"] for job in every] == ["list-bad", "list-good"]
    assert every[0]["FailureReason"] == "ClientError: See job logs for more information"
    assert every[1]["TransformJobArn"] == f"{ARN}/list-good"
    assert every[1]["TransformEndTime"] >= every[1]["CreationTime"]
    good = transforms.sagemaker.list_transform_jobs(NameContains="list-", StatusEquals="Completed")
    assert [job["TransformJobName"] for job in good["TransformJobSummaries"]] == ["list-good"]


def test_names_and_models_are_checked_at_once(transforms: Transforms) -> None:
    transforms.run("twice", {"a.txt": b"one\n"})

    code, message = refused(transforms.sagemaker.create_transform_job, **transforms.request("twice"))
    assert code == "ResourceInUse"
    assert message.endswith(f"a job with this name already exists ({ARN}/twice)")
    assert refused(transforms.sagemaker.create_transform_job, **transforms.request("no-model", ModelName="none")) == (
        "ValidationException",
        f'Could not find model "arn:aws:sagemaker:{REGION}:{ACCOUNT}:model/none".',
    )
    for call in (transforms.sagemaker.describe_transform_job, transforms.sagemaker.stop_transform_job):
        assert refused(call, TransformJobName="never") == (
            "ValidationException",
            "Could not find requested job with name: never",
        )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"DataProcessing": {"JoinSource": "Input"}}, "DataProcessing is not offered"),
        ({"DataCaptureConfig": {"DestinationS3Uri": "s3://b/k"}}, "DataCaptureConfig is not offered"),
        ({"ExperimentConfig": {"RunName": "r"}}, "ExperimentConfig is not offered"),
        ({"MaxPayloadInMB": 0}, "chunked encoding) is not offered"),
        ({"MaxPayloadInMB": 101}, "must not exceed 100 MB"),
        ({"MaxPayloadInMB": 51, "MaxConcurrentTransforms": 2}, "must not exceed 100 MB"),
        ({"input": {"SplitType": "TFRecord"}}, "SplitType TFRecord is not offered"),
        ({"output": {"S3OutputPath": "https://b/k"}}, "reads and writes s3://"),
        ({"TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 2}}, "InstanceCount must be 1"),
        ({"TransformResources": {"InstanceType": "ml.t2.medium", "InstanceCount": 1}}, "satisfy enum value set"),
        (
            {"input": {"DataSource": {"S3DataSource": {"S3DataType": "ManifestFile", "S3Uri": "s3://b/k"}}}},
            "S3Prefix only",
        ),
    ],
)
def test_what_is_not_offered_is_refused_rather_than_ignored(
    transforms: Transforms, changes: dict[str, Any], expected: str
) -> None:
    code, message = refused(transforms.sagemaker.create_transform_job, **transforms.request("unoffered", **changes))

    assert code == "ValidationException"
    assert expected in message


def test_eventbridge_is_told_of_every_change(transforms: Transforms) -> None:
    session = transforms.account.cloud.session()
    queue = session.client("sqs").create_queue(QueueName="transforms")["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:transforms"
    pattern = {"source": ["aws.sagemaker"], "detail-type": ["SageMaker Transform Job State Change"]}
    session.client("events").put_rule(Name="transforms", EventPattern=json.dumps(pattern))
    session.client("events").put_targets(Rule="transforms", Targets=[{"Id": "queue", "Arn": arn}])

    transforms.run("told", {"a.txt": b"one\n"})

    statuses: list[str] = []

    def arrived() -> list[str]:
        answer = session.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
        for message in answer.get("Messages", []):
            detail = json.loads(message["Body"])["detail"]
            if detail["TransformJobName"] == "told":
                statuses.append(detail["TransformJobStatus"])
        return sorted(statuses)

    until(arrived, lambda seen: seen == ["Completed", "InProgress"])


def test_the_inference_container_answers_line_by_line(transforms: Transforms, tmp_path: Path) -> None:
    account = transforms.account
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for file in sorted(write_model(tmp_path).iterdir()):
            tar.add(file, arcname=file.name)
    data = account.put("transform-models/tiny.tar.gz", packed.getvalue())
    image = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/images:trieur-serve"
    account.cloud.add_image(image, SERVE)
    account.model("tiny", "unused", PrimaryContainer={"Image": image, "ModelDataUrl": data})
    # Long enough that a megabyte holds a part of them only.
    labels = [label for label in WORD_OF for _ in range(100)]
    texts = [{"text": f"{WORD_OF[label]} {number}", "padding": "é" * 2000} for number, label in enumerate(labels)]
    content = "".join(json.dumps(text, ensure_ascii=False) + "\n" for text in texts).encode()
    assert len(content) > 1 << 20

    job = transforms.run(
        "tiny",
        {"questions.jsonl": content},
        ModelName="tiny",
        BatchStrategy="MultiRecord",
        MaxPayloadInMB=1,
        input={"ContentType": "application/jsonlines"},
        output={"Accept": "application/jsonlines"},
    )

    assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
    answers = transforms.results("tiny")["questions.jsonl.out"].decode().removesuffix("\n").split("\n")
    predictions = [json.loads(answer) for answer in answers]
    assert [prediction[0]["Class"] for prediction in predictions] == labels
    assert all(prediction[0]["Probability"] > prediction[1]["Probability"] for prediction in predictions)
