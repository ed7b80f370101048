"""A managed spot training that is interrupted: the run goes live all the same."""

import json

from tests.e2e.conftest import CHATBOT, Aws

SETTINGS = {
    "training": {"spot": True, "price_per_hour": 0.257},
    "hyperparameters": {"checkpoint_seconds": 0, "epochs": 40, "patience": 40},
}


def test_an_interrupted_spot_training_goes_live(aws: Aws) -> None:
    aws.drop("datasets/spot/classifier.json", json.dumps(SETTINGS).encode())
    aws.drop("datasets/spot/data.json", CHATBOT.read_bytes())

    [run] = aws.ended("spot")

    assert run["status"] == "LIVE", run["message"]
    job = aws.sagemaker.describe_training_job(TrainingJobName=run["training"]["job"])
    statuses = [transition["Status"] for transition in job["SecondaryStatusTransitions"]]
    assert statuses.count("Training") == 2
    assert "Interrupted" in statuses
    assert aws.s3.list_objects_v2(Bucket=aws.artifacts, Prefix="checkpoints/spot/")["KeyCount"]
    assert run["metrics"]["cost"]["price_per_hour"] == 0.257
    assert [epoch["epoch"] for epoch in run["metrics"]["history"]] == list(range(1, 41))
