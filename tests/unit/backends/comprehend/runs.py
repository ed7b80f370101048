"""Runs on Amazon Comprehend, as a drop makes them."""

import json
from typing import Any

from tests.unit.world import World, examples
from trieur.pipeline.check import check_run
from trieur.pipeline.start import start_runs
from trieur.runs import Run, RunReference, RunStore

KEY = "datasets/questions/drop.json"


def started(world: World, dataset: bytes | None = None, key: str = KEY, **settings: Any) -> Run:
    """The run that a drop of the dataset starts, or is refused to start."""
    document = {"backend": "comprehend", "comprehend": {"endpoint": "on-demand"}, **settings}
    world.drop("datasets/questions/classifier.json", json.dumps(document).encode())
    outcome = start_runs(world.drop(key, examples() if dataset is None else dataset), world.deployment, world.clients)
    assert len(outcome.run_ids) == 1, outcome.message
    return stored(world, outcome.run_ids[0])


def stored(world: World, run_id: str) -> Run:
    reference = RunReference(classifier="questions", run_id=run_id, backend="comprehend")
    return RunStore(world.clients.s3, world.deployment.artifacts_bucket).read(reference)


def trained(world: World, dataset: bytes | None = None, **settings: Any) -> Run:
    """A run whose training has ended well, and whose record says where its output lies."""
    run = started(world, dataset, **settings)
    world.complete_classifier(run.run_id)
    return check_run(run.reference, world.deployment, world.clients)


def multi_label_examples(count: int = 20) -> bytes:
    rows = [{"text": f"{label} question {i}", "labels": [label]} for i in range(count) for label in "AB"]
    rows += [{"text": f"Both {i}", "labels": ["A", "B"]} for i in range(count)]
    return json.dumps(rows).encode()


def split(world: World, run: Run, *names: str) -> list[dict[str, Any]]:
    """The rows of these splits."""
    rows = []
    for name in names:
        rows += [json.loads(line) for line in artifact(world, run.splits[name].key).splitlines()]
    return rows


def artifact(world: World, key: str) -> bytes:
    return world.clients.s3.get_object(Bucket=world.deployment.artifacts_bucket, Key=key)["Body"].read()
