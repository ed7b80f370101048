"""From a dropped dataset to answers, as a user of AWS would do it."""

import json
import os
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.e2e.conftest import SHARED_DATA, Aws, eventually

EXAMPLES = Path(__file__).parents[2] / "examples"
CHATBOT = EXAMPLES / "chatbot-questions.json"


REAL_DATASETS = {"smalltalk": "nlpjs_smalltalk", "intents": "home_assistant_intents"}


def real_dataset(name: str, minimum: int = 10) -> list[dict[str, str]]:
    """A dataset of ../shared/data without the labels that have too few examples."""
    folder = SHARED_DATA / name
    rows = json.loads((folder / "data.json").read_text(encoding="utf-8"))
    counts = Counter(row["label"] for row in rows)
    return [row for row in rows if counts[row["label"]] >= minimum]


def share_answered_right(aws: Aws, classifier: str, run: dict[str, Any]) -> float:
    """Over the run's test split, which the model has never seen."""
    body = aws.s3.get_object(Bucket=aws.artifacts, Key=run["splits"]["test"]["key"])["Body"].read()
    rows = [json.loads(line) for line in body.splitlines()]
    predictions = aws.ask(classifier, {"texts": [row["text"] for row in rows]})
    return sum(p[0]["Class"] == row["label"] for p, row in zip(predictions, rows, strict=True)) / len(rows)


@pytest.fixture(scope="module")
def outcomes(aws: Aws) -> Any:
    """A queue that hears the outcomes topic."""
    sqs, sns = boto3.client("sqs"), boto3.client("sns")
    queue = sqs.create_queue(QueueName="outcomes")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    sns.subscribe(TopicArn=aws.outcomes_topic, Protocol="sqs", Endpoint=arn)
    heard: list[dict[str, Any]] = []

    def about(classifier: str) -> list[dict[str, Any]]:
        messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        heard.extend(json.loads(message["Body"]) for message in messages)
        for message in messages:
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        # By the subject, for MiniStack's Step Functions publish without the message's attributes.
        return [m for m in heard if classifier in m["Subject"].split()]

    return about


@pytest.fixture(scope="module", autouse=True)
def trainings(aws: Aws, outcomes: Any) -> None:  # noqa: ARG001 - it has to listen before
    """What needs no hand while it trains begins at once: most of what a run takes is waiting."""
    aws.drop("datasets/questions/chatbot-questions.json", CHATBOT.read_bytes())
    # What it answers does not matter, only that it does.
    settings = {"hyperparameters": {"epochs": 2}, "gate": {"beat_majority": False}}
    aws.drop("datasets/again/classifier.json", json.dumps(settings).encode())
    aws.drop("datasets/again/data.json", CHATBOT.read_bytes())
    for classifier, name in REAL_DATASETS.items():
        if (SHARED_DATA / name).exists():
            # More would learn more, and these are to be far better than guessing.
            aws.drop(f"datasets/{classifier}/classifier.json", json.dumps({"hyperparameters": {"epochs": 20}}).encode())
            aws.drop(f"datasets/{classifier}/data.json", real_dataset(name))


@pytest.fixture(scope="module")
def questions(aws: Aws) -> dict[str, Any]:
    """The run that made the classifier `questions` live."""
    run: dict[str, Any]
    [run] = aws.ended("questions")
    assert run["status"] == "LIVE", run["message"]
    return run


def test_the_chatbot_questions_go_live(aws: Aws, outcomes: Any, questions: dict[str, Any]) -> None:
    run = questions
    assert run["metrics"]["base_model"]["source"] == "scratch"
    assert run["metrics"]["base_model"]["note"] in run["message"]
    test = run["metrics"]["test"]
    assert test["accuracy"] > 0.8
    # int8 answers depend slightly on what else is in the batch.
    assert share_answered_right(aws, "questions", run) == pytest.approx(test["accuracy"], abs=1.5 / test["examples"])
    classes = aws.ask("questions", {"text": "Comment ça va ?"})
    assert classes[0]["Class"] == "HOW_ARE_YOU"
    assert [c["Probability"] for c in classes] == sorted((c["Probability"] for c in classes), reverse=True)
    for name in ("report.html", "metrics.json", "confusion_matrix.json"):
        aws.s3.head_object(Bucket=aws.artifacts, Key=f"runs/questions/{run['run_id']}/report/{name}")
    [told] = eventually(lambda: outcomes("questions"))
    assert told["Subject"] == "Trieur: questions LIVE (camembert)"
    assert told["Message"] == run["message"]


@pytest.mark.usefixtures("questions")
def test_the_sagemaker_sdk_and_boto3_get_the_same_prediction(aws: Aws) -> None:
    """The aws command, the third that users have, is below."""
    # Takes seconds: it brings pandas and more.
    from sagemaker.core.resources import Endpoint

    text = "Qui est Marie Curie ?"
    expected = aws.ask("questions", {"text": text})
    assert expected[0]["Class"] == "WHO_IS"

    endpoint = Endpoint.get("trieur-questions", region=os.environ["AWS_DEFAULT_REGION"])
    assert endpoint is not None
    assert endpoint.endpoint_status == "InService"
    answer = endpoint.invoke(body=json.dumps({"inputs": text}), content_type="application/json")
    assert answer is not None
    assert answer.content_type == "application/json"
    assert json.loads(answer.body.read()) == expected


@pytest.mark.parametrize(("classifier", "name"), REAL_DATASETS.items(), ids=REAL_DATASETS)
def test_real_datasets_go_live(aws: Aws, classifier: str, name: str) -> None:
    if not (SHARED_DATA / name).exists():
        pytest.skip(f"{name} is not on this machine")

    [run] = aws.ended(classifier)

    assert run["status"] == "LIVE", run["message"]
    test = run["metrics"]["test"]
    assert share_answered_right(aws, classifier, run) > 2 * test["majority_share"]


def test_a_second_drop_updates_the_endpoint_in_place_with_no_failed_call(aws: Aws) -> None:
    rows = json.loads(CHATBOT.read_text(encoding="utf-8"))
    [first] = aws.ended("again")
    assert first["status"] == "LIVE", first["message"]
    created = aws.sagemaker.describe_endpoint(EndpointName="trieur-again")
    stop, answers, failures = threading.Event(), [], []

    def hammer() -> None:
        while not stop.is_set():
            try:
                answers.append(aws.ask("again", {"text": "Qui est Marie Curie ?"}))
            except ClientError as error:
                failures.append(error)

    caller = threading.Thread(target=hammer)
    caller.start()
    try:
        renamed = [{**row, "label": f"{row['label']}_2"} for row in rows]
        aws.drop("datasets/again/data.json", renamed)
        first, second = aws.ended("again", runs=2)
    finally:
        stop.set()
        caller.join()

    assert failures == []
    assert second["status"] == "LIVE", second["message"]
    updated = aws.sagemaker.describe_endpoint(EndpointName="trieur-again")
    assert updated["CreationTime"] == created["CreationTime"], "the endpoint was not made anew"
    assert updated["EndpointConfigName"] == f"trieur-again-{second['run_id']}"
    assert answers[0][0]["Class"] in first["dataset"]["label_counts"]
    assert aws.ask("again", {"text": "Qui est Marie Curie ?"})[0]["Class"] in second["dataset"]["label_counts"]


def test_a_refused_dataset_is_told_and_touches_nothing(aws: Aws, outcomes: Any) -> None:
    aws.drop("datasets/refused/data.json", [{"text": "a", "label": "A"}, {"text": "b", "intent": "B"}])

    [rejected] = eventually(lambda: aws.documents("refused", "rejected.json"))
    [told] = eventually(lambda: outcomes("refused"))

    assert rejected["error"] in told["Message"]
    assert told["MessageAttributes"]["status"]["Value"] == "REFUSED"
    assert aws.documents("refused", "run.json") == []
    assert aws.sagemaker.list_training_jobs(NameContains="trieur-refused")["TrainingJobSummaries"] == []
    with pytest.raises(ClientError, match="Could not find endpoint"):
        aws.sagemaker.describe_endpoint(EndpointName="trieur-refused")


@pytest.mark.parametrize("file", ["a b+c%20d&e=f.json", "été.json", "e\u0301te\u0301 (1).csv", "deep/er/'x'.jsonl.gz"])
def test_keys_of_any_spelling_arrive_as_they_are(aws: Aws, file: str) -> None:
    key = f"datasets/keys/{file}"
    aws.drop(key, b"not a dataset")

    def filed() -> list[dict[str, Any]]:
        return [r for r in aws.documents("keys", "rejected.json") if r["dataset"]["key"] == key]

    assert len(eventually(filed)) == 1


def test_folders_deletes_and_settings_do_no_harm(aws: Aws) -> None:
    for key in ("datasets/", "datasets/quiet/", "datasets/quiet/classifier.json", "datasets/quiet/.hidden.json"):
        aws.drop(key, b"")
    aws.s3.delete_object(Bucket=aws.inbox, Key="datasets/quiet/.hidden.json")
    # A drop that is answered for comes after them in the same queue.
    aws.drop("datasets/quiet-after/data.json", b"")
    eventually(lambda: aws.documents("quiet-after", "rejected.json"))

    assert aws.documents("quiet", "run.json") == []
    assert aws.documents("quiet", "rejected.json") == []


def test_the_aws_command_is_all_a_user_needs(aws: Aws, tmp_path: Path) -> None:
    aws_command = Path(sys.executable).with_name("aws")

    def run(*arguments: str) -> str:
        done = subprocess.run([aws_command, *arguments], env=os.environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("s3", "cp", str(CHATBOT), f"s3://{aws.inbox}/datasets/by-command/")
    [ended] = aws.ended("by-command")
    assert ended["status"] == "LIVE", ended["message"]
    question, answer = tmp_path / "question.txt", tmp_path / "answer.json"
    question.write_text("Comment ça va ?", encoding="utf-8")
    run(
        *("sagemaker-runtime", "invoke-endpoint", "--endpoint-name", "trieur-by-command"),
        *("--content-type", "text/plain", "--body", f"fileb://{question}", str(answer)),
    )
    assert json.loads(answer.read_text())[0]["Class"] == "HOW_ARE_YOU"
    assert f"trieur-by-command-{ended['run_id']}" in run("sagemaker", "list-training-jobs", "--output", "text")
    script = [sys.executable, str(EXAMPLES / "query_endpoint.py"), "by-command", "Comment ça va ?", "--json"]
    asked = subprocess.run(script, env=os.environ, capture_output=True, text=True, check=False)
    assert asked.returncode == 0, asked.stderr
    assert "HOW_ARE_YOU" in asked.stdout
