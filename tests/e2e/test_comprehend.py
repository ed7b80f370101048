"""The Comprehend backend, as a user of AWS would meet it. Its figures here are those of a local stand-in."""

import json
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.e2e.conftest import Aws, eventually

CHATBOT = Path(__file__).parents[2] / "examples" / "chatbot-questions.json"
ON_DEMAND = {"backend": "comprehend", "comprehend": {"endpoint": "on-demand"}}
# Fifty epochs, the default, learn no more of so few questions, and answers that do not matter need hardly any.
SHORT = {"hyperparameters": {"epochs": 20}}
HASTY = {"hyperparameters": {"epochs": 2}, "gate": {"beat_majority": False}}
Rows = Sequence[Mapping[str, Any]]


class Comprehend:
    """Amazon Comprehend by plain boto3."""

    def __init__(self, aws: Aws) -> None:
        self.aws = aws
        self.client = boto3.client("comprehend")

    def drop(self, classifier: str, settings: Mapping[str, Any], rows: Rows) -> None:
        self.aws.drop(f"datasets/{classifier}/classifier.json", json.dumps(settings).encode())
        self.aws.drop(f"datasets/{classifier}/data.json", rows)

    def run(self, classifier: str) -> dict[str, Any]:
        """The one run of a classifier of `trainings`, once it has ended."""
        [run] = self.aws.ended(classifier)
        return run

    def endpoint(self, classifier: str) -> dict[str, Any] | None:
        found = self.client.list_endpoints()["EndpointPropertiesList"]
        return next((e for e in found if e["EndpointArn"].endswith(f"/trieur-{classifier}")), None)

    def versions(self, classifier: str) -> list[dict[str, Any]]:
        listed = self.client.list_document_classifiers(Filter={"DocumentClassifierName": f"trieur-{classifier}"})
        return listed["DocumentClassifierPropertiesList"]

    def ask(self, classifier: str, text: str) -> list[dict[str, Any]]:
        endpoint = self.endpoint(classifier)
        assert endpoint is not None
        answer = self.client.classify_document(Text=text, EndpointArn=endpoint["EndpointArn"])
        return answer.get("Classes") or answer["Labels"]


@pytest.fixture(scope="module")
def schedule(aws: Aws) -> str:
    """How often idle endpoints are looked for on AWS; here it is every minute from now on."""
    rules = aws.rules
    asked: str = rules.describe_rule(Name="trieur-idle")["ScheduleExpression"]
    rules.put_rule(Name="trieur-idle", ScheduleExpression="rate(1 minute)")
    return asked


@pytest.fixture(scope="module")
def comprehend(aws: Aws, schedule: str) -> Comprehend:
    assert schedule == "rate(10 minutes)"
    return Comprehend(aws)


@pytest.fixture(scope="module", autouse=True)
def sleepy(comprehend: Comprehend) -> dict[str, Any]:
    """A run whose endpoint nobody asks; live before the other tests, so that they fill the time until it expires."""
    settings = {"backend": "comprehend", "comprehend": {"endpoint": "on-demand", "idle_hours": 0.001}}
    comprehend.drop("sleepy", settings, chatbot())
    # All begin at once, for most of what a run takes is waiting; each test fetches its own.
    for classifier, (wanted, rows) in trainings().items():
        comprehend.drop(classifier, wanted, rows)
    run = comprehend.run("sleepy")
    assert run["status"] == "LIVE", run["message"]
    return run


def chatbot() -> list[dict[str, str]]:
    return json.loads(CHATBOT.read_text(encoding="utf-8"))


def trainings() -> dict[str, tuple[Mapping[str, Any], Rows]]:
    """Settings and examples by classifier, of the tests that need no hand while they train."""
    rare = [{"text": f"rare question {number}", "label": "RARE"} for number in range(4)]
    scarce = {"backend": "comprehend", "minimum_examples": 3, "comprehend": {"minimum_documents": 1}}
    return {
        "amazon": (ON_DEMAND, chatbot()),
        "same-form": ({**HASTY, "backend": "both"}, chatbot()),
        "thrifty": ({"backend": "comprehend"}, chatbot()),
        "things": (ON_DEMAND, two_labels_each()),
        "twice": ({**ON_DEMAND, **SHORT, "backend": "both"}, chatbot()),
        "scarce": (scarce, [*chatbot(), *rare]),
        "renewed": (ON_DEMAND, chatbot()),
        "bulk": (SHORT, chatbot()),
        "commanded": ({"backend": "comprehend"}, chatbot()),
    }


def two_labels_each(count: int = 30) -> list[dict[str, Any]]:
    """Texts of a colour, a fruit or both."""
    colours, fruits = ("rouge", "bleue", "verte"), ("pomme", "poire", "prune")
    rows = [{"text": f"une chose {c} numéro {i}", "labels": ["COLOUR"]} for i in range(count) for c in colours]
    rows += [{"text": f"je mange une {f} numéro {i}", "labels": ["FRUIT"]} for i in range(count) for f in fruits]
    return rows + [
        {"text": f"une {f} {c} numéro {i}", "labels": ["COLOUR", "FRUIT"]}
        for i in range(count // 3)
        for c in colours
        for f in fruits
    ]


def test_a_dataset_goes_live_on_comprehend(comprehend: Comprehend, aws: Aws) -> None:
    run = comprehend.run("amazon")

    assert run["status"] == "LIVE", run["message"]
    assert comprehend.ask("amazon", "Comment ça va ?")[0]["Name"] == "HOW_ARE_YOU"
    [version] = comprehend.versions("amazon")
    assert (version["LanguageCode"], version["Mode"], version["VersionName"]) == ("fr", "MULTI_CLASS", run["run_id"])
    assert version["ClassifierMetadata"]["NumberOfTestDocuments"] == run["splits"]["test"]["examples"]
    metrics = run["metrics"]
    assert metrics["evaluation"]["examples"] == run["splits"]["test"]["examples"]
    assert metrics["evaluation"]["agrees"] is True
    assert metrics["test"]["accuracy"] > 0.8
    # A figure of the stand-in is never shown without saying whose it is.
    assert "stand-in" in metrics["base_model"]["note"]
    assert "stand-in" in run["message"]
    for name in ("report.html", "metrics.json", "confusion_matrix.json"):
        body = aws.s3.get_object(Bucket=aws.artifacts, Key=f"runs/amazon/{run['run_id']}/report/{name}")["Body"].read()
        assert name == "confusion_matrix.json" or b"stand-in" in body
    jobs = aws.sagemaker.list_training_jobs(NameContains="trieur-amazon")["TrainingJobSummaries"]
    assert jobs == [], "nothing was trained on SageMaker"


def test_metrics_have_the_form_of_camemberts(comprehend: Comprehend) -> None:
    runs = comprehend.aws.ended("same-form", runs=2)

    # The loss is what only the training container works out.
    forms = [{key: type(value) for key, value in run["metrics"]["test"].items() if key != "loss"} for run in runs]
    assert forms[0] == forms[1]
    of_labels = [{key for scores in run["metrics"]["test"]["per_label"].values() for key in scores} for run in runs]
    assert of_labels[0] == of_labels[1]
    labels = [sorted(run["metrics"]["test"]["per_label"]) for run in runs]
    assert labels[0] == labels[1]


def test_no_endpoint_is_created_unless_asked_for_and_bulk_works_without(comprehend: Comprehend, aws: Aws) -> None:
    run = comprehend.run("thrifty")

    assert run["status"] == "TRAINED", run["message"]
    assert comprehend.endpoint("thrifty") is None
    texts = ["Comment ça va ?", "", "Qui est Marie Curie ?", "Qui s'y connaît en Kubernetes ?\u2028vraiment"]
    aws.drop("batch/thrifty/novembre.txt", "\n".join(texts).encode())
    lines = predictions(aws, "batch/thrifty/novembre.txt", "comprehend")
    assert [classes[0]["Class"] if classes else None for classes in lines] == [
        "HOW_ARE_YOU",
        None,
        "WHO_IS",
        "WHO_KNOWS_ABOUT",
    ]
    assert lines[1] == []
    assert all(0 <= c["Probability"] <= 1 for classes in lines for c in classes)


def predictions(aws: Aws, key: str, backend: str) -> list[Any]:
    """The predictions beside a request, once they are there."""

    def look() -> list[str]:
        try:
            body = aws.s3.get_object(Bucket=aws.inbox, Key=f"{key}.{backend}.predictions.jsonl")["Body"].read()
        except aws.s3.exceptions.NoSuchKey:
            return []
        return body.decode().splitlines()

    return [json.loads(line) for line in eventually(look, seconds=120)]


def test_several_labels(comprehend: Comprehend) -> None:
    run = comprehend.run("things")

    assert run["status"] == "LIVE", run["message"]
    assert run["dataset"]["mode"] == "multi-label"
    [version] = comprehend.versions("things")
    assert version["Mode"] == "MULTI_LABEL"
    likely = {c["Name"] for c in comprehend.ask("things", "une prune verte") if c["Score"] >= 0.5}
    assert likely == {"COLOUR", "FRUIT"}
    assert run["metrics"]["evaluation"]["agrees"] is True


def test_an_augmented_manifest_is_passed_through(comprehend: Comprehend, aws: Aws) -> None:
    rows = [
        {
            "source": row["text"],
            "kind": index,
            "kind-metadata": {"class-name": row["label"], "job-name": "labeling-job/kind", "confidence": 0.9},
        }
        for index, row in enumerate(chatbot())
    ]
    manifest = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    aws.drop("datasets/labelled/classifier.json", json.dumps({"backend": "comprehend"}).encode())
    aws.drop("datasets/labelled/output.jsonl", manifest)

    [run] = aws.ended("labelled")

    assert run["status"] == "TRAINED", run["message"]
    [version] = comprehend.versions("labelled")
    config = version["InputDataConfig"]
    assert config["DataFormat"] == "AUGMENTED_MANIFEST"
    assert {m["Split"]: m["AttributeNames"] for m in config["AugmentedManifests"]} == {
        "TRAIN": ["kind"],
        "TEST": ["kind"],
    }
    folder = f"runs/labelled/{run['run_id']}/input/"
    passed = b"".join(
        aws.s3.get_object(Bucket=aws.artifacts, Key=f"{folder}{name}.manifest")["Body"].read()
        for name in ("train", "test")
    )
    records = [json.loads(line) for line in passed.splitlines()]
    assert sorted(records, key=lambda record: record["kind"]) == rows


def test_both_backends_train_side_by_side_on_one_split(comprehend: Comprehend, aws: Aws) -> None:
    runs = {run["backend"]: run for run in aws.ended("twice", runs=2)}

    assert {backend: run["status"] for backend, run in runs.items()} == {"camembert": "LIVE", "comprehend": "LIVE"}
    splits = [{name: split["sha256"] for name, split in run["splits"].items()} for run in runs.values()]
    assert splits[0] == splits[1]
    assert comprehend.ask("twice", "Qui est Marie Curie ?")[0]["Name"] == "WHO_IS"
    assert aws.ask("twice", {"text": "Qui est Marie Curie ?"})[0]["Class"] == "WHO_IS"
    aws.drop("batch/twice/questions.jsonl", b'{"text": "Qui est Marie Curie ?"}\n"Comment \xc3\xa7a va ?"\n')
    for backend in runs:
        lines = predictions(aws, "batch/twice/questions.jsonl", backend)
        assert [classes[0]["Class"] for classes in lines] == ["WHO_IS", "HOW_ARE_YOU"], backend


def test_a_stopped_training_does_not_stop_the_other_backend(comprehend: Comprehend, aws: Aws) -> None:
    comprehend.drop("halted", {**ON_DEMAND, **HASTY, "backend": "both"}, chatbot())
    [version] = eventually(lambda: comprehend.versions("halted"))
    comprehend.client.stop_training_document_classifier(DocumentClassifierArn=version["DocumentClassifierArn"])

    runs = {run["backend"]: run for run in aws.ended("halted", runs=2)}

    assert runs["comprehend"]["status"] == "FAILED"
    assert "stopped" in runs["comprehend"]["message"]
    assert runs["camembert"]["status"] == "LIVE", runs["camembert"]["message"]
    assert comprehend.endpoint("halted") is None


def test_a_training_that_fails_says_why(comprehend: Comprehend) -> None:
    run = comprehend.run("scarce")

    assert run["status"] == "FAILED"
    assert "RARE" in run["message"]
    assert comprehend.endpoint("scarce") is None


def test_a_live_endpoint_is_updated_with_no_failed_call(comprehend: Comprehend, aws: Aws) -> None:
    first = comprehend.run("renewed")
    assert first["status"] == "LIVE", first["message"]
    created = comprehend.endpoint("renewed")
    assert created is not None
    stop, answers, failures = threading.Event(), [], []

    def hammer() -> None:
        while not stop.is_set():
            try:
                answers.append(comprehend.ask("renewed", "Qui est Marie Curie ?"))
            except ClientError as error:
                failures.append(error)

    caller = threading.Thread(target=hammer)
    caller.start()
    try:
        aws.drop("datasets/renewed/data.json", [{**row, "label": f"{row['label']}_2"} for row in chatbot()])
        first, second = aws.ended("renewed", runs=2)
    finally:
        stop.set()
        caller.join()

    assert failures == []
    assert second["status"] == "LIVE", second["message"]
    updated = comprehend.endpoint("renewed")
    assert updated is not None
    assert updated["CreationTime"] == created["CreationTime"], "the endpoint was not made anew"
    assert updated["ModelArn"].endswith(f"/version/{second['run_id']}")
    assert answers[0][0]["Name"] == "WHO_IS"
    assert comprehend.ask("renewed", "Qui est Marie Curie ?")[0]["Name"] == "WHO_IS_2"


def trieur(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "trieur", *arguments], capture_output=True, text=True, check=False)


def test_the_start_command(comprehend: Comprehend) -> None:
    run = comprehend.run("commanded")
    assert run["status"] == "TRAINED", run["message"]

    refused = trieur("start", "commanded")
    assert (refused.returncode, "on-demand" in refused.stderr) == (1, True)

    comprehend.aws.drop("datasets/commanded/classifier.json", json.dumps(ON_DEMAND).encode())
    started = trieur("start", "commanded", "--json")
    assert started.returncode == 0, started.stdout + started.stderr
    assert json.loads(started.stdout)["outcome"] == "starting"
    eventually(lambda: [r for r in comprehend.aws.documents("commanded", "run.json") if r["status"] == "LIVE"])
    assert json.loads(trieur("start", "commanded", "--json").stdout)["outcome"] == "live"


def test_bulk_on_camembert(aws: Aws) -> None:
    [run] = aws.ended("bulk")
    assert run["status"] == "LIVE", run["message"]
    texts = [row["text"] for row in chatbot()]

    aws.drop("batch/bulk/all of them.txt", "\r\n".join(texts).encode())

    lines = predictions(aws, "batch/bulk/all of them.txt", "camembert")
    assert len(lines) == len(texts)
    asked = aws.ask("bulk", {"texts": texts[:40]})
    assert [a[0]["Class"] for a in asked] == [line[0]["Class"] for line in lines[:40]]


def test_a_bulk_request_nobody_can_answer_is_refused_beside_it(aws: Aws) -> None:
    aws.drop("batch/nobody/texts.txt", b"un texte")

    def look() -> dict[str, Any] | None:
        try:
            key = "batch/nobody/texts.txt.camembert.rejected.json"
            return json.loads(aws.s3.get_object(Bucket=aws.inbox, Key=key)["Body"].read())
        except aws.s3.exceptions.NoSuchKey:
            return None

    assert "drop a dataset" in eventually(look, seconds=60)["error"]


def test_an_idle_endpoint_expires_and_starts_again_without_training(
    comprehend: Comprehend, aws: Aws, sleepy: dict[str, Any]
) -> None:
    # Calls count by the minute in CloudWatch, and the schedule looks every minute.
    eventually(lambda: comprehend.endpoint("sleepy") is None, seconds=300)
    [asleep] = aws.documents("sleepy", "run.json")
    assert asleep["status"] == "TRAINED"
    assert "trieur start sleepy" in asleep["message"]

    detail = json.dumps({"classifier": "sleepy"})
    put = aws.rules.put_events(Entries=[{"Source": "trieur", "DetailType": "Start Endpoint", "Detail": detail}])
    assert put["FailedEntryCount"] == 0
    [awake] = eventually(lambda: [r for r in aws.documents("sleepy", "run.json") if r["status"] == "LIVE"])
    assert awake["run_id"] == sleepy["run_id"]
    assert len(comprehend.versions("sleepy")) == 1, "nothing was trained"
    assert comprehend.ask("sleepy", "Comment ça va ?")[0]["Name"] == "HOW_ARE_YOU"
