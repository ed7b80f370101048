"""What the pipeline asks of SageMaker's training jobs, and what it keeps of them."""

import json
from dataclasses import asdict
from typing import Any

import pytest
from pydantic import ValidationError
from trieur_train.failure import TrainingFailed
from trieur_train.hyperparameters import Hyperparameters as Container
from trieur_train.hyperparameters import check_hyperparameters

from tests.unit.world import ARTIFACTS, METRICS, World, examples
from trieur.pipeline.check import check_run
from trieur.pipeline.start import start_runs
from trieur.runs import RunReference
from trieur.settings import Hyperparameters

SPOT = {"spot": True, "max_seconds": 3600, "max_wait_seconds": 7200}


def started(world: World, **settings: Any) -> tuple[RunReference, dict[str, Any]]:
    """A run and its training job, under the classifier's settings."""
    world.drop("datasets/questions/classifier.json", json.dumps(settings).encode())
    (run_id,) = start_runs(
        world.drop("datasets/questions/drop.json", examples()), world.deployment, world.clients
    ).run_ids
    run = RunReference(classifier="questions", run_id=run_id, backend="camembert")
    return run, world.sagemaker.jobs[f"trieur-questions-{run_id}"]


def test_every_hyperparameter_has_the_containers_default(world: World) -> None:
    run, job = started(world)

    accepted = check_hyperparameters(job["HyperParameters"])

    sent = {"classifier": "questions", "run_id": run.run_id}
    assert asdict(accepted) == asdict(Container(**sent))
    assert set(Hyperparameters.model_fields) == set(asdict(accepted)) - {
        *("classifier", "run_id", "mode", "language"),
        *("base_model", "price_per_hour"),
    }


LOWEST: dict[str, Any] = {
    "recipe": "full",
    "precision": "float32",
    "epochs": 1,
    "patience": 1,
    "min_delta": 1e-05,
    "batch_size": 1,
    "gradient_accumulation_steps": 1,
    "learning_rate": 1e-12,
    "warmup_ratio": 0,
    "weight_decay": 0,
    "label_smoothing": 0,
    "class_weights": "none",
    "max_length": 8,
    "long_texts": "truncate",
    "rejection_precision": 5e-324,
    "checkpoint_seconds": 0,
    "seed": 0,
}
HIGHEST: dict[str, Any] = {
    "recipe": "head",
    "precision": "bfloat16",
    "epochs": 1000,
    "patience": 1000,
    "min_delta": 1e300,
    "batch_size": 1024,
    "gradient_accumulation_steps": 1024,
    "learning_rate": 0.9999999999999999,
    "warmup_ratio": 0.9999999999999999,
    "weight_decay": 0.9999999999999999,
    "label_smoothing": 0.9999999999999999,
    "class_weights": "balanced",
    "max_length": 8192,
    "long_texts": "windows",
    "rejection_precision": 1,
    "checkpoint_seconds": 86_400,
    "seed": 2**32 - 1,
}


@pytest.mark.parametrize("extremes", [LOWEST, HIGHEST], ids=["lowest", "highest"])
def test_what_the_settings_allow_the_container_takes_as_it_is(world: World, extremes: dict[str, Any]) -> None:
    assert set(extremes) == set(Hyperparameters.model_fields)

    _, job = started(world, hyperparameters=extremes)

    accepted = asdict(check_hyperparameters(job["HyperParameters"]))
    assert {name: accepted[name] for name in extremes} == extremes


@pytest.mark.parametrize(
    ("name", "value"),
    [("max_length", 8193), ("warmup_ratio", 1), ("rejection_precision", 0), ("checkpoint_seconds", 86_401)],
)
def test_what_the_container_refuses_the_settings_do_not_allow(name: str, value: float) -> None:
    with pytest.raises(TrainingFailed, match=name):
        check_hyperparameters({name: str(value)})
    with pytest.raises(ValidationError, match=name):
        Hyperparameters.model_validate({name: value})


def test_language_base_model_and_price_reach_the_container(world: World) -> None:
    _, job = started(world, language="en", base_model="/opt/model", training={"price_per_hour": 0.257})

    accepted = check_hyperparameters(job["HyperParameters"])

    assert (accepted.language, accepted.base_model, accepted.price_per_hour) == ("en", "/opt/model", 0.257)


def test_on_demand_instances_keep_no_checkpoints(world: World) -> None:
    _, job = started(world, training={"max_seconds": 3600, "max_wait_seconds": 7200})

    assert job["StoppingCondition"] == {"MaxRuntimeInSeconds": 3600}
    assert not {"CheckpointConfig", "EnableManagedSpotTraining"} & set(job)


def test_a_spot_training_may_wait_and_keeps_its_checkpoints(world: World) -> None:
    run, job = started(world, training=SPOT)

    assert job["EnableManagedSpotTraining"] is True
    assert job["StoppingCondition"] == {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 7200}
    assert job["CheckpointConfig"] == {
        "S3Uri": f"s3://{ARTIFACTS}/checkpoints/questions/{run.run_id}/",
        "LocalPath": "/opt/ml/checkpoints",
    }


@pytest.mark.parametrize(("instances", "encrypted"), [(1, False), (2, True)])
def test_what_several_instances_tell_each_other_is_encrypted(world: World, instances: int, encrypted: bool) -> None:
    _, job = started(world, training={"instance_count": instances})

    assert job["ResourceConfig"]["InstanceCount"] == instances
    assert job["EnableInterContainerTrafficEncryption"] is encrypted
    assert job["EnableNetworkIsolation"] is True


def test_an_interrupted_training_goes_on(world: World) -> None:
    run, job = started(world, training=SPOT)
    job["SecondaryStatus"] = "Interrupted"

    outcome = check_run(run, world.deployment, world.clients).outcome()

    assert (outcome["status"], outcome["message"]) == ("TRAINING", "Training: Interrupted.")


def test_a_spot_training_that_waited_too_long_fails(world: World) -> None:
    run, job = started(world, training=SPOT)
    job |= {"TrainingJobStatus": "Stopped", "SecondaryStatus": "MaxWaitTimeExceeded"}

    failed = check_run(run, world.deployment, world.clients)

    assert (failed.status, failed.message) == ("FAILED", "Training was stopped: MaxWaitTimeExceeded.")


@pytest.mark.parametrize(("spot", "saving"), [(True, {"spot_saving": 0.695}), (False, {})])
def test_the_run_keeps_what_was_billed_and_what_spot_saved(world: World, spot: bool, saving: dict[str, float]) -> None:
    run, job = started(world, training={"spot": spot})
    world.complete_training(f"trieur-questions-{run.run_id}")
    job |= {"TrainingTimeInSeconds": 200, "BillableTimeInSeconds": 61}

    facts = check_run(run, world.deployment, world.clients).training

    assert (facts["training_seconds"], facts["billable_seconds"]) == (200, 61)
    assert {name: fact for name, fact in facts.items() if name == "spot_saving"} == saving


def test_the_metrics_of_a_thousand_labels_stay_in_the_run(world: World) -> None:
    scores = {"precision": 0.123456789012345, "recall": 0.123456789012345, "f1": 0.123456789012345, "support": 3}
    intervals = {f"{name}_interval": [0.123456789012345, 0.987654321098765] for name in ("precision", "recall", "f1")}
    per_label = {f"LABEL_{number:04}": scores | intervals for number in range(1000)}
    test = METRICS["test"] | {"per_label": per_label}
    metrics = METRICS | {"test": test, "validation": test, "baseline": {"test": test, "validation": test}}
    run, _ = started(world)
    world.complete_training(f"trieur-questions-{run.run_id}", metrics)

    trained = check_run(run, world.deployment, world.clients)

    stored = world.json(f"{run.prefix}run.json")
    assert stored["metrics"] == metrics
    assert len(json.dumps(stored)) > 1_000_000
    # Step Functions carries 262,144 bytes, and the notification is the message alone.
    assert len(json.dumps(trained.outcome())) < 1_000
