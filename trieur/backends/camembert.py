"""The camembert backend: our training and inference containers on SageMaker."""

import json
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NoReturn, cast

from botocore.exceptions import ClientError

from trieur import names
from trieur.backends import sagemaker_archive
from trieur.backends.base import DeploymentRefused, EndpointBusy, State, TrainedModel, TrainingRefused
from trieur.deployment import Clients, Deployment
from trieur.runs import Run, RunStatus
from trieur.splits import SPLITS

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.literals import ProductionVariantInstanceTypeType, TrainingInstanceTypeType
    from mypy_boto3_sagemaker.type_defs import (
        ChannelTypeDef,
        DescribeEndpointOutputTypeDef,
        DescribeTrainingJobResponseTypeDef,
        ProductionVariantTypeDef,
    )

VARIANT: Final = "AllTraffic"  # an endpoint is updated in place only while its variant keeps its name

# In these an endpoint answers with the configuration it names.
ANSWERING: Final = ("InService", "Updating", "SystemUpdating", "RollingBack", "UpdateRollbackFailed")

REASON_CHARACTERS: Final = 400

# CreateEndpoint reads its configuration with eventual consistency; in seconds.
CONFIG_PAUSES: Final = (0.25, 0.5, 1, 2)

# The training container prints one line an epoch; see containers/train/README.md.
METRICS: Final = (
    "train_loss",
    "train_accuracy",
    "validation_loss",
    "validation_accuracy",
    "validation_macro_f1",
)


class CamembertBackend:
    """See `trieur.backends.base.Backend`."""

    def __init__(self, deployment: Deployment, clients: Clients) -> None:
        self._deployment = deployment
        self._s3 = clients.s3
        self._sagemaker = clients.sagemaker

    def start_training(self, run: Run) -> dict[str, Any]:
        name = self._resource(run)
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
                OutputDataConfig={"S3OutputPath": self._uri(run.reference.prefix + "output/")},
                ResourceConfig={
                    "InstanceType": cast("TrainingInstanceTypeType", training.instance_type),
                    "InstanceCount": 1,
                    "VolumeSizeInGB": training.volume_gb,
                },
                StoppingCondition={"MaxRuntimeInSeconds": training.max_seconds},
                EnableNetworkIsolation=True,
                Tags=self._tags(run),
            )["TrainingJobArn"]
            image = self._deployment.train_image
        except ClientError as error:
            # The same drop may have come before, perhaps when the deployment had another image.
            job = self._find_training_job(name)
            if job is None:
                _raise_refusal(error)
            arn, image = job["TrainingJobArn"], job["AlgorithmSpecification"]["TrainingImage"]
        return {"job": name, "arn": arn, "image": image, "instance_type": training.instance_type}

    def training_state(self, run: Run) -> State:
        job = self._sagemaker.describe_training_job(TrainingJobName=self._resource(run))
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

    def trained_model(self, run: Run) -> TrainedModel:
        model_uri = run.training["model"]
        key = model_uri.removeprefix(self._uri("")).removesuffix("model.tar.gz") + "output.tar.gz"
        files = sagemaker_archive.read_files(self._s3, self._deployment.artifacts_bucket, key)
        return TrainedModel(metrics=json.loads(files["metrics.json"]), report=files)

    def deployed_run(self, classifier: str) -> str | None:
        endpoint = self._describe_endpoint(names.endpoint(self._deployment.name, classifier))
        if endpoint is None or endpoint["EndpointStatus"] not in ANSWERING:
            return None
        config = endpoint.get("EndpointConfigName")
        return names.run_of_resource(self._deployment.name, classifier, config) if config else None

    def deploy(self, run: Run) -> dict[str, Any]:
        name, config = names.endpoint(self._deployment.name, run.classifier), self._resource(run)
        endpoint = self._describe_endpoint(name)
        if endpoint is not None and endpoint["EndpointStatus"] == "Failed":
            # A failed endpoint answers nobody and cannot be updated.
            self._sagemaker.delete_endpoint(EndpointName=name)
            raise EndpointBusy(f"Endpoint {name} had failed and is being deleted before it is created anew.")
        if endpoint is not None and config not in _configs(endpoint):
            _require_settled(endpoint)
            self._require_same_kind(endpoint, run)
            self._create_model_and_config(run)
            arn = self._update_endpoint(name, config)
        elif endpoint is None:
            self._create_model_and_config(run)
            arn = self._create_endpoint(name, config, run)
        else:
            arn = endpoint["EndpointArn"]
        return {"name": name, "arn": arn, "config": config, "kind": run.settings.endpoint.kind}

    def endpoint_state(self, run: Run) -> State:
        name, config = names.endpoint(self._deployment.name, run.classifier), self._resource(run)
        endpoint = self._describe_endpoint(name)
        if endpoint is None:
            return State(RunStatus.FAILED, f"Endpoint {name} was deleted while it was being deployed.")
        status, reason = endpoint["EndpointStatus"], endpoint.get("FailureReason", "AWS gives no reason.")
        if status in ("Creating", "Updating", "SystemUpdating", "RollingBack"):
            return State(RunStatus.DEPLOYING, f"Endpoint {name} is {status}.")
        if status == "InService":
            # A deployment that rolled back leaves the endpoint in service on the configuration it had before.
            if endpoint.get("EndpointConfigName") == config:
                return State(RunStatus.LIVE, f"Endpoint {name} answers with this run's model.")
            previous = endpoint.get("EndpointConfigName")
            return State(RunStatus.ROLLED_BACK, f"Endpoint {name} still answers with {previous}: {reason}")
        return State(RunStatus.FAILED, f"Endpoint {name} is {status}: {reason}")

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
        uris = {str(name): self._uri(run.splits[name].key) for name in SPLITS}
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

    def _create_model_and_config(self, run: Run) -> None:
        name, kind = self._resource(run), run.settings.endpoint.kind
        with _already_existing_is_fine():
            self._sagemaker.create_model(
                ModelName=name,
                ExecutionRoleArn=self._deployment.serving_role_arn,
                PrimaryContainer={
                    "Image": self._deployment.serve_image,
                    "ModelDataUrl": run.training["model"],
                },
                # AWS forbids network isolation on a serverless endpoint's model.
                EnableNetworkIsolation=kind == "real-time",
                Tags=self._tags(run),
            )
        with _already_existing_is_fine():
            self._sagemaker.create_endpoint_config(
                EndpointConfigName=name, ProductionVariants=[self._variant(run)], Tags=self._tags(run)
            )

    def _variant(self, run: Run) -> "ProductionVariantTypeDef":
        endpoint = run.settings.endpoint
        if endpoint.kind == "serverless":
            return {
                "VariantName": VARIANT,
                "ModelName": self._resource(run),
                "ServerlessConfig": {
                    "MemorySizeInMB": endpoint.memory_mb,
                    "MaxConcurrency": endpoint.max_concurrency,
                },
            }
        return {
            "VariantName": VARIANT,
            "ModelName": self._resource(run),
            "InstanceType": cast("ProductionVariantInstanceTypeType", endpoint.instance_type),
            "InitialInstanceCount": endpoint.instance_count,
            "InitialVariantWeight": 1.0,
        }

    def _create_endpoint(self, name: str, config: str, run: Run) -> str:
        create = partial(
            self._sagemaker.create_endpoint, EndpointName=name, EndpointConfigName=config, Tags=self._tags(run)
        )
        for pause in CONFIG_PAUSES:
            try:
                return create()["EndpointArn"]
            except ClientError as error:
                if "Could not find endpoint configuration" not in str(error):
                    raise
            time.sleep(pause)
        return create()["EndpointArn"]

    def _update_endpoint(self, name: str, config: str) -> str:
        try:
            return self._sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=config)["EndpointArn"]
        except ClientError as error:
            if "Cannot update in-progress endpoint" in str(error):
                raise EndpointBusy(f"Endpoint {name} is being updated for another run.") from error
            raise

    def _require_same_kind(self, endpoint: "DescribeEndpointOutputTypeDef", run: Run) -> None:
        variant = self._sagemaker.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])[
            "ProductionVariants"
        ][0]
        current = "serverless" if "ServerlessConfig" in variant else "real-time"
        asked = run.settings.endpoint.kind
        if current != asked:
            raise DeploymentRefused(
                f"Endpoint {endpoint['EndpointName']} is {current} and AWS cannot turn it into {asked} in place: "
                f"delete it (aws sagemaker delete-endpoint --endpoint-name {endpoint['EndpointName']}) and drop "
                "the dataset again, or set endpoint.kind back."
            )

    def _find_training_job(self, name: str) -> "DescribeTrainingJobResponseTypeDef | None":
        try:
            return self._sagemaker.describe_training_job(TrainingJobName=name)
        except ClientError as error:
            if "Requested resource not found" in str(error):
                return None
            raise

    def _describe_endpoint(self, name: str) -> "DescribeEndpointOutputTypeDef | None":
        try:
            return self._sagemaker.describe_endpoint(EndpointName=name)
        except ClientError as error:
            if "Could not find endpoint" in str(error):
                return None
            raise

    def _resource(self, run: Run) -> str:
        return names.run_resource(self._deployment.name, run.classifier, run.run_id)

    def _uri(self, key: str) -> str:
        return f"s3://{self._deployment.artifacts_bucket}/{key}"

    def _tags(self, run: Run) -> list[Any]:
        return [
            {"Key": "trieur:classifier", "Value": run.classifier},
            {"Key": "trieur:run", "Value": run.run_id},
        ]


def _is_s3(base_model: str) -> bool:
    return base_model.startswith("s3://")


def _raise_refusal(error: ClientError) -> NoReturn:
    """Raises TrainingRefused for what the settings ask in vain, the error itself for what may pass."""
    code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
    in_vain = ("failed to satisfy constraint", "No S3 objects found under S3 URL")
    if code == "ResourceLimitExceeded" or any(reason in message for reason in in_vain):
        # After an unknown instance type come the names of all that are known.
        said = textwrap.shorten(message, REASON_CHARACTERS, placeholder=" ...").rstrip(".")
        raise TrainingRefused(f"SageMaker refuses the training job: {said}.") from error
    raise error


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


def _configs(endpoint: "DescribeEndpointOutputTypeDef") -> set[str | None]:
    """The configuration the endpoint is on and, while it is being updated, the one it is going to."""
    pending = endpoint.get("PendingDeploymentSummary", {}).get("EndpointConfigName")
    return {endpoint.get("EndpointConfigName"), pending}


def _require_settled(endpoint: "DescribeEndpointOutputTypeDef") -> None:
    status, name = endpoint["EndpointStatus"], endpoint["EndpointName"]
    if status in ("Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"):
        raise EndpointBusy(f"Endpoint {name} is {status} for another run.")
    if status != "InService":
        raise DeploymentRefused(
            f"Endpoint {name} is {status} and cannot be updated: "
            f"{endpoint.get('FailureReason', 'see the SageMaker console')}. Delete it and drop the dataset again."
        )


@contextmanager
def _already_existing_is_fine() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if "already existing" not in str(error):
            raise
