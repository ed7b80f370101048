"""Training: our training container as a SageMaker training job."""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, cast

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
    from mypy_boto3_sagemaker.type_defs import ChannelTypeDef, DescribeTrainingJobResponseTypeDef

# The training container prints one line an epoch; see containers/train/README.md.
METRICS: Final = (
    "train_loss",
    "train_accuracy",
    "validation_loss",
    "validation_accuracy",
    "validation_macro_f1",
)


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
                    "InstanceCount": 1,
                    "VolumeSizeInGB": training.volume_gb,
                },
                StoppingCondition={"MaxRuntimeInSeconds": training.max_seconds},
                EnableNetworkIsolation=True,
                Tags=run_tags(run),
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

    def _hyperparameters(self, run: Run) -> dict[str, str]:
        settings = run.settings
        base_model = {} if _is_s3(settings.base_model) else {"base_model": settings.base_model}
        return {
            "classifier": run.classifier,
            "run_id": run.run_id,
            "mode": run.dataset.mode,
            "language": settings.language,
            **base_model,
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
        ("billable_seconds", "BillableTimeInSeconds"),
    ):
        value = job.get(field)
        if value is not None:
            facts[name] = value.isoformat() if isinstance(value, datetime) else value
    if job["TrainingJobStatus"] == "Completed":
        facts["model"] = job["ModelArtifacts"]["S3ModelArtifacts"]
    return facts
