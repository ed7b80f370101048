"""A container that counts in its checkpoint folder, and goes on there after an interruption."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.contract.localcloud.account import BUCKET, Account

COUNT = """
import json, os, pathlib, signal, sys, time
ml = pathlib.Path(os.environ["OPT_ML"])
wanted = json.loads((ml / "input/config/hyperparameters.json").read_text())
folder = ml / wanted.get("folder", "checkpoints")
count = folder / "deep" / "count"
begun = int(count.read_text()) if count.exists() else 0
print(f"begun at {begun}", flush=True)
def asked_to_end(*_):
    (folder / "farewell").write_text("asked to end")
    sys.exit(0)
signal.signal(signal.SIGTERM, asked_to_end)
(folder / "farewell").unlink(missing_ok=True)
for number in range(begun + 1, 6):
    count.parent.mkdir(exist_ok=True)
    count.write_text(str(number))
    if number == 3 and "wait" in wanted:
        print("waiting", flush=True)
        time.sleep(60)
if "fail" in wanted:
    sys.exit(1)
(ml / "model" / "begun").write_text(str(begun))
"""

SPOT: dict[str, Any] = {
    "EnableManagedSpotTraining": True,
    "StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 120},
}


class Counting:
    """Jobs of that container, each with checkpoints at a URI of its own unless another is given."""

    def __init__(self, account: Account, folder: Path) -> None:
        self.account = account
        self.image = account.image(folder, "counting", COUNT)

    def request(self, name: str, *wanted: str, at: str | None = None, **changes: Any) -> dict[str, Any]:
        return self.account.training(
            name,
            **{
                "AlgorithmSpecification": {"TrainingImage": self.image, "TrainingInputMode": "File"},
                "HyperParameters": dict.fromkeys(wanted, "1"),
                "CheckpointConfig": {"S3Uri": f"s3://{BUCKET}/checkpoints/{at or name}"},
                **changes,
            },
        )

    def start(self, name: str, *wanted: str, at: str | None = None, **changes: Any) -> None:
        self.account.sagemaker.create_training_job(**self.request(name, *wanted, at=at, **changes))

    def train(self, name: str, *wanted: str, at: str | None = None, **changes: Any) -> dict[str, Any]:
        """The description of a job once it has ended."""
        self.start(name, *wanted, at=at, **changes)
        return self.account.ended(name)

    def kept(self, at: str) -> dict[str, str]:
        """What lies in S3, by the name in the container's folder."""
        prefix = f"checkpoints/{at}/"
        listed = self.account.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
        return {
            entry["Key"].removeprefix(prefix): self.account.s3.get_object(Bucket=BUCKET, Key=entry["Key"])["Body"]
            .read()
            .decode()
            for entry in listed
        }

    def said(self, name: str) -> list[str]:
        return self.account.log_lines("/aws/sagemaker/TrainingJobs", f"{name}/")
