"""Training: our training container as a SageMaker training job."""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NotRequired, TypedDict, cast

from botocore.exceptions import ClientError

from trieur.backends import output_archive
from trieur.backends.base import State, TrainedModel, TrainingRefused
from trieur.backends.camembert.refusals import refusal
from trieur.backends.camembert.resources import run_resource, run_tags
from trieur.deployment import Clients, Deployment
from trieur.runs import Run, RunStatus
from trieur.splits import SPLITS

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.literals import TrainingInstanceTypeType
    from mypy_boto3_sagemaker.type_defs import (
        ChannelTypeDef,
        CheckpointConfigTypeDef,
        DescribeTrainingJobResponseTypeDef,
        StoppingConditionTypeDef,
    )

    class _Limits(TypedDict):
        StoppingCondition: StoppingConditionTypeDef
        EnableManagedSpotTraining: NotRequired[bool]
        CheckpointConfig: NotRequired[CheckpointConfigTypeDef]


# The training container prints one line an epoch; see containers/train/README.md.
METRICS: Final = (
    "train_loss",
    "train_accuracy",
    "validation_loss",
    "validation_accuracy",
    "validation_macro_f1",
)
# Where SageMaker looks when the request does not say; the container knows no other place.
CHECKPOINT_FOLDER: Final = "/opt/ml/checkpoints"


class CamembertTraining:
    """See `trieur.backends.base.Training`."""

    def __init__(self, deployment: Deployment, clients: Clients) -> None:
        self._deployment = deployment
        self._s3 = clients.s3
        self._sagemaker = clients.sagemaker

    def start(self, run: Run) -> dict[str, Any]:
        name = run_resource(self._deployment, run)
        training = run.settings.training
        try:
            arn = self._sagemaker.create_training_job(
                TrainingJobName=name,
                RoleArn=self._deployment.training_role_arn,
                AlgorithmSpecification={
                    "TrainingImage": self._deployment.train_image,
                    "TrainingInputMode": "File",
                    "MetricDefinitions": [
                        {"Name": metric, "Regex": rf"\b{metric}=([0-9.eE+-]+)"} for metric in METRICS
                    ],
                },
                HyperParameters=self._hyperparameters(run),
                InputDataConfig=self._channels(run),
                OutputDataConfig={"S3OutputPath": self._deployment.artifact_uri(run.reference.prefix + "output/")},
                ResourceConfig={
                    "InstanceType": cast("TrainingInstanceTypeType", training.instance_type),
                    "InstanceCount": training.instance_count,
                    "VolumeSizeInGB": training.volume_gb,
                },
                EnableNetworkIsolation=True,
                # What the instances tell each other was learnt from the texts. It takes them a little longer.
                EnableInterContainerTrafficEncryption=training.instance_count > 1,
                Tags=run_tags(run),
                **self._limits(run),
            )["TrainingJobArn"]
            image = self._deployment.train_image
        except ClientError as error:
            # The same drop may have come before, perhaps when the deployment had another image.
            job = self._find_training_job(name)
            if job is None:
                said = refusal(error)
                if said is None:
                    raise
                raise TrainingRefused(f"SageMaker refuses the training job: {said}.") from error
            arn, image = job["TrainingJobArn"], job["AlgorithmSpecification"]["TrainingImage"]
        return {"job": name, "arn": arn, "image": image, "instance_type": training.instance_type}

    def state(self, run: Run) -> State:
        job = self._sagemaker.describe_training_job(TrainingJobName=run_resource(self._deployment, run))
        facts = _job_facts(job)
        match job["TrainingJobStatus"]:
            case "InProgress" | "Stopping":
                return State(RunStatus.TRAINING, f"Training: {job['SecondaryStatus']}.", facts)
            case "Completed":
                return State(RunStatus.TRAINED, "Training has completed.", facts)
            case "Stopped":
                return State(RunStatus.FAILED, f"Training was stopped: {job['SecondaryStatus']}.", facts)
            case status:
                return State(RunStatus.FAILED, job.get("FailureReason") or f"Training ended as {status}.", facts)

    def model(self, run: Run) -> TrainedModel:
        model_uri = run.training["model"]
        key = model_uri.removeprefix(self._deployment.artifact_uri("")).removesuffix("model.tar.gz") + "output.tar.gz"
        files = output_archive.read_files(self._s3, self._deployment.artifacts_bucket, key)
        return TrainedModel(metrics=json.loads(files["metrics.json"]), report=files)

    def _limits(self, run: Run) -> "_Limits":
        """How long the job may take and, of spot, where its checkpoints go.

        Without spot there are none: only SageMaker itself starts a job again, and only an interrupted one, while each
        of a base model takes more than a gigabyte to the bucket.
        """
        training = run.settings.training
        if not training.spot:
            return {"StoppingCondition": {"MaxRuntimeInSeconds": training.max_seconds}}
        return {
            "EnableManagedSpotTraining": True,
            "StoppingCondition": {
                "MaxRuntimeInSeconds": training.max_seconds,
                "MaxWaitTimeInSeconds": training.wait_seconds,
            },
            "CheckpointConfig": {
                # Not in the run's own folder: a bucket's lifecycle rule can only expire what has a beginning in common.
                "S3Uri": self._deployment.artifact_uri(f"checkpoints/{run.classifier}/{run.run_id}/"),
                "LocalPath": CHECKPOINT_FOLDER,
            },
        }

    def _hyperparameters(self, run: Run) -> dict[str, str]:
        settings = run.settings
        base_model = {} if _is_s3(settings.base_model) else {"base_model": settings.base_model}
        price = settings.training.price_per_hour
        return {
            "classifier": run.classifier,
            "run_id": run.run_id,
            "mode": run.dataset.mode,
            "language": settings.language,
            **base_model,
            **({} if price is None else {"price_per_hour": str(price)}),
            **{name: str(value) for name, value in settings.hyperparameters.model_dump().items()},
        }

    def _channels(self, run: Run) -> list["ChannelTypeDef"]:
        uris = {str(name): self._deployment.artifact_uri(run.splits[name].key) for name in SPLITS}
        if _is_s3(run.settings.base_model):
            uris["pretrained"] = run.settings.base_model
        return [
            {
                "ChannelName": name,
                "DataSource": {
                    "S3DataSource": {
                        "S3DataType": "S3Prefix",
                        "S3Uri": uri,
                        "S3DataDistributionType": "FullyReplicated",
                    }
                },
            }
            for name, uri in uris.items()
        ]

    def _find_training_job(self, name: str) -> "DescribeTrainingJobResponseTypeDef | None":
        try:
            return self._sagemaker.describe_training_job(TrainingJobName=name)
        except ClientError as error:
            if "Requested resource not found" in str(error):
                return None
            raise


def _is_s3(base_model: str) -> bool:
    return base_model.startswith("s3://")


def _job_facts(job: "DescribeTrainingJobResponseTypeDef") -> dict[str, Any]:
    facts: dict[str, Any] = {"secondary_status": job["SecondaryStatus"]}
    for name, field in (
        ("started_at", "TrainingStartTime"),
        ("ended_at", "TrainingEndTime"),
        ("training_seconds", "TrainingTimeInSeconds"),
        ("billable_seconds", "BillableTimeInSeconds"),
    ):
        value = job.get(field)
        if value is not None:
            facts[name] = value.isoformat() if isinstance(value, datetime) else value
    if job.get("EnableManagedSpotTraining") and "training_seconds" in facts and "billable_seconds" in facts:
        # As AWS defines it: the share of the price of the time trained that is not billed.
        facts["spot_saving"] = round(1 - facts["billable_seconds"] / facts["training_seconds"], 4)
    if job["TrainingJobStatus"] == "Completed":
        facts["model"] = job["ModelArtifacts"]["S3ModelArtifacts"]
    return facts
