"""A managed spot training that is interrupted: the run goes live all the same."""

import json
from pathlib import Path
from typing import Any

import pytest

from localcloud import LocalCloud
from tests.e2e.conftest import FINAL, eventually

CHATBOT = Path(__file__).parents[2] / "examples" / "chatbot-questions.json"
SETTINGS = {
    "training": {"spot": True, "price_per_hour": 0.257},
    "hyperparameters": {"checkpoint_seconds": 0, "epochs": 40, "patience": 40},
}


def test_an_interrupted_spot_training_goes_live(tmp_path_factory: pytest.TempPathFactory) -> None:
    with LocalCloud(tmp_path_factory.mktemp("spot"), spot_interruption=10) as cloud:
        session = cloud.session()
        s3, sagemaker = session.client("s3"), session.client("sagemaker")
        inbox, artifacts = cloud.outputs["InboxBucketName"], cloud.outputs["ArtifactsBucketName"]
        s3.put_object(Bucket=inbox, Key="datasets/spot/classifier.json", Body=json.dumps(SETTINGS).encode())
        s3.put_object(Bucket=inbox, Key="datasets/spot/data.json", Body=CHATBOT.read_bytes())

        def keys(prefix: str) -> list[str]:
            listed = s3.list_objects_v2(Bucket=artifacts, Prefix=prefix).get("Contents", [])
            return [entry["Key"] for entry in listed]

        def ended() -> Any:
            runs = [key for key in keys("runs/spot/") if key.endswith("/run.json")]
            documents = [json.loads(s3.get_object(Bucket=artifacts, Key=key)["Body"].read()) for key in runs]
            return next((run for run in documents if run["status"] in FINAL), None)

        run = eventually(ended)
        assert run["status"] == "LIVE", run["message"]
        job = sagemaker.describe_training_job(TrainingJobName=run["training"]["job"])
        statuses = [transition["Status"] for transition in job["SecondaryStatusTransitions"]]
        assert statuses.count("Training") == 2
        assert "Interrupted" in statuses
        assert keys("checkpoints/spot/")
        assert run["metrics"]["cost"]["price_per_hour"] == 0.257
        assert [epoch["epoch"] for epoch in run["metrics"]["history"]] == list(range(1, 41))
